import type { Generator } from '../load/generator.js';
import type { Running } from '../servers/start.js';
import { isSteady } from '../statistics.js';

const PROBE = { connections: 32, seconds: 1 };

/** Asks a server for each of its answers until its rate is steady, or until so many probes are made for one. */
export async function warm(generator: Generator, { server, url }: Running, probes: number): Promise<void> {
  for (const { path, headers, status } of Object.values(server.requests)) {
    const rates: number[] = [];
    while (rates.length < probes && !isSteady(rates)) {
      const sample = await generator.measure({ url: url + path, headers, status, ...PROBE });
      rates.push(sample.requestsPerSecond);
    }
  }
}
