/** What a server has answered so far. */
export interface Tally {
  /** How many connections were made. */
  connections: number;
  /** How many answers came, by their statuses. */
  answers: Map<number, number>;
}

/** Makes a tally of nothing. */
export const makeTally = (): Tally => ({ connections: 0, answers: new Map() });

/** Counts the answers of one connection. */
export function count(tally: Tally, statuses: readonly number[]): void {
  tally.connections += 1;
  for (const status of statuses) tally.answers.set(status, (tally.answers.get(status) ?? 0) + 1);
}

/** Writes a tally in a line: `1,204 connections, 3,011 answers: 200 1,720 · 400 801 · …`. */
export function formatTally({ connections, answers }: Tally): string {
  const sum = [...answers.values()].reduce((total, number) => total + number, 0);
  const parts = [...answers].sort(([a], [b]) => a - b).map(([status, number]) => `${status} ${format(number)}`);
  return `${format(connections)} connections, ${format(sum)} answers: ${parts.join(' · ')}`;
}

const format = (number: number): string => number.toLocaleString('en-US');
