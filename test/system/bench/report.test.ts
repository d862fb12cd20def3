import t from 'tap';
import type { Measurement } from '../../../bench/measure/requests.js';
import { parseOptions } from '../../../bench/options.js';
import { drawLines } from '../../../bench/report/lines.js';
import { describeMachine } from '../../../bench/report/machine.js';
import { formatReport } from '../../../bench/report/markdown.js';
import {
  formatCpu,
  formatRate,
  formatRatio,
  formatSize,
  formatSpread,
  formatTime,
} from '../../../bench/report/numbers.js';
import { drawReport } from '../../../bench/report/picture.js';
import type { Report } from '../../../bench/report/report.js';
import { summarise } from '../../../bench/report/summary.js';
import { drawBars } from '../../../bench/report/svg.js';
import { formatTable } from '../../../bench/report/table.js';
import { formatSoak } from '../../../bench/soak/report.js';
import type { Soak } from '../../../bench/soak/run.js';
import { median, rotate, spread } from '../../../bench/statistics.js';

t.test('a median is the middle, or the mean of the middle two', async (t) => {
  t.equal(median([3]), 3);
  t.equal(median([9, 1, 5]), 5);
  t.equal(median([4, 1, 3, 100]), 3.5);
  t.throws(() => median([]), /no numbers/);
  t.strictSame(spread([0.7, 0.5, 0.6]), { median: 0.6, min: 0.5, max: 0.7 });
});

t.test('each round starts with another item', async (t) => {
  t.strictSame(rotate(['a', 'b', 'c'], 0), ['a', 'b', 'c']);
  t.strictSame(rotate(['a', 'b', 'c'], 5), ['c', 'a', 'b']);
  t.strictSame(rotate([], 3), []);
});

t.test('numbers have their significant digits', async (t) => {
  t.equal(formatRate(54_123.4), '54,100');
  t.equal(formatTime(0.724), '0.72 ms');
  t.equal(formatTime(4.14), '4.1 ms');
  t.equal(formatTime(814.6), '815 ms');
  t.equal(formatCpu(35.24), '35.2 µs');
  t.equal(formatCpu(1_243), '1,240 µs');
  t.equal(formatSize(75 * 1_048_576), '75 MiB');
  t.equal(formatSize(200_000), '0.2 MiB');
  t.equal(formatRatio(85.23), '85.2');
  t.equal(formatSpread({ median: 2.411, min: 2.35, max: 2.5 }), '2.41 (2.35–2.50)');
});

t.test('the columns of a table are aligned', async (t) => {
  const rows = [
    ['a', '1'],
    ['long', '1,000'],
  ];
  t.equal(formatTable(['x', 'n'], rows), '| x    |     n |\n| ---- | ----: |\n| a    |     1 |\n| long | 1,000 |');
});

const measure = (server: string, round: number, cpu: number, more = {}): Measurement => ({
  ...{ server, row: 'distinct', round, cpu, requestsPerSecond: 1_000_000 / cpu, p99: round + 1 },
  ...more,
});

const measurements = [
  measure('node', 1, 10),
  measure('mock', 1, 20),
  measure('mock', 1, 40, { row: '401' }),
  measure('node', 2, 20),
  measure('mock', 2, 50),
  measure('node', 3, 10),
  measure('mock', 3, 40),
];

t.test('a measurement is compared with the baseline in the same row and round', async (t) => {
  const [node, mock, other] = summarise(measurements, 'node');
  t.match(node, { server: 'node', cpu: 10, ratios: { cpu: { median: 1 }, rate: { median: 1 } } });
  t.strictSame(mock, {
    ...{ server: 'mock', row: 'distinct', cpu: 40, requestsPerSecond: 25_000, p99: 3 },
    ratios: { cpu: { median: 2.5, min: 2, max: 4 }, rate: { median: 0.4, min: 0.25, max: 0.5 } },
  });
  t.match(other, { row: '401', cpu: 40, ratios: undefined });
});

const report: Report = {
  date: '2024-05-31',
  machine: { processor: 'Abacus', cores: 2, memory: 2 ** 33, kernel: 'linux 6', node: 'v20.0.0' },
  load: 'wrk 4',
  plan: parseOptions(['--versions', '2000000'], '') as Report['plan'],
  servers: [
    { name: 'mock', title: 'this server', version: '1.2.3', note: 'so' },
    { name: 'fastify', title: 'bare <Fastify>', version: '5' },
    { name: 'node', title: 'bare node', version: '20' },
  ],
  absent: [{ title: 'WireMock', reason: 'java is not installed' }],
  starts: new Map([
    ['mock', { ready: [200, 150, 400], rest: 2 ** 26 }],
    ['fastify', { ready: [100, 100, 100], rest: 2 ** 25 }],
    ['node', { ready: [50, 50, 50], rest: 2 ** 25 }],
  ]),
  measurements,
  memory: new Map([['mock', 2 ** 27]]),
  stores: {
    measurements: [measure('1000', 1, 40), measure('1000000', 1, 50)],
    stores: [1_000, 1_000_000].map((versions) => ({
      ...{ server: String(versions), versions, ready: 210, reset: 0.5, memory: 2 ** 27, size: 2 ** 28 },
    })),
  },
  seedings: [{ title: 'from NDJSON', place: 'file', versionsPerSecond: { median: 2e5, min: 1e5, max: 3e5 } }],
};

