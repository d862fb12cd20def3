import { Finding } from '../failure.js';

/** An answer as received. */
export interface Response {
  status: number;
  /** The values of each field, by its name in lower case. */
  headers: ReadonlyMap<string, readonly string[]>;
  body: Buffer;
}

const STATUS_LINE = /^HTTP\/1\.1 ([1-5]\d\d) [\t\x20-\x7e]*$/;

const FIELD = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\x20-\x7e\x80-\xff\t]*?)[ \t]*$/;

/** The statuses without a body (RFC 9110, 6.4.1). */
const BODILESS = [204, 304];

/**
 * Reads answers as strictly as RFC 9112 allows; interim answers are skipped. Throws a Finding for an incomplete answer, and
 * for bytes after an answer that closes the connection.
 *
 * @param methods the methods of the requests, because an answer to HEAD has no body; GET after the last
 */
export function* readResponses(bytes: Buffer, methods: readonly string[]): Generator<Response> {
  let count = 0;
  let isOver = false;
  for (let at = 0; at < bytes.length; ) {
    if (isOver) throw malformed('nothing after an answer that closes the connection', bytes, at);
    const { response, end } = parseResponse(bytes, at, methods[count] ?? 'GET');
    at = end;
    if (response.status < 200) continue;
    count += 1;
    isOver = isClosing(response);
    yield response;
  }
}

/** Whether every request has its complete answer. */
export function isAnswered(bytes: Buffer, methods: readonly string[]): boolean {
  let missing = methods.length;
  try {
    for (const _ of readResponses(bytes, methods)) missing -= 1;
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
  }
  return missing <= 0;
}

/** Whether an answer closes the connection. */
function isClosing({ headers }: Response): boolean {
  return headers.get('connection')?.some((value) => value.toLowerCase() === 'close') ?? false;
}

function parseResponse(bytes: Buffer, start: number, method: string): { response: Response; end: number } {
  const headEnd = bytes.indexOf('\r\n\r\n', start);
  if (headEnd === -1) throw malformed('the head of an answer', bytes, start);
  const [statusLine = '', ...lines] = bytes.toString('latin1', start, headEnd).split('\r\n');
  const status = Number(STATUS_LINE.exec(statusLine)?.[1]);
  if (Number.isNaN(status)) throw malformed('a status line of HTTP/1.1', bytes, start);
  const headers = parseFields(lines);
  const bodyStart = headEnd + 4;
  if (status < 200 || BODILESS.includes(status)) {
    if (headers.has('transfer-encoding')) throw malformed(`no transfer-encoding in a ${status}`, bytes, start);
    return { response: { status, headers, body: Buffer.alloc(0) }, end: bodyStart };
  }
  const { body, end } = parseBody(bytes, bodyStart, headers, method === 'HEAD');
  return { response: { status, headers, body }, end };
}

function parseFields(lines: readonly string[]): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Finding('a header field', JSON.stringify(line));
    const key = name.toLowerCase();
    headers.set(key, [...(headers.get(key) ?? []), value]);
  }
  return headers;
}

function parseBody(bytes: Buffer, start: number, headers: ReadonlyMap<string, readonly string[]>, isHead: boolean) {
  const lengths = headers.get('content-length');
  const codings = headers.get('transfer-encoding');
  if (isHead) return { body: Buffer.alloc(0), end: start };
  const isFramed = lengths === undefined ? codings?.join() === 'chunked' : lengths.length === 1 && !codings;
  if (!isFramed) throw new Finding('either one content-length or chunks', `${lengths} and ${codings}`);
  if (lengths === undefined) return parseChunks(bytes, start);
  const length = /^\d+$/.test(lengths[0] as string) ? Number(lengths[0]) : Number.NaN;
  const end = start + length;
  if (!(end <= bytes.length)) {
    throw new Finding(`a body of content-length ${lengths[0]}`, `${bytes.length - start} bytes`);
  }
  return { body: bytes.subarray(start, end), end };
}

function parseChunks(bytes: Buffer, start: number): { body: Buffer; end: number } {
  const chunks: Buffer[] = [];
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const size = lineEnd === -1 ? '' : bytes.toString('latin1', at, lineEnd);
    const chunkStart = lineEnd + 2;
    const chunkEnd = chunkStart + Number.parseInt(size, 16);
    const isComplete = /^[0-9a-f]+$/i.test(size) && bytes.toString('latin1', chunkEnd, chunkEnd + 2) === '\r\n';
    if (!isComplete) throw malformed('a complete chunk', bytes, at);
    if (chunkEnd === chunkStart) return { body: Buffer.concat(chunks), end: chunkEnd + 2 };
    chunks.push(bytes.subarray(chunkStart, chunkEnd));
    at = chunkEnd + 2;
  }
}

function malformed(expected: string, bytes: Buffer, at: number): Finding {
  return new Finding(expected, `${JSON.stringify(bytes.toString('latin1', at, at + 200))} at byte ${at}`);
}
