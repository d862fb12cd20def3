import { drawLines } from '../report/lines.js';
import { formatCount, formatRate, formatSize, formatTime } from '../report/numbers.js';
import { formatTable } from '../report/table.js';
import { median } from '../statistics.js';
import type { Point, Soak } from './run.js';

/** The number of parts that a soak is divided into for comparison. */
const PARTS = 4;

/** Formats a soak as Markdown, part by part. */
export function formatSoak({ date, machine, load, version, points, answered, controlled, resets }: Soak): string {
  const { processor, cores, kernel, node } = machine;
  const rows = listParts(points).map((part, index) => {
    const all = (of: keyof Point) => part.map((point) => point[of]);
    return [
      String(index + 1),
      formatRate(median(all('requestsPerSecond'))),
      formatTime(median(all('p99'))),
      formatTime(Math.max(...all('p99'))),
      formatSize(median(all('memory'))),
      formatSize(Math.max(...all('memory'))),
    ];
  });
  const sections = [
    `# ${titleOf(points)}`,
    [
      `${date}, version ${version}, ${processor}, ${cores} cores, ${kernel}, Node ${node}; ${load} on the same machine.`,
      'Distinct targets that are found, errors of each status and faults, all at once; meanwhile a tester who uses the admin',
      'API without a pause, and a reset every minute.',
    ].join('\n'),
    [
      `${formatCount(answered)} requests, ${formatCount(controlled)} requests of the tester and ${formatCount(resets)} resets. All had the`,
      'expected answer.',
    ].join('\n'),
    formatTable(['part', 'requests/s', 'p99', 'max', 'memory', 'max'], rows),
    '![Rate, p99 and memory over time](soak.svg)',
  ];
  return `${sections.join('\n\n')}\n`;
}

/** Draws rate, p99 and memory over time, as an SVG. */
export function drawSoak({ points }: Soak): string {
  const line = (of: keyof Point) => points.map((point) => [point.minute, point[of]] as const);
  return drawLines(
    titleOf(points),
    [
      { title: 'requests per second', points: line('requestsPerSecond'), format: formatRate },
      { title: 'p99', points: line('p99'), format: formatTime },
      { title: 'memory', points: line('memory'), format: formatSize },
    ],
    (minute) => `${minute.toFixed(1)} minutes`,
  );
}

const titleOf = (points: readonly Point[]): string => `A soak of ${points.at(-1)?.minute.toFixed(1)} minutes`;

function listParts(points: readonly Point[]): (readonly Point[])[] {
  const end = (part: number) => Math.round((part * points.length) / PARTS);
  const parts = Array.from({ length: PARTS }, (_, part) => points.slice(end(part), end(part + 1)));
  return parts.filter((part) => part.length > 0);
}
