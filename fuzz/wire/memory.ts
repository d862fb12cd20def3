import { Finding } from '../failure.js';

/** How much memory a process took at a time. */
export interface Sample {
  /** In milliseconds since some beginning. */
  at: number;
  bytes: number;
}

/** How much the memory of the last third may exceed that of the second, in bytes: less than a garbage collection frees. */
export const MARGIN = 16 * 2 ** 20;

/** How long memory must have been watched before it can be called flat, in milliseconds; a young heap still grows. */
export const LEAST = 60_000;

/**
 * Throws a Finding where the median of the last third of the time exceeds that of the second third by more than the margin.
 * Of a shorter time than the least, nothing can be told.
 */
export function requireFlat(samples: readonly Sample[]): void {
  const begin = samples[0]?.at ?? 0;
  const time = (samples.at(-1)?.at ?? 0) - begin;
  if (time < LEAST) return;
  const inThird = (third: number) =>
    median(samples.filter(({ at }) => Math.min(2, Math.floor(((at - begin) / time) * 3)) === third));
  const [second, last] = [inThird(1), inThird(2)];
  if (last <= second + MARGIN) return;
  throw new Finding(`memory that stays at ${formatMemory(second)}`, formatMemory(last));
}

function median(samples: readonly Sample[]): number {
  const sorted = samples.map(({ bytes }) => bytes).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Writes bytes as people read them, such as `96 MiB`. */
export const formatMemory = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
