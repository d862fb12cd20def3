import { requireAnswer } from '../ask.js';
import type { Progress } from '../command.js';
import { generateLoad } from '../load/generator.js';
import type { Program } from '../load/program.js';
import type { Plan } from '../options.js';
import type { Running } from '../servers/start.js';
import { rotate } from '../statistics.js';
import type { Row, Workload } from '../workloads.js';

/** The number of connections of every measurement. */
export const CONNECTIONS = 32;

/** One measurement of one server. */
export interface Measurement {
  server: string;
  row: Row;
  round: number;
  /** CPU time of the server per request, user and system, in microseconds. */
  cpu: number;
  requestsPerSecond: number;
  /** In milliseconds. */
  p99: number;
}

/**
 * Measures rows on every server that has them, in rounds over all servers, so that the machine's changes of speed affect
 * all. Except in a quick run, a first round only warms the servers up. Throws an Error for an unexpected answer.
 */
export async function measureRequests(
  generator: Program,
  servers: readonly Running[],
  rows: readonly Row[],
  { rounds, seconds, isQuick }: Pick<Plan, 'rounds' | 'seconds' | 'isQuick'>,
  progress: Progress,
): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (let round = isQuick ? 1 : 0; round <= rounds; round += 1) {
    for (const row of rows) {
      progress(`${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}: ${row}`);
      for (const running of rotate(servers, round)) {
        const workload = running.server.workloads[row];
        if (workload === undefined) continue;
        const measured = await measure(generator, running, workload, seconds);
        if (round > 0) measurements.push({ server: running.server.name, row, round, ...measured });
      }
    }
  }
  return measurements;
}

async function measure(generator: Program, { url, child }: Running, workload: Workload, seconds: number) {
  await requireAnswer(url, workload);
  const before = child.readCpu();
  const load = { url, workload, connections: CONNECTIONS, seconds };
  const { answered, requestsPerSecond, p99 } = await generateLoad(generator, load);
  return { cpu: (child.readCpu() - before) / answered, requestsPerSecond, p99 };
}
