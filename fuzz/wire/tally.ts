export interface Tally {
  connections: number;
  /** The number of answers by status. */
  answers: Map<number, number>;
}

export const createTally = (): Tally => ({ connections: 0, answers: new Map() });

/** Counts the answers of one connection. */
export function count(tally: Tally, statuses: readonly number[]): void {
  tally.connections += 1;
  for (const status of statuses) tally.answers.set(status, (tally.answers.get(status) ?? 0) + 1);
}

/** Formats a tally: `1,204 connections, 3,011 answers: 200 1,720 · 400 801 · …`. */
export function formatTally({ connections, answers }: Tally): string {
  const sum = [...answers.values()].reduce((total, number) => total + number, 0);
  const parts = [...answers].sort(([a], [b]) => a - b).map(([status, number]) => `${status} ${format(number)}`);
  return `${format(connections)} connections, ${format(sum)} answers: ${parts.join(' · ')}`;
}

const format = (number: number): string => number.toLocaleString('en-US');
