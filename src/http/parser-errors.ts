import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionError, FastifyInstance } from 'fastify';
import { HTTP_VERSIONS } from './error-handlers.js';
import { ApiError } from './errors.js';

/**
 * Answers what Node itself would answer with an empty or foreign body: an unsupported Expect, and CONNECT. What is still to
 * be answered of the latter when the app closes is cut off, behind the hooks that are there already.
 */
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
  // Node takes its hands off a socket that asks for a tunnel: it is in no timeout and no close any more.
  const detached = new Set<Duplex>();
  app.addHook('preClose', async () => {
    for (const socket of detached) socket.destroy();
  });
  app.server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    detached.add(socket);
    socket.once('close', () => detached.delete(socket));
    // A client that resets it would end the process.
    socket.on('error', () => socket.destroy());
    // What is not read would reset the connection before the client has read its answer.
    socket.resume().once('finish', () => socket.destroy());
    const reason = 'this server is not a proxy';
    const refusal = new ApiError('routeNotFound', { field: 'target', value: request.url, reason });
    afterAnswers(socket, () => endSocket(socket, refusal));
  });
}

/**
 * Makes what answers bytes that Node's HTTP parser refuses, and closes; given to Fastify as `clientErrorHandler`. Takes
 * how many bytes the parser takes in front of a body.
 */
export function makeParserErrorHandler(maxHeaderBytes: number): (error: ConnectionError, socket: Socket) => void {
  return (error, socket) => afterAnswers(socket, () => endSocket(socket, toApiError(error, maxHeaderBytes)));
}

/** Calls back once the requests in front of the refused one are answered; Node keeps the one in turn on the socket. */
function afterAnswers(socket: Duplex & { _httpMessage?: ServerResponse | null }, done: () => void): void {
  const answer = socket._httpMessage;
  // An answer that waits for the rest of a body never comes where it is that rest which is refused, or late.
  if (!answer || isWaiting(answer)) done();
  else answer.once('close', () => setImmediate(() => afterAnswers(socket, done)));
}

function isWaiting({ req, headersSent }: ServerResponse): boolean {
  return !req.complete && !headersSent;
}

function toApiError(error: ConnectionError, maxHeaderBytes: number): ApiError {
  const details = { field: 'request', value: error.code, reason: error.message };
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return isInRequestLine(error.rawPacket as unknown as Buffer, maxHeaderBytes)
        ? new ApiError('targetTooLong', { limit: maxHeaderBytes })
        : new ApiError('headersTooLarge', { limit: maxHeaderBytes });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ApiError('requestTimeout');
    case 'HPE_INVALID_VERSION':
    case 'HPE_PAUSED_H2_UPGRADE':
      return new ApiError('versionNotSupported', { supported: HTTP_VERSIONS });
    default:
      return new ApiError('malformedRequest', details);
  }
}

/** Whether a request that grew too large did so in its first line, which is where the target is. */
function isInRequestLine(packet: Buffer, maxHeaderBytes: number): boolean {
  const lineEnd = packet.indexOf('\n');
  return /^[A-Z]+ /.test(packet.toString('latin1', 0, 20)) && (lineEnd === -1 || lineEnd >= maxHeaderBytes);
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
