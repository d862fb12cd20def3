import type { Measurement } from '../measure/requests.js';
import { median, type Spread, spread } from '../statistics.js';
import type { Row } from '../workloads.js';

/** All rounds of a row on one server. */
export interface Summary {
  server: string;
  row: Row;
  /** Median, in microseconds per request. */
  cpu: number;
  /** Median. */
  requestsPerSecond: number;
  /** Median, in milliseconds. */
  p99: number;
  /** Relative to the baseline in the same row and round; undefined without one. */
  ratios: { cpu: Spread; rate: Spread } | undefined;
}

/**
 * Summarises measurements: one summary per row and server, in the order of the first round.
 *
 * @param baseline the name of the server that the others are compared with
 */
export function summarise(measurements: readonly Measurement[], baseline: string): Summary[] {
  return group(measurements).map((rounds) => {
    const { server, row } = rounds[0] as Measurement;
    const pairs = rounds.flatMap((one) => {
      const base = measurements.find(
        (other) => other.server === baseline && other.row === row && other.round === one.round,
      );
      return base === undefined ? [] : [{ one, base }];
    });
    return {
      server,
      row,
      cpu: median(rounds.map(({ cpu }) => cpu)),
      requestsPerSecond: median(rounds.map(({ requestsPerSecond }) => requestsPerSecond)),
      p99: median(rounds.map(({ p99 }) => p99)),
      ratios:
        pairs.length === 0
          ? undefined
          : {
              cpu: spread(pairs.map(({ one, base }) => one.cpu / base.cpu)),
              rate: spread(pairs.map(({ one, base }) => one.requestsPerSecond / base.requestsPerSecond)),
            },
    };
  });
}

function group(measurements: readonly Measurement[]): Measurement[][] {
  const groups = new Map<string, Measurement[]>();
  for (const measurement of measurements) {
    const name = `${measurement.row} ${measurement.server}`;
    groups.set(name, [...(groups.get(name) ?? []), measurement]);
  }
  return [...groups.values()];
}
