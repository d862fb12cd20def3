import { join } from 'node:path';
import t from 'tap';
import { KEY, NGINX, NGINX_BODY } from '../../helper.js';
import { fromBuild, spawnBuild, spawnBuiltServer, spawnProgram } from '../../spawn.js';

async function ask(url: string) {
  const response = await fetch(url + NGINX, { headers: { 'x-api-key': KEY } });
  return { status: response.status, body: await response.json() };
}

t.test('a store in a file is seeded once, and served later without fixtures', async (t) => {
  const folder = t.testdir({ none: {} });
  const db = join(folder, 'store.db');
  const first = await spawnBuiltServer(t, '--db', db);
  t.strictSame(await ask(first.url), { status: 200, body: NGINX_BODY });
  t.notMatch(first.run.stdout, /is not empty/);
  first.run.child.kill('SIGTERM');
  t.equal(await first.run.ended, 0);

  const second = await spawnBuiltServer(t, '--db', db, '--fixtures', join(folder, 'none'));
  t.strictSame(await ask(second.url), { status: 200, body: NGINX_BODY });
  const info = JSON.parse(second.run.stdout.split('\n')[0] as string);
  t.match(info, { level: 30, msg: `store ${db} is not empty: its data is served, not that of the fixtures` });
});

t.test('a second process on the same file is refused in one sentence, exit code 1', async (t) => {
  const db = join(t.testdir(), 'store.db');
  await spawnBuiltServer(t, '--db', db);
  for (const args of [
    ['--port', '0'],
    ['explain', '/har/api/v1/registry/a/b'],
  ]) {
    const second = spawnBuild(t, [...args, '--db', db]);
    t.equal(await second.ended, 1, args.join(' '));
    t.equal(second.stderr, `store ${db}: is in use by another process; a store file belongs to one process\n`);
    t.equal(second.stdout, '');
  }
});

t.test('an unexpected error is logged with its cause, and ends the process with exit code 1', async (t) => {
  const preload = "process.on('SIGUSR2', () => { throw new Error('canary'); })";
  const args = [`--import=data:text/javascript,${encodeURIComponent(preload)}`, ...fromBuild('--port', '0')];
  const run = spawnProgram(t, process.execPath, args);
  await run.until(/^Listening on/m);
  run.child.kill('SIGUSR2');
  t.equal(await run.ended, 1);
  const fatal = run.stdout.split('\n').filter((line) => line.includes('"level":60'));
  t.equal(fatal.length, 1);
  t.match(JSON.parse(fatal[0] as string), { msg: 'unexpected error', err: { message: 'canary' } });
});
