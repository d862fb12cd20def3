import type { Server } from 'node:http';
import { Duplex } from 'node:stream';
import { parseTarget } from '../api/target.js';
import { startTrace } from '../api/trace.js';
import { quote } from '../util/text.js';
import { type AdviceContext, advise, refineReason } from './advice.js';
import { describeAnswer, type Explanation, listSteps, type Run } from './describe.js';

/** A request to explain. */
export interface ExplainedRequest {
  /** As it would be sent, such as `/har/api/v1/…`; any text. */
  target: string;
  /** `GET` unless given. */
  method?: string | undefined;
  /** Header lines, one character a byte. */
  headers: [name: string, value: string][];
}

/**
 * Explains a request by the real pipeline: hands an in-process connection to the server and reads what was decided. The
 * app must be ready but need not listen. Nothing is recorded, waited for or changed.
 */
export async function explain(
  server: Server,
  store: AdviceContext['store'],
  { target, method = 'GET', headers }: ExplainedRequest,
): Promise<Explanation> {
  const { kind, path } = parseTarget(target);
  if (kind === 'own') {
    const found = `${quote(path)} is a path of the server itself, not of the API`;
    return { target, steps: [{ step: 'route', passed: true, found }], message: 'not explained' };
  }
  const run = await send(server, target, method, headers);
  // The answer to a HEAD has no body: its details are those of the GET.
  if (method === 'HEAD') run.details = (await send(server, target, 'GET', headers)).details;
  const { trace } = run;
  const explanation = { target, steps: listSteps(run), ...describeAnswer(run) };
  if (trace.reason === undefined) return explanation;
  const advice = advise(target, trace.reason, { store, key: trace.apiKey });
  return { ...explanation, reason: refineReason(target, trace.reason), advice };
}

/** Sends a request over an in-process connection; no status if it is closed without an answer. */
function send(server: Server, target: string, method: string, headers: [string, string][]): Promise<Run> {
  const requestLine = Buffer.from(`${method} ${target} HTTP/1.1`).toString('latin1');
  const lines = [requestLine, 'Host: localhost', ...headers.map((header) => header.join(': '))];
  // A line break would make it two requests.
  if (lines.some((line) => /[\r\n]/.test(line))) {
    return Promise.resolve({ target, method, trace: { reason: 'unsendable' }, status: 400, details: {} });
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const connection = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        chunks.push(chunk);
        done();
      },
      final(done) {
        done();
        connection.destroy();
      },
      destroy(_error, done) {
        done(null);
        const [head = '', body = ''] = Buffer.concat(chunks).toString('utf8').split('\r\n\r\n', 2);
        const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
        // Node closes the connection of a CONNECT without an answer.
        if (status === undefined) trace.reason = 'methodNotAllowed';
        const { details = {} } = JSON.parse(body || '{}');
        resolve({ target, method, trace, ...(status && { status: Number(status) }), details });
      },
    });
    const trace = startTrace(connection);
    server.emit('connection', connection);
    connection.push(Buffer.from(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`, 'latin1'));
  });
}
