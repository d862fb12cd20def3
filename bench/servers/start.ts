import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, requireAnswer } from '../ask.js';
import { type Child, spawnChild } from '../process.js';
import type { Server } from './server.js';

/** A server that answers. */
export interface Running {
  server: Server;
  url: string;
  child: Child;
  /** The time from its spawn to its first 200, in milliseconds. */
  ready: number;
}

/** How long a start may take, in milliseconds: it may seed millions of versions. */
const START_TIMEOUT = 600_000;

/** The pause between two attempts to reach a starting server, in milliseconds. */
const PAUSE = 2;

/**
 * Starts a server on a free port, waits for its first 200, and checks an answer of each workload. Throws an Error if the
 * server ends, does not answer in time, or answers something else.
 */
export async function startServer(server: Server): Promise<Running> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const begin = performance.now();
  const child = spawnChild(server.command(port));
  try {
    while (!(await isReady(url, server))) {
      child.requireAlive();
      if (performance.now() - begin > START_TIMEOUT) throw new Error(`${server.title} does not answer with a 200`);
      await sleep(PAUSE);
    }
    const ready = performance.now() - begin;
    await server.setUp?.(url);
    for (const request of [server.first, ...Object.values(server.workloads)]) await requireAnswer(url, request);
    return { server, url, child, ready };
  } catch (error) {
    await child.stop();
    throw error;
  }
}

/** Starts servers, uses them, and stops them in any case. */
export async function whileRunning<Result>(
  servers: readonly Server[],
  use: (running: Running[]) => Promise<Result>,
): Promise<Result> {
  const running: Running[] = [];
  try {
    for (const server of servers) running.push(await startServer(server));
    return await use(running);
  } finally {
    await Promise.all(running.map(({ child }) => child.stop()));
  }
}

async function isReady(url: string, { first: { path, headers, status } }: Server): Promise<boolean> {
  try {
    return (await ask(url, { method: 'GET', path, headers })).status === status;
  } catch {
    return false;
  }
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
