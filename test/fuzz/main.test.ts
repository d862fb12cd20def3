import t, { type Test } from 'tap';
import { spawnProgram } from '../process/run.js';

/** Runs the fuzzer out of the coverage of the test: what it spawns shall run as it would for a person. */
const spawnFuzz = (t: Test, ...args: string[]) => {
  const loaders = process.execArgv.filter((flag) => !flag.includes('processinfo'));
  const command = [process.execPath, ...loaders, 'fuzz/main.ts', ...args];
  return spawnProgram(t, 'sh', ['-c', 'unset NODE_OPTIONS; exec "$@"', 'sh', ...command]);
};

t.test('a run tells its seed first, and what it did', async (t) => {
  const run = spawnFuzz(t, '--minutes', '0.01', '--seed', '3', '--only', 'fixtures');
  t.equal(await run.ended, 0, run.stderr);
  t.match(run.stdout, /^seed 3\nfixtures .*passed: \d+ documents, \d+ answers\n$/s);
});

t.test('a mistake is told with the help', async (t) => {
  const run = spawnFuzz(t, '--only', 'nothing');
  t.equal(await run.ended, 2);
  t.match(run.stderr, /^--only: found "nothing".*\n\nUsage: /s);
});
