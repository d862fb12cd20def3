import type { Answer } from '../answers.js';
import { requireAnswer } from '../ask.js';
import type { Generator } from '../load/generator.js';
import type { Plan } from '../options.js';
import type { Progress } from '../progress.js';
import type { Running } from '../servers/start.js';
import { rotate } from '../statistics.js';

/** One measurement of one server. */
export interface Measurement {
  server: string;
  answer: Answer;
  connections: number;
  round: number;
  requestsPerSecond: number;
  /** In milliseconds. */
  p99: number;
}

/** What is measured: an answer, asked for by so many at once. */
export interface Cell {
  answer: Answer;
  connections: number;
}

/**
 * Measures each cell on every server that has the answer, round by round, so that what disturbs the machine disturbs
 * all. Throws an Error for an answer that is not as it must be.
 */
export async function measureRequests(
  generator: Generator,
  servers: readonly Running[],
  cells: readonly Cell[],
  { rounds, seconds }: Pick<Plan, 'rounds' | 'seconds'>,
  progress: Progress,
): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const { answer, connections } of cells) {
      progress(`round ${round + 1} of ${rounds}: ${answer}, ${connections} at once`);
      for (const { server, url } of rotate(servers, round)) {
        const request = server.requests[answer];
        if (request === undefined) continue;
        await requireAnswer(url, request);
        const { path, headers, status } = request;
        const load = { url: url + path, headers, status, connections, seconds };
        const { requestsPerSecond, p99 } = await generator.measure(load);
        measurements.push({ server: server.name, answer, connections, round, requestsPerSecond, p99 });
      }
    }
  }
  return measurements;
}
