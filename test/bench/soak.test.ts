import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { UsageError } from '../../bench/options.js';
import { drawLines } from '../../bench/report/lines.js';
import { HELP, parseOptions } from '../../bench/soak/options.js';
import { formatSoak } from '../../bench/soak/report.js';
import type { Soak } from '../../bench/soak/run.js';
import { spawnProgram } from '../process/run.js';

const parse = (...args: string[]) => parseOptions(args, 'results');

t.test('a soak of its whole length writes its results, a shorter one where it is told to', async (t) => {
  t.strictSame(parse(), { minutes: 15, load: undefined, out: 'results' });
  t.strictSame(parse('--minutes', '0.5'), { minutes: 0.5, load: undefined, out: undefined });
  t.strictSame(parse('--minutes=1', '--out', 'there', '--load', 'wrk'), { minutes: 1, load: 'wrk', out: 'there' });
  t.equal(parse('--help'), undefined);
  t.match(HELP, '--minutes N');
});

t.test('a mistake in the flags is told', async (t) => {
  for (const [flags, message] of [
    [['--minutes', '0'], '--minutes: found "0", expected a number above 0'],
    [['--minutes', 'Infinity'], '--minutes: found "Infinity", expected a number above 0'],
    [['--load', 'ab'], '--load: found "ab", expected one of wrk, autocannon'],
  ] as const)
    t.throws(() => parse(...flags), { message, constructor: UsageError });
  t.throws(() => parse('--minute', '1'), /Unknown option '--minute'/);
});

const soak = (points: Soak['points']): Soak => ({
  date: '2030-01-01',
  machine: { processor: 'P', cores: 2, memory: 1, kernel: 'linux 6', node: 'v20.0.0' },
  load: 'wrk 4',
  version: '1.0.0',
  points,
  answered: 1_000,
  controlled: 20,
  resets: 3,
});

t.test('the report compares the parts of a soak', async (t) => {
  const points = Array.from({ length: 8 }, (_, index) => ({
    ...{ minute: index + 1, requestsPerSecond: 100 * (index + 1), p99: index + 1, memory: (index + 1) * 1_048_576 },
  }));
  const report = formatSoak(soak(points));
  t.match(report, /^# A soak of 8\.0 minutes\n/);
  t.match(report, '1,000 requests were answered as they had to be, 20 of the tester besides,\nand 3 resets were made.');
  for (const row of [
    /^\| 1 +\| +150 \| +1\.5 ms \| +2\.0 ms \| +1\.5 MiB \| +2\.0 MiB \|$/m,
    /^\| 4 +\| +750 \| +7\.5 ms \| +8\.0 ms \| +7\.5 MiB \| +8\.0 MiB \|$/m,
  ])
    t.match(report, row);
  t.match(formatSoak(soak(points.slice(0, 1))), /^\| 1 +\|[^\n]+\n\n/m, 'a short one has fewer parts');
});

t.test('lines go from zero to the greatest value, in the width of the picture', async (t) => {
  const points = [
    [1, 50],
    [2, 100],
  ] as const;
  const svg = drawLines('A <title>', [{ title: 'rate & more', points, format: (y) => `${y}/s` }], (x) => `${x} min`);
  t.match(svg, /^<svg .*<\/svg>\n$/s);
  t.match(svg, '<path class="line" d="M420 104L740 64"/>');
  for (const text of ['A &lt;title&gt;', 'rate &amp; more', '>100/s<', '>2 min<']) t.match(svg, text);
});

const hasLoad =
  spawnSync('wrk', ['--version']).error === undefined || existsSync('bench/node_modules/autocannon/package.json');

/** Runs a soak out of the coverage of the test: what it spawns shall run as it would for a person. */
const spawnSoak = (t: Test, ...args: string[]) => {
  const loaders = process.execArgv.filter((flag) => !flag.includes('processinfo'));
  const command = [process.execPath, ...loaders, 'bench/soak/main.ts', ...args];
  return spawnProgram(t, 'sh', ['-c', 'unset NODE_OPTIONS; exec "$@"', 'sh', ...command]);
};

t.test('a smoke run asks for everything', { skip: hasLoad ? false : 'nothing to make load with' }, async (t) => {
  const out = t.testdir();
  const run = spawnSoak(t, '--minutes', '0.02', '--out', out);
  t.equal(await run.ended, 0, run.stderr);
  t.match(run.stdout, /^# A soak of 0\.\d minutes\n/);
  t.match(run.stdout, /^[\d,]+ requests were answered as they had to be, [1-9][\d,]* of the tester besides,\n/m);
  t.equal(readFileSync(join(out, 'soak.md'), 'utf8'), run.stdout);
  t.match(readFileSync(join(out, 'soak.svg'), 'utf8'), /^<svg .*<\/svg>\n$/s);
});

t.test('a mistake is told with the help', async (t) => {
  const run = spawnSoak(t, '--minutes', 'ten');
  t.equal(await run.ended, 2);
  t.match(run.stderr, /^--minutes: found "ten".*\n\nUsage: /s);
});
