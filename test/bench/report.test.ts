import t from 'tap';
import type { Measurement } from '../../bench/measure/requests.js';
import { parseOptions } from '../../bench/options.js';
import { describeMachine } from '../../bench/report/machine.js';
import { formatReport } from '../../bench/report/markdown.js';
import { formatPercent, formatRate, formatSize, formatSpread, formatTime } from '../../bench/report/numbers.js';
import { drawReport } from '../../bench/report/picture.js';
import type { Report } from '../../bench/report/report.js';
import { summarise } from '../../bench/report/summary.js';
import { drawBars } from '../../bench/report/svg.js';
import { formatTable } from '../../bench/report/table.js';

t.test('numbers are written with what can be measured of them', async (t) => {
  t.equal(formatRate(54_123.4), '54,100');
  t.equal(formatRate(799.6), '800');
  t.equal(formatTime(0.724), '0.72 ms');
  t.equal(formatTime(4.14), '4.1 ms');
  t.equal(formatTime(814.6), '815 ms');
  t.equal(formatSize(75 * 1_048_576), '75 MiB');
  t.equal(formatSize(200_000), '0.2 MiB');
  t.equal(formatPercent(0.0094), '0.9 %');
  t.equal(formatSpread({ median: 0.632, min: 0.6011, max: 0.658 }), '63.2 % (60.1–65.8)');
});

t.test('the columns of a table line up', async (t) => {
  const rows = [
    ['a', '1'],
    ['long', '1,000'],
  ];
  t.equal(formatTable(['x', 'n'], rows), '| x    |     n |\n| ---- | ----: |\n| a    |     1 |\n| long | 1,000 |');
});

const measure = (server: string, round: number, requestsPerSecond: number, more = {}): Measurement => ({
  ...{ server, answer: 'hit', connections: 32, round, requestsPerSecond, p99: round + 1 },
  ...more,
});

const measurements = [
  measure('node', 0, 100),
  measure('mock', 0, 50),
  measure('mock', 0, 80, { answer: '401' }),
  measure('mock', 0, 7, { connections: 1 }),
  measure('node', 1, 200),
  measure('mock', 1, 120),
  measure('node', 2, 100),
  measure('mock', 2, 70),
];

t.test('a rate is compared with the hits of the limit in its own round', async (t) => {
  t.strictSame(summarise(measurements), [
    { ...summary('node', 100), ratio: { median: 1, min: 1, max: 1 } },
    { ...summary('mock', 70), ratio: { median: 0.6, min: 0.5, max: 0.7 } },
    { ...summary('mock', 80), answer: '401', p99: 1, ratio: { median: 0.8, min: 0.8, max: 0.8 } },
    { ...summary('mock', 7), connections: 1, p99: 1, ratio: undefined },
  ]);
});

const summary = (server: string, requestsPerSecond: number) => ({
  server,
  answer: 'hit' as const,
  connections: 32,
  requestsPerSecond,
  p99: 2,
});

const plan = parseOptions(['--connections', '1,32', '--versions', '2000000'], '');
const machine = { processor: 'Abacus', cores: 2, memory: 2 ** 33, kernel: 'linux 6', node: 'v20.0.0' };
const report = {
  date: '2024-05-31',
  machine,
  load: 'wrk 4',
  plan,
  servers: [
    { name: 'mock', title: 'this server', version: '1.2.3', note: 'so', ready: 200, rest: 2 ** 26, loaded: 2 ** 27 },
    { name: 'node', title: 'bare <node>', version: '20', ready: 90, rest: 2 ** 25, loaded: 2 ** 25 },
  ],
  absent: [{ title: 'WireMock', reason: 'there is no java here' }],
  summaries: summarise(measurements),
  stores: [1_000, 1_000_000].map((versions) => ({
    ...summary('mock', 70),
    ...{ versions, ready: 210, reset: 0.5, memory: 2 ** 27, size: 2 ** 28 },
    ratio: versions === 1_000 ? { median: 0.6, min: 0.5, max: 0.7 } : undefined,
  })),
  seedings: [{ title: 'from NDJSON', place: 'file', versionsPerSecond: { median: 2e5, min: 1e5, max: 3e5 } }],
} as Report;

/** A report of one server, without what is measured of it alone. */
const small = { ...report, plan: parseOptions(['--quick'], ''), stores: [], seedings: [] } as Report;

t.test('a report has a row for all that was measured', async (t) => {
  const text = formatReport(report);
  for (const row of [
    /^2024-05-31, Abacus, 2 cores, 8,192 MiB, linux 6, Node v20\.0\.0; load by wrk 4/m,
    /^machine, 2 s a measurement, 5 rounds in turn/m,
    /^\| this server +\| +hit \| +1 \| +7 \| 1\.0 ms \| +– \|$/m,
    /^\| this server +\| +hit \| +32 \| +70 \| 2\.0 ms \| +60\.0 % \(50\.0–70\.0\) \|$/m,
    /^\| this server +\| +401 \| +32 \| +80 \|/m,
    /^\| bare <node> +\| +hit \| +32 \| +100 \|/m,
    /^\| this server +\| +1\.2\.3 \| +200 ms \| +64 MiB \| +128 MiB \|$/m,
    /^\| 1,000 +\| +70 \| 2\.0 ms \| +60\.0 % \(50\.0–70\.0\) \| +210 ms \| 0\.50 ms \| 128 MiB \| 256 MiB \|$/m,
    /^\| 1,000,000 \| +70 \| 2\.0 ms \| +– \|/m,
    /^\| from NDJSON +\| +file \| +200,000 \| 100,000–300,000 \|$/m,
    /^- this server: so\.$/m,
    /^- WireMock is left out: there is no java here\.$/m,
    /^- The store of 10,000,000 versions is left out/m,
  ])
    t.match(text, row);
  t.notMatch(text, 'smoke');
});

t.test('a report leaves out what was not measured, and tells a smoke run', async (t) => {
  const text = formatReport(small);
  t.match(text, /one round in turn/);
  t.match(text, /A smoke run: its figures are no measure/);
  t.match(
    drawReport({ ...small, plan: { ...small.plan, connections: [32] } }),
    /node:http \(a smoke run, no measure\)</,
  );
  t.notMatch(text, /## Seeding|## The same hit/);
});

t.test('the picture has a bar for each server, the fastest first', async (t) => {
  const picture = drawReport(report) as string;
  t.match(picture, /<title>Hits a second at 32 connections, as a part of bare node:http<\/title>/);
  t.match(picture, /bare &lt;node&gt;.*this server.*60\.0 %, 70\/s/s);
  t.match(picture, /<rect class="own" x="150" y="82" width="240"/);
  t.match(picture, /prefers-color-scheme: dark/);
});

t.test('the picture is of the first number of connections where 32 are not measured', async (t) => {
  const one = summarise(measurements.map((measurement) => ({ ...measurement, connections: 4 })));
  const four = { ...report, plan: { ...report.plan, connections: [4, 8] }, summaries: one };
  t.match(drawReport(four), /Hits a second at 4 connections/);
});

t.test('there is no picture without the limit', async (t) => {
  t.equal(drawReport({ ...report, summaries: summarise([measure('mock', 0, 7)]) }), undefined);
});

t.test('bars never leave the picture', async (t) => {
  const bar = { label: 'fast', part: { median: 1.5, min: 1, max: 2 }, text: '', isOwn: true };
  t.match(drawBars('x', [bar]), /width="300" height="22".*M350 59H550/s);
});

t.test('the machine is described', async (t) => {
  const { cores, memory, node } = describeMachine();
  t.ok(cores > 0 && memory > 0);
  t.equal(node, process.version);
});
