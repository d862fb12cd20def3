import type { Server } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** For how long nothing must be asked before a server may believe that nothing is on its way, in milliseconds. */
const QUIET = 100;

/** The longest that a server drains, in milliseconds. */
const LIMIT = 700;

/**
 * Waits until a server that is about to close has been asked what clients sent before they knew of it. On its close,
 * Node destroys every connection without a request, and loses one that is on its way there or waits to be accepted.
 * Until then Fastify tells the client of every answer to close, so that a busy connection ends by itself.
 */
export async function drain(server: Server): Promise<void> {
  let isQuiet = false;
  const hear = () => {
    isQuiet = false;
  };
  server.on('request', hear).on('connection', hear);
  const end = performance.now() + LIMIT;
  while (!isQuiet && performance.now() < end && (await countConnections(server)) > 0) {
    isQuiet = true;
    await sleep(QUIET);
  }
}

function countConnections(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
}
