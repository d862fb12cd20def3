import type { Answer } from '../answers.js';
import type { Generator } from '../load/generator.js';
import type { Running } from '../servers/start.js';
import { isSteady } from '../statistics.js';

const PROBE = { connections: 32, seconds: 1 };

/** Asks a server for those of the answers that it has until its rate is steady, or until so many probes of one are made. */
export async function warm(
  generator: Generator,
  { server, url }: Running,
  answers: readonly Answer[],
  probes: number,
): Promise<void> {
  for (const request of answers.flatMap((answer) => server.requests[answer] ?? [])) {
    const { path, headers, status } = request;
    const rates: number[] = [];
    while (rates.length < probes && !isSteady(rates)) {
      const sample = await generator.measure({ url: url + path, headers, status, ...PROBE });
      rates.push(sample.requestsPerSecond);
    }
  }
}
