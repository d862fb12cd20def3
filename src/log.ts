import type { Writable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { type Logger, pino } from 'pino';
import type { LogLevel } from './log-level.js';
import { isOwnTarget } from './own-target.js';

const REDACTED = ['x-api-key', 'authorization'].flatMap((header) => [`headers["${header}"]`, `*.headers["${header}"]`]);

/**
 * Makes a logger that writes JSON lines to a stream, or lines for people where the stream is a terminal. Headers that
 * carry keys are redacted.
 */
export async function createLogger(level: LogLevel, stream: Writable & { isTTY?: boolean }): Promise<Logger> {
  const options = { level, redact: REDACTED, serializers: { req: describeRequest } };
  if (!stream.isTTY || level === 'silent') return pino(options, stream);
  const { default: pretty } = await import('pino-pretty');
  return pino(
    options,
    pretty({ destination: stream, colorize: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }),
  );
}

/** A request as it came over the wire; the router sees its target rewritten. A query of our own may hold a key. */
function describeRequest({ method, originalUrl, ip }: FastifyRequest): object {
  return { method, target: isOwnTarget(originalUrl) ? originalUrl.replace(/\?.*$/s, '') : originalUrl, from: ip };
}
