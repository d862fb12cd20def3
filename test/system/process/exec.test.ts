import t from 'tap';
import { spawnBuild } from '../../spawn.js';

const REPORT = `
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => { console.log(signal); process.exit(7); });
  console.log('ready');
  setInterval(() => {}, 1000);`;

for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
  t.test(`passes ${signal} on and waits for the command`, async (t) => {
    const run = spawnBuild(t, ['exec', '--', process.execPath, '-e', REPORT]);
    await run.until(/ready\n/);
    run.child.kill(signal);
    t.equal(await run.ended, 7);
    t.equal(run.stdout, `ready\n${signal}\n`);
  });
}

t.test('does not pass SIGINT on, because a terminal sends it to the command too', async (t) => {
  const run = spawnBuild(t, [
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
