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

/** How long a start may take, in milliseconds; a store of millions is seeded in it. */
const START_LIMIT = 600_000;

/** How long to wait before a server that does not answer is asked again, in milliseconds. */
const PAUSE = 2;

/**
 * Starts a server on a free port, waits for its first 200, and checks every answer that it is measured by.
 * Throws an Error where it ends, does not answer in time, or answers something else.
 */
export async function startServer(server: Server): Promise<Running> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const begin = performance.now();
  const child = spawnChild(server.command(port));
  try {
    while (!(await isReady(url, server))) {
      child.requireAlive();
      if (performance.now() - begin > START_LIMIT) throw new Error(`${server.title} gives no 200`);
      await sleep(PAUSE);
    }
    const ready = performance.now() - begin;
    for (const request of Object.values(server.requests)) await requireAnswer(url, request);
    return { server, url, child, ready };
  } catch (error) {
    await child.stop();
    throw error;
  }
}

async function isReady(url: string, { requests: { hit } }: Server): Promise<boolean> {
  try {
    return (await ask(url, { method: 'GET', ...hit, body: undefined })).status === hit.status;
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
