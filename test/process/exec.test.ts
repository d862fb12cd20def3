import t from 'tap';
import { spawnCli } from './run.js';

const REPORT = `
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => { console.log(signal); process.exit(7); });
  console.log('ready');
  setInterval(() => {}, 1000);`;

for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
  t.test(`hands ${signal} on and waits for the command`, async (t) => {
    const run = spawnCli(t, ['exec', '--', process.execPath, '-e', REPORT]);
    await run.until(/ready\n/);
    run.child.kill(signal);
    t.equal(await run.ended, 7);
    t.equal(run.stdout, `ready\n${signal}\n`);
  });
}

t.test('leaves SIGINT to the terminal, which sends it to the command as well', async (t) => {
  const run = spawnCli(t, [
    'exec',
    '--',
    process.execPath,
    '-e',
    `${REPORT} process.stdin.on('end', () => process.exit(8)).resume();`,
  ]);
  await run.until(/ready\n/);
  run.child.kill('SIGINT');
  run.child.stdin?.end();
  t.equal(await run.ended, 8);
  t.equal(run.stdout, 'ready\n');
});
