import { existsSync, readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';

/** What bounds how much clients can take of a server. */
export interface Limits {
  /** How many connections are held at once; 0 bounds them by nothing. */
  maxConnections: number;
  /** How many bytes the first line and the headers of a request may have, together. */
  maxHeaderBytes: number;
  /** How many bytes a fixture may have that is sent to the admin API. */
  maxBodyBytes: number;
  /** Within how many milliseconds a request must have come whole; 0 waits for ever. */
  requestTimeout: number;
}

/** Node looks only so often for requests that are late, in milliseconds at most. */
const LONGEST_INTERVAL = 30_000;

/** How often within its time a request is looked at. */
const LOOKS = 4;

/** How many descriptors are kept for what is no connection: the store, fixtures, and modules that are loaded late. */
const KEPT_DESCRIPTORS = 64;

/** Where Linux tells a process of its limits; elsewhere they are not known. */
const LIMITS_FILE = '/proc/self/limits';

/** What is told of connections that are not served is told so often, in milliseconds. */
const TELLING_INTERVAL = 1_000;

/** The options of Node's server that bound how long the headers of a request may take; a body has the same time. */
export function checkRequestsWithin({ requestTimeout }: Pick<Limits, 'requestTimeout'>): {
  headersTimeout: number;
  requestTimeout: number;
  connectionsCheckingInterval: number;
} {
  const interval = requestTimeout === 0 ? LONGEST_INTERVAL : Math.ceil(requestTimeout / LOOKS);
  return {
    headersTimeout: requestTimeout,
    requestTimeout,
    connectionsCheckingInterval: Math.min(interval, LONGEST_INTERVAL),
  };
}

/**
 * Reads how many connections the descriptors of this process are enough for; Infinity where the system does not tell.
 * Takes the file that has its limits.
 */
export function readDescriptorLimit(file = LIMITS_FILE): number {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const open = /^Max open files +(\d+)/m.exec(text)?.[1];
  return open === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Number(open) - KEPT_DESCRIPTORS);
}

/**
 * Makes an app close connections beyond the limit at once, unanswered, and go on where the system has no descriptor for
 * one; the log tells of both, once a second at most. The descriptors of the process are a limit, too: a module whose file
 * cannot be opened at its first import is lost for good.
 */
export function boundConnections(app: FastifyInstance, { maxConnections }: Pick<Limits, 'maxConnections'>): void {
  const { server, log } = app;
  const possible = readDescriptorLimit();
  const most = Math.min(maxConnections || Number.POSITIVE_INFINITY, possible);
  server.maxConnections = most;
  const remedy = most === possible ? 'raise the limit of open files' : '--max-connections moves this limit';
  const tellDropped = tellSometimes(app, (times) =>
    log.warn(`connections closed unanswered: ${times}; ${most} are open, ${remedy}`),
  );
  const tellFailed = tellSometimes(app, (times, error) =>
    log.error({ err: error }, `connections not accepted: ${times}; raise the limit of open files`),
  );
  server.on('drop', () => tellDropped());
  // Before, an error is one of listening, which is told otherwise.
  server.once('listening', () => server.on('error', tellFailed));
}

/** Makes what counts calls, and tells in intervals how many there were and what the last one was about. */
function tellSometimes(app: FastifyInstance, tell: (times: number, last: unknown) => void): (about?: unknown) => void {
  let times = 0;
  let last: unknown;
  let timer: NodeJS.Timeout | undefined;
  app.addHook('onClose', async () => clearTimeout(timer));
  return (about) => {
    times += 1;
    last = about;
    timer ??= setTimeout(() => {
      tell(times, last);
      times = 0;
      timer = undefined;
    }, TELLING_INTERVAL);
  };
}
