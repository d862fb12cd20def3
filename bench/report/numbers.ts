import type { Spread } from '../statistics.js';

/** Formats a whole number: `10,000,000`. */
export const formatCount = (count: number): string => Math.round(count).toLocaleString('en-GB');

/** Formats a rate with three significant digits: `54,100`. */
export const formatRate = (rate: number): string => formatCount(Number(rate.toPrecision(3)));

/** Formats a time in milliseconds: `0.72 ms`, `4.1 ms`, `815 ms`. */
export const formatTime = (milliseconds: number): string => {
  const digits = milliseconds < 1 ? 2 : milliseconds < 10 ? 1 : 0;
  return `${milliseconds.toFixed(digits)} ms`;
};

/** Formats CPU time per request, with three significant digits: `35.2 µs`, `1,240 µs`. */
export const formatCpu = (microseconds: number): string =>
  `${microseconds < 100 ? microseconds.toFixed(1) : formatRate(microseconds)} µs`;

/** Formats a size in mebibytes: `0.2 MiB`, `75 MiB`. */
export const formatSize = (bytes: number): string => {
  const mebibytes = bytes / 1_048_576;
  return `${mebibytes < 10 ? mebibytes.toFixed(1) : formatCount(mebibytes)} MiB`;
};

/** Formats a ratio: `0.43`, `2.41`, `85.2`. */
export const formatRatio = (ratio: number): string => ratio.toFixed(ratio < 10 ? 2 : 1);

/** Formats a median ratio with its range: `2.41 (2.35–2.52)`; `–` without one. */
export const formatSpread = (spread: Spread | undefined): string =>
  spread === undefined ? '–' : `${formatRatio(spread.median)} (${formatRatio(spread.min)}–${formatRatio(spread.max)})`;
