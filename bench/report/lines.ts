import { drawPicture, escapeText, round } from './svg.js';

/** A line over time, in a panel of its own. */
export interface Line {
  title: string;
  points: readonly (readonly [x: number, y: number])[];
  /** Formats a value. */
  format(y: number): string;
}

const LEFT = 100;
const LENGTH = 640;
const TOP = 40;
const PANEL = 130;
const HEIGHT = 80;

/** Draws lines one below the other, each from zero to its maximum, as an SVG without a background. */
export function drawLines(title: string, lines: readonly Line[], formatX: (x: number) => string): string {
  const last = Math.max(...lines.flatMap(({ points }) => points.map(([x]) => x)));
  const height = TOP + lines.length * PANEL + 20;
  const panels = lines.map((line, index) => drawPanel(line, TOP + index * PANEL, last));
  const foot = `  <text x="${LEFT + LENGTH}" y="${height - 6}" text-anchor="end">${escapeText(formatX(last))}</text>`;
  return drawPicture(title, height, [...panels, foot]);
}

function drawPanel({ title, points, format }: Line, top: number, last: number): string {
  const max = Math.max(...points.map(([, y]) => y));
  const bottom = top + 24 + HEIGHT;
  const place = ([x, y]: readonly [number, number]) =>
    `${round(LEFT + (x / last) * LENGTH)} ${round(bottom - (y / max) * HEIGHT)}`;
  return [
    `  <text class="title" x="${LEFT}" y="${top + 16}">${escapeText(title)}</text>`,
    `  <text x="${LEFT - 10}" y="${top + 34}" text-anchor="end">${escapeText(format(max))}</text>`,
    `  <text x="${LEFT - 10}" y="${bottom + 4}" text-anchor="end">0</text>`,
    `  <path class="axis" d="M${LEFT} ${bottom}H${LEFT + LENGTH}"/>`,
    `  <path class="line" d="M${points.map(place).join('L')}"/>`,
  ].join('\n');
}
