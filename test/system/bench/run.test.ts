import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { spawnProgram } from '../../spawn.js';

// On a busy machine, a quick run takes minutes.
t.setTimeout(600_000);

/** Spawns a command of the benchmark without the loaders and the coverage of the test. */
const spawnBench = (t: Test, file: string, ...args: string[]) =>
  spawnProgram(t, 'sh', ['-c', 'unset NODE_OPTIONS; exec "$@"', 'sh', process.execPath, '--import=tsx', file, ...args]);

const hasLoad =
  spawnSync('wrk', ['--version']).error === undefined || existsSync('bench/node_modules/autocannon/package.json');
const skip = process.platform === 'linux' && hasLoad ? false : 'needs Linux and a load generator';

t.test('a quick run measures everything once', { skip }, async (t) => {
  const out = t.testdir();
  const run = spawnBench(t, 'bench/main.ts', '--quick', '--servers', 'mock,node,fastify', '--out', out);
  t.equal(await run.ended, 0, run.stderr);
  const figures = String.raw`[\d,.]+ µs \| +[\d.]+ \([\d.]+–[\d.]+\) \| +[\d,]+ \|`;
  for (const row of [
    /^\*\*100,000 distinct targets: [\d,]+ requests\/s at [\d.,]+ µs of CPU each/m,
    ...[
      '100,000 distinct targets',
      'the same from a `--db` file',
      'one repeated target',
      'in a session with an armed fault',
    ]
      .concat(['401', '403', '404', '400'].map((status) => `${status}, distinct targets`))
      .map((title) => new RegExp(`^\\| ${title} +\\| +this server \\| +${figures}`, 'm')),
    new RegExp(`^\\| 404, distinct targets +\\| +bare node:http \\| +${figures} +1\\.00 `, 'm'),
    /^\| this server +\| +\d+\.\d+\.\d+ \| +\d+ ms \| +[\d.]+ \(.*\) \| +\d+ MiB \| +\d+ MiB \|$/m,
    /^\| 1,000 +\|/m,
    /^\| this server, from NDJSON +\| memory \|/m,
    /^\| bare better-sqlite3.*\| +file \|/m,
  ])
    t.match(run.stdout, row);
  t.equal(readFileSync(join(out, 'results.md'), 'utf8'), run.stdout);
  t.match(readFileSync(join(out, 'results.svg'), 'utf8'), /^<svg .*<\/svg>\n$/s);
});

t.test('autocannon walks the targets too', { skip }, async (t) => {
  if (!existsSync('bench/node_modules/autocannon/package.json')) return t.pass('autocannon is not installed');
  const flags = ['--quick', '--servers', 'mock,node', '--parts', '404', '--load', 'autocannon'];
  const run = spawnBench(t, 'bench/main.ts', ...flags);
  t.equal(await run.ended, 0, run.stderr);
  t.match(run.stdout, /; autocannon \d+.*^\| 404, distinct targets \| +this server \|/ms);
});

t.test('a short soak sends everything', { skip }, async (t) => {
  const out = t.testdir();
  const run = spawnBench(t, 'bench/soak/main.ts', '--minutes', '0.07', '--out', out);
  t.equal(await run.ended, 0, run.stderr);
  t.match(run.stdout, /^# A soak of 0\.\d minutes\n/);
  t.match(run.stdout, /^[\d,]+ requests, [1-9][\d,]* requests of the tester and 0 resets\./m);
  t.equal(readFileSync(join(out, 'soak.md'), 'utf8'), run.stdout);
  t.match(readFileSync(join(out, 'soak.svg'), 'utf8'), /^<svg .*<\/svg>\n$/s);
});

t.test('an invalid flag is reported with the help', async (t) => {
  for (const [file, ...args] of [
    ['bench/main.ts', '--servers', 'nginx'],
    ['bench/soak/main.ts', '--minutes', 'ten'],
  ] as const) {
    const run = spawnBench(t, file, ...args);
    t.equal(await run.ended, 2);
    t.match(run.stderr, new RegExp(`^${args[0]}: found "${args[1]}".*\\n\\nUsage: `, 's'));
  }
});
