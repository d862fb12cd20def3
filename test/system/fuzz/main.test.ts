import t, { type Test } from 'tap';
import { spawnProgram } from '../../spawn.js';

/** Runs the fuzzer without coverage, because its servers must run as usual. */
const spawnFuzz = (t: Test, ...args: string[]) => {
  const loaders = process.execArgv.filter((flag) => !flag.includes('processinfo'));
  const command = [process.execPath, ...loaders, 'fuzz/main.ts', ...args];
  return spawnProgram(t, 'sh', ['-c', 'unset NODE_OPTIONS; exec "$@"', 'sh', ...command]);
};

t.test('a run prints its seed and a summary', async (t) => {
  const run = spawnFuzz(t, '--minutes', '0.01', '--seed', '3', '--only', 'fixtures');
  t.equal(await run.ended, 0, run.stderr);
  t.match(run.stdout, /^seed 3\nfixtures .*passed: \d+ documents, \d+ answers\n$/s);
});

t.test('an invalid argument is reported with the help', async (t) => {
  const run = spawnFuzz(t, '--only', 'nothing');
  t.equal(await run.ended, 2);
  t.match(run.stderr, /^--only: found "nothing".*\n\nUsage: /s);
});
