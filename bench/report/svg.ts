import type { Spread } from '../statistics.js';

/** A bar of a picture. */
export interface Bar {
  label: string;
  /** Relative to the baseline. */
  part: Spread;
  /** The text after the bar. */
  text: string;
  /** Whether it is highlighted. */
  isOwn: boolean;
}

const WIDTH = 760;
const LABEL = 150;
const LENGTH = 360;
const ROW = 34;
const TOP = 48;

/** Light and dark theme. */
const STYLE = `
    text { font: 14px system-ui, sans-serif; fill: #1f2328 }
    .title { font-weight: 600 }
    .bar { fill: #8c959f }
    .own { fill: #0969da }
    .whisker { stroke: #1f2328; stroke-width: 1.5 }
    .axis { stroke: #8c959f }
    .line { fill: none; stroke: #0969da; stroke-width: 1.5 }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc }
      .bar { fill: #656c76 }
      .own { fill: #4493f8 }
      .whisker { stroke: #f0f6fc }
      .axis { stroke: #656c76 }
      .line { stroke: #4493f8 }
    }`;

/** Draws horizontal bars with a line for their range, as an SVG without a background. */
export function drawBars(title: string, bars: readonly Bar[]): string {
  const longest = Math.max(1, ...bars.map(({ part }) => part.max));
  const height = TOP + bars.length * ROW;
  return drawPicture(
    title,
    height,
    bars.map((bar, index) => drawBar(bar, TOP + index * ROW, LENGTH / longest)),
  );
}

/** Creates an SVG without a background. */
export function drawPicture(title: string, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `  <title>${escapeText(title)}</title>`,
    `  <style>${STYLE}\n  </style>`,
    `  <text class="title" x="0" y="20">${escapeText(title)}</text>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function drawBar({ label, part, text, isOwn }: Bar, top: number, scale: number): string {
  const { median, min, max } = { median: part.median * scale, min: part.min * scale, max: part.max * scale };
  const middle = top + 11;
  return [
    `  <text x="${LABEL - 10}" y="${top + 16}" text-anchor="end">${escapeText(label)}</text>`,
    `  <rect class="${isOwn ? 'own' : 'bar'}" x="${LABEL}" y="${top}" width="${round(median)}" height="22" rx="3"/>`,
    `  <path class="whisker" d="M${round(LABEL + min)} ${middle}H${round(LABEL + max)}"/>`,
    `  <text x="${round(LABEL + Math.max(median, max) + 8)}" y="${top + 16}">${escapeText(text)}</text>`,
  ].join('\n');
}

/** Rounds a length to a tenth of a pixel. */
export const round = (number: number): number => Math.round(number * 10) / 10;

/** Escapes a text for an SVG. */
export const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
