import type { Answer } from '../answers.js';
import type { Measurement } from '../measure/requests.js';
import { LIMIT } from '../servers/names.js';
import { median, type Spread, spread } from '../statistics.js';

/** All rounds of a cell on one server. */
export interface Summary {
  server: string;
  answer: Answer;
  connections: number;
  /** The median of all rounds. */
  requestsPerSecond: number;
  /** The median of all rounds, in milliseconds. */
  p99: number;
  /** The rate as a part of the limit's hits of the same round and as many connections, where there is a limit. */
  ratio: Spread | undefined;
}

/** Sums up measurements: one summary a server, an answer and a number of connections, in the order of the first round. */
export function summarise(measurements: readonly Measurement[]): Summary[] {
  return groupByCell(measurements).map((rounds) => {
    const { server, answer, connections } = rounds[0] as Measurement;
    const ratios = rounds.flatMap((round) => {
      const limit = findLimit(measurements, round);
      return limit === undefined ? [] : [round.requestsPerSecond / limit.requestsPerSecond];
    });
    return {
      server,
      answer,
      connections,
      requestsPerSecond: median(rounds.map((round) => round.requestsPerSecond)),
      p99: median(rounds.map(({ p99 }) => p99)),
      ratio: ratios.length === 0 ? undefined : spread(ratios),
    };
  });
}

function groupByCell(measurements: readonly Measurement[]): Measurement[][] {
  const cells = new Map<string, Measurement[]>();
  for (const measurement of measurements) {
    const { server, answer, connections } = measurement;
    const cell = `${server} ${answer} ${connections}`;
    cells.set(cell, [...(cells.get(cell) ?? []), measurement]);
  }
  return [...cells.values()];
}

function findLimit(measurements: readonly Measurement[], { round, connections }: Measurement): Measurement | undefined {
  return measurements.find(
    (other) =>
      other.server === LIMIT && other.answer === 'hit' && other.round === round && other.connections === connections,
  );
}
