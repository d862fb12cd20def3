/** The middle of some numbers, and how far they spread. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** Returns the median, of an even count the mean of the two in the middle. Throws an Error for no numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (lower === undefined || upper === undefined) throw new Error('no numbers to take the median of');
  return (lower + upper) / 2;
}

/** Returns the median of some numbers with the least and the greatest. Throws an Error for no numbers. */
export function spread(numbers: readonly number[]): Spread {
  return { median: median(numbers), min: Math.min(...numbers), max: Math.max(...numbers) };
}

/** How far two successive rates of a steady server may differ, as a part of the greater. */
const TOLERANCE = 0.05;

/** Whether the last two rates differ so little that a server is warm. */
export function isSteady(rates: readonly number[]): boolean {
  const [before, last] = rates.slice(-2);
  if (before === undefined || last === undefined) return false;
  return Math.abs(before - last) <= TOLERANCE * Math.max(before, last);
}

/** Returns a list that starts at another of its items, so that nobody is first in every round. */
export function rotate<Item>(items: readonly Item[], by: number): Item[] {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
