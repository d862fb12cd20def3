import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from '../servers/server.js';
import { startServer } from '../servers/start.js';
import { rotate } from '../statistics.js';

/** The pause before the memory at rest is read, in milliseconds. */
const REST = 1_000;

/** The starts of a server. */
export interface Starts {
  /** The times from spawn to the first 200, one per round, in milliseconds. */
  ready: number[];
  /** Memory a second after its first start, in bytes. */
  rest: number;
}

/** Starts and stops each server once per round; returns the starts by the server's name. */
export async function measureStarts(servers: readonly Server[], rounds: number): Promise<Map<string, Starts>> {
  const all = new Map(servers.map(({ name }): [string, Starts] => [name, { ready: [], rest: 0 }]));
  for (let round = 0; round < rounds; round += 1) {
    for (const server of rotate(servers, round)) {
      const starts = all.get(server.name) as Starts;
      const { child, ready } = await startServer({ ...server, workloads: {} });
      if (round === 0) {
        await sleep(REST);
        starts.rest = child.readMemory();
      }
      await child.stop();
      starts.ready.push(ready);
    }
  }
  return all;
}
