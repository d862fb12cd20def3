/** A median with its range. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** Returns the median; of an even count, the mean of the middle two. Throws an Error for no numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (lower === undefined || upper === undefined) throw new Error('no numbers to take the median of');
  return (lower + upper) / 2;
}

/** Returns the median with the minimum and the maximum. Throws an Error for no numbers. */
export function spread(numbers: readonly number[]): Spread {
  return { median: median(numbers), min: Math.min(...numbers), max: Math.max(...numbers) };
}

/** Rotates a list, so that each round starts with another item. */
export function rotate<Item>(items: readonly Item[], by: number): Item[] {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
