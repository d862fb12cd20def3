import { type IncomingMessage, maxHeaderSize, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionError, FastifyInstance } from 'fastify';
import { ApiError } from './errors.js';

/** Answers what Node itself would answer with an empty or foreign body: an unsupported Expect, and CONNECT. */
export function answerNodeRefusals(app: FastifyInstance): void {
  app.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    const { envelope, status } = new ApiError('expectationFailed', {
      field: 'Expect',
      value: request.headers.expect,
      reason: 'only 100-continue is supported',
    });
    const body = JSON.stringify(envelope);
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
  app.server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    // Node takes its hands off the socket: a client that resets it would end the process.
    socket.on('error', () => socket.destroy());
    const reason = 'this server is not a proxy';
    const refusal = new ApiError('routeNotFound', { field: 'target', value: request.url, reason });
    afterAnswers(socket, () => endSocket(socket, refusal));
  });
}

/** Answers bytes that Node's HTTP parser refuses, and closes; given to Fastify as `clientErrorHandler`. */
export function answerParserError(error: ConnectionError, socket: Socket): void {
  afterAnswers(socket, () => endSocket(socket, toApiError(error)));
}

/** Calls back once the requests in front of the refused one are answered; Node keeps the one in turn on the socket. */
function afterAnswers(socket: Duplex & { _httpMessage?: ServerResponse | null }, done: () => void): void {
  if (!socket._httpMessage) done();
  else socket._httpMessage.once('close', () => setImmediate(() => afterAnswers(socket, done)));
}

function toApiError(error: ConnectionError): ApiError {
  const details = { field: 'request', value: error.code, reason: error.message };
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return isInRequestLine(error.rawPacket as unknown as Buffer)
        ? new ApiError('targetTooLong', { limit: maxHeaderSize })
        : new ApiError('headersTooLarge', { limit: maxHeaderSize });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ApiError('requestTimeout');
    case 'HPE_INVALID_VERSION':
    case 'HPE_PAUSED_H2_UPGRADE':
      return new ApiError('versionNotSupported', { supported: ['1.0', '1.1'] });
    default:
      return new ApiError('malformedRequest', details);
  }
}

/** Whether a request that grew too large did so in its first line, which is where the target is. */
function isInRequestLine(packet: Buffer): boolean {
  const lineEnd = packet.indexOf('\n');
  return /^[A-Z]+ /.test(packet.toString('latin1', 0, 20)) && (lineEnd === -1 || lineEnd >= maxHeaderSize);
}

function endSocket(socket: Duplex, { status, envelope }: ApiError): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(envelope);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
