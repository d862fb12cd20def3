import { spawnSync } from 'node:child_process';
import t from 'tap';
import { generateText } from '../../commands/run.js';
import { fromBuild, spawnProgram } from '../../spawn.js';

t.test('a reader that closes the pipe ends it with exit code 0', async (t) => {
  const run = spawnProgram(t, process.execPath, fromBuild('generate', '--versions', '1000000000'));
  await run.until(/\n/);
  run.child.stdout?.destroy();
  t.equal(await run.ended, 0);
  t.equal(run.stderr, '');
});

t.test('the output is the same in a pipe and in a file', async (t) => {
  const quoted = [process.execPath, ...fromBuild('generate', '--versions', '20000')].map((word) => `'${word}'`);
  const file = `${t.testdir()}/a.ndjson`;
  const shell = (command: string) => spawnSync('sh', ['-c', command], { encoding: 'utf8', maxBuffer: 1e8 }).stdout;
  const text = generateText(20_000);
  t.ok(shell(`${quoted.join(' ')} | cat`) === text, 'in a pipe');
  t.ok(shell(`${quoted.join(' ')} > '${file}' && cat '${file}'`) === text, 'in a file');
});
