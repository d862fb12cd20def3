import type { Server } from '../servers/server.js';
import { startServer } from '../servers/start.js';
import { median, rotate } from '../statistics.js';

/** Starts and stops each server so many times; returns the median of the time to its first 200, by its name. */
export async function measureStarts(servers: readonly Server[], rounds: number): Promise<Map<string, number>> {
  const times = new Map(servers.map(({ name }): [string, number[]] => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const server of rotate(servers, round)) {
      const { child, ready } = await startServer(server);
      await child.stop();
      times.get(server.name)?.push(ready);
    }
  }
  return new Map([...times].map(([name, all]) => [name, median(all)]));
}
