import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { spawnProgram } from '../process/run.js';

/** Runs the benchmark out of the coverage of the test: what it spawns shall run as it would for a person. */
const spawnBench = (t: Test, ...args: string[]) => {
  const loaders = process.execArgv.filter((flag) => !flag.includes('processinfo'));
  const command = [process.execPath, ...loaders, 'bench/main.ts', ...args];
  return spawnProgram(t, 'sh', ['-c', 'unset NODE_OPTIONS; exec "$@"', 'sh', ...command]);
};

const hasLoad =
  spawnSync('wrk', ['--version']).error === undefined || existsSync('bench/node_modules/autocannon/package.json');

t.test('a smoke run measures everything once', { skip: hasLoad ? false : 'nothing to make load with' }, async (t) => {
  const out = t.testdir();
  const run = spawnBench(t, '--quick', '--only', 'mock,node', '--connections', '32', '--out', out);
  t.equal(await run.ended, 0, run.stderr);
  for (const row of [
    ...['hit', 'first hit', '404', '401', '400'].map(
      (answer) => new RegExp(`^\\| this server +\\| +${answer} \\| +32 \\|`, 'm'),
    ),
    /^\| bare node:http +\| +hit \| +32 \|.* 100\.0 % /m,
    /^\| this server +\| +\d+\.\d+\.\d+ \| +\d+ ms \| +\d+ MiB \| +\d+ MiB \|$/m,
    /^\| 1,000 +\|/m,
    /^\| this server, from NDJSON +\| memory \|/m,
    /^\| bare better-sqlite3.*\| +file \|/m,
  ])
    t.match(run.stdout, row);
  t.equal(readFileSync(join(out, 'results.md'), 'utf8'), run.stdout);
  t.match(readFileSync(join(out, 'results.svg'), 'utf8'), /^<svg .*<\/svg>\n$/s);
});

t.test('a mistake is told with the help', async (t) => {
  const run = spawnBench(t, '--only', 'nginx');
  t.equal(await run.ended, 2);
  t.match(run.stderr, /^--only: found "nginx".*\n\nUsage: /s);
});
