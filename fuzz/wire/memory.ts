import { Finding } from '../failure.js';

/** The memory of a process at a time. */
export interface Sample {
  /** In milliseconds. */
  at: number;
  bytes: number;
}

/** How much the last third may exceed the second, in bytes; less than a garbage collection frees. */
const MARGIN = 16 * 2 ** 20;

/** The shortest time that is judged, in milliseconds; a young heap still grows. */
const MIN_TIME = 60_000;

/** Throws a Finding if the median of the last third of the time exceeds that of the second third by more than the margin. */
export function requireFlat(samples: readonly Sample[]): void {
  const begin = samples[0]?.at ?? 0;
  const time = (samples.at(-1)?.at ?? 0) - begin;
  if (time < MIN_TIME) return;
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

/** Formats bytes, such as `96 MiB`. */
export const formatMemory = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