t.test('a report has the headline, and a row for everything that was measured', async (t) => {
  const text = formatReport(report);
  for (const row of [
    /^\*\*100,000 distinct targets: 25,000 requests\/s at 40\.0 µs of CPU each; 2\.50 times the CPU of .* and 0\.40 times its rate/m,
    /^2024-05-31, Abacus, 2 cores, 8,192 MiB, linux 6, Node v20\.0\.0; wrk 4 on the same machine,$/m,
    /^32 connections, 2 s per measurement, 5 rounds\.$/m,
    /^\| 100,000 distinct targets \| +this server \| +40\.0 µs \| 2\.50 \(2\.00–4\.00\) \| +25,000 \| 0\.40 \(0\.25–0\.50\) \| 3\.0 ms \|$/m,
    /^\| 401, distinct targets +\| +this server \| +40\.0 µs \| +– \|/m,
    /^\| this server +\| +1\.2\.3 \| +200 ms \| 2\.00 \(1\.50–4\.00\) \| +64 MiB \| +128 MiB \|$/m,
    /^\| bare node +\| +20 \| +50 ms \| 0\.50 \(0\.50–0\.50\) \| +32 MiB \| +– \|$/m,
    /^\| 1,000,000 \| +50\.0 µs \| 1\.25 \(1\.25–1\.25\) \| +20,000 \| 0\.80 \(.*\) \| 2\.0 ms \| +210 ms \| 0\.50 ms \| 128 MiB \| 256 MiB \|$/m,
    /^\| from NDJSON +\| +file \| +200,000 \| 100,000–300,000 \|$/m,
    /^- this server: so\.$/m,
    /^- WireMock is left out: java is not installed\.$/m,
    /^- The store of 10,000,000 versions was left out\.$/m,
  ])
    t.match(text, row);
  t.notMatch(text, 'quick');
});

t.test('a report leaves out what was not measured', async (t) => {
  const plan = parseOptions(['--quick'], '') as Report['plan'];
  const few = measurements.slice(2, 3);
  const text = formatReport({ ...report, plan, measurements: few, starts: new Map(), stores: undefined, seedings: [] });
  t.match(text, /one round\.\n\*\*A quick run/);
  t.notMatch(text, /## (?:Start|Size|Seeding)|\*\*100,000|left out by/);
  t.equal(drawReport({ ...report, measurements: few }), undefined, 'no picture without distinct targets');
});

t.test('the picture has a bar for each server, the fastest first', async (t) => {
  const picture = drawReport(report) as string;
  t.match(picture, /<title>Requests per second relative to bare node:http, 100,000 distinct targets<\/title>/);
  t.match(picture, /bare node.*this server.*0\.40: 25,000\/s, 40\.0 µs CPU/s);
  t.match(picture, /<rect class="own" x="150" y="82" width="144"/);
  t.match(picture, /prefers-color-scheme: dark/);
});

t.test('bars fit the picture and texts are escaped', async (t) => {
  const bar = { label: 'a <b>', part: { median: 1.5, min: 1, max: 2 }, text: '', isOwn: true };
  t.match(drawBars('x', [bar]), /a &lt;b&gt;.*width="270" height="22".*M330 59H510/s);
});

t.test('the machine is described', async (t) => {
  const { cores, memory, node } = describeMachine();
  t.ok(cores > 0 && memory > 0);
  t.equal(node, process.version);
});

const soak = (points: Soak['points']): Soak => ({
  date: '2030-01-01',
  machine: report.machine,
  load: 'wrk 4',
  version: '1.0.0',
  points,
  answered: 1_000,
  controlled: 20,
  resets: 3,
});

t.test('the report of a soak compares its parts', async (t) => {
  const points = Array.from({ length: 8 }, (_, index) => ({
    ...{ minute: index + 1, requestsPerSecond: 100 * (index + 1), p99: index + 1, memory: (index + 1) * 1_048_576 },
  }));
  const text = formatSoak(soak(points));
  t.match(text, /^# A soak of 8\.0 minutes\n/);
  t.match(text, '1,000 requests, 20 requests of the tester and 3 resets.');
  for (const row of [
    /^\| 1 +\| +150 \| +1\.5 ms \| +2\.0 ms \| +1\.5 MiB \| +2\.0 MiB \|$/m,
    /^\| 4 +\| +750 \| +7\.5 ms \| +8\.0 ms \| +7\.5 MiB \| +8\.0 MiB \|$/m,
  ])
    t.match(text, row);
  t.match(formatSoak(soak(points.slice(0, 1))), /^\| 1 +\|[^\n]+\n\n/m, 'a short one has fewer parts');
});

t.test('lines go from zero to their maximum', async (t) => {
  const points = [
    [1, 50],
    [2, 100],
  ] as const;
  const svg = drawLines('A <title>', [{ title: 'rate & more', points, format: (y) => `${y}/s` }], (x) => `${x} min`);
  t.match(svg, /^<svg .*<\/svg>\n$/s);
  t.match(svg, '<path class="line" d="M420 104L740 64"/>');
  for (const text of ['A &lt;title&gt;', 'rate &amp; more', '>100/s<', '>2 min<']) t.match(svg, text);
});
