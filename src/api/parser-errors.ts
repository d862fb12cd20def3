import { maxHeaderSize, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ConnectionError } from 'fastify';
import type { Logger } from 'pino';
import { afterAnswers } from './connections.js';
import { ApiError, errorOf } from './errors.js';
import { nextId } from './record.js';
import { traces } from './trace.js';

/** The supported versions of HTTP. */
export const HTTP_VERSIONS = ['1.0', '1.1'];

/** The answer to any other version. */
export const versionNotSupported = new ApiError('versionNotSupported', { supported: HTTP_VERSIONS });

/** The first byte of a TLS handshake (RFC 8446, 5.1), with which no HTTP request starts. */
const TLS_HANDSHAKE = 0x16;

/**
 * Answers bytes that Node's HTTP parser refuses, and closes the connection; Fastify's `clientErrorHandler`.
 *
 * @param logger gets a warning at the first TLS handshake
 */
export function createParserErrorHandler(logger: Pick<Logger, 'warn'>) {
  let hasWarned = false;
  const refused = new WeakSet<Duplex>();
  return (error: ConnectionError, socket: Duplex): void => {
    // The parser refuses all that follows, too.
    if (refused.has(socket)) return;
    refused.add(socket);
    if (!hasWarned && error.code === 'HPE_INVALID_METHOD' && packetOf(error)[0] === TLS_HANDSHAKE) {
      hasWarned = true;
      logger.warn('a client sent a TLS handshake, and this port serves HTTP without TLS: use http:// and not https://');
    }
    const refusal = fromParserError(error);
    const trace = traces.get(socket);
    if (trace !== undefined) trace.reason = refusal.reason;
    afterAnswers(socket, () => endWith(socket, refusal, nextId()));
  };
}

function fromParserError(error: ConnectionError): ApiError {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return new ApiError(isInRequestLine(error) ? 'targetTooLong' : 'headersTooLarge', { limit: maxHeaderSize });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return errorOf('requestTimeout');
    case 'HPE_PAUSED_H2_UPGRADE':
      return versionNotSupported;
    case 'HPE_INVALID_VERSION':
      // Node has the same code for a version that is not followed by CRLF.
      if (error.message.includes('Invalid HTTP version')) return versionNotSupported;
  }
  const details = { field: 'request', value: error.code, reason: error.message };
  return new ApiError(error.code === 'HPE_INVALID_METHOD' ? 'methodUnknown' : 'malformedRequest', details);
}

/** Fastify's type of the packet is wrong. */
const packetOf = ({ rawPacket }: ConnectionError) => rawPacket as unknown as Buffer;

/** Whether the request line alone exceeded the limit; if it came in pieces, that is not known. */
function isInRequestLine(error: ConnectionError): boolean {
  const packet = packetOf(error);
  const lineEnd = packet.indexOf('\n');
  return /^[A-Z]+ /.test(packet.toString('latin1', 0, 20)) && (lineEnd === -1 || lineEnd >= maxHeaderSize);
}

function endWith(socket: Duplex, { status, body }: ApiError, id: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${id}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
