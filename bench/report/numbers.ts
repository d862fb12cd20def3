import type { Spread } from '../statistics.js';

/** Writes a whole number with its thousands parted: `10,000,000`. */
export const formatCount = (count: number): string => Math.round(count).toLocaleString('en-GB');

/** Writes a rate with three digits that count, as no more than that can be measured: `54,100`. */
export const formatRate = (rate: number): string => formatCount(Number(rate.toPrecision(3)));

/** Writes a time in milliseconds: `0.72 ms`, `4.1 ms`, `815 ms`. */
export const formatTime = (milliseconds: number): string => {
  const digits = milliseconds < 1 ? 2 : milliseconds < 10 ? 1 : 0;
  return `${milliseconds.toFixed(digits)} ms`;
};

/** Writes a size in mebibytes: `0.2 MiB`, `75 MiB`. */
export const formatSize = (bytes: number): string => {
  const mebibytes = bytes / 1_048_576;
  return `${mebibytes < 10 ? mebibytes.toFixed(1) : formatCount(mebibytes)} MiB`;
};

/** Writes a part of one in percent: `63.2 %`, `0.9 %`. */
export const formatPercent = (part: number): string => `${(part * 100).toFixed(1)} %`;

/** Writes the median of parts with their least and greatest: `63.2 % (60.1–65.8)`. */
export const formatSpread = ({ median, min, max }: Spread): string =>
  `${formatPercent(median)} (${(min * 100).toFixed(1)}–${(max * 100).toFixed(1)})`;
