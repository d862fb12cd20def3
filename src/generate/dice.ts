import type { Random } from '../random.js';

/** Draws whole numbers only, which are the same on every platform. */
export interface Dice {
  /** Draws a whole number from 0 up to, but not including, the limit. */
  below(limit: number): number;
  /** Draws one of some values. */
  pick<Value>(values: readonly Value[]): Value;
  /** Draws whether something happens that happens once in so many times. */
  oneIn(times: number): boolean;
}

/** Makes dice of a source of random numbers. */
export function createDice(random: Random): Dice {
  const below = (limit: number): number => Math.floor(random() * limit);
  return {
    below,
    pick: <Value>(values: readonly Value[]) => values[below(values.length)] as Value,
    oneIn: (times) => below(times) === 0,
  };
}
