import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import t from 'tap';
import { KEY, NGINX, NGINX_BODY } from '../helper.js';
import { fromSource, spawnProgram, spawnServer } from './run.js';

async function ask(url: string) {
  const response = await fetch(url + NGINX, { headers: { 'x-api-key': KEY } });
  return { status: response.status, body: await response.json() };
}

t.test('a store in a file is seeded once, and served again without fixtures', async (t) => {
  const folder = t.testdir({ none: {} });
  const db = join(folder, 'store.db');
  const first = await spawnServer(t, '--db', db);
  t.strictSame(await ask(first.url), { status: 200, body: NGINX_BODY });
  t.notMatch(first.run.stdout, /is not empty/);
  first.run.child.kill('SIGTERM');
  t.equal(await first.run.ended, 0);

  const second = await spawnServer(t, '--db', db, '--fixtures', join(folder, 'none'));
  t.strictSame(await ask(second.url), { status: 200, body: NGINX_BODY });
  const info = JSON.parse(second.run.stdout.split('\n')[0] as string);
  t.match(info, { level: 30, msg: `store ${db} is not empty: it is served as it is, and no fixture is loaded` });
});

t.test('a store that breaks under a running server is told on reload, and the server stays', async (t) => {
  const folder = t.testdir({ 'a.yaml': 'registries: []' });
  const db = join(folder, 'store.db');
  const { run, url } = await spawnServer(t, '--db', db, '--fixtures', join(folder, 'a.yaml'), '--watch');
  const other = new Database(db);
  other.exec('DROP TABLE grants; DROP TABLE api_keys');
  other.close();
  writeFileSync(join(folder, 'a.yaml'), 'registries: [] # changed');
  const [line] = await run.until(/^.*fixtures not loaded.*$/m);
  t.match(JSON.parse(line), { level: 50, msg: /the data stays as it was:\nstore .*: no such table/ });
  t.equal((await fetch(`${url}/healthz`)).status, 200);
});

t.test('an error that nobody foresaw is logged with its cause, and ends the process with exit code 1', async (t) => {
  const ambush = "process.on('SIGUSR2', () => { throw new Error('canary'); })";
  const args = [`--import=data:text/javascript,${encodeURIComponent(ambush)}`, ...fromSource('--port', '0')];
  const run = spawnProgram(t, process.execPath, args);
  await run.until(/^Listening on/m);
  run.child.kill('SIGUSR2');
  t.equal(await run.ended, 1);
  const fatal = run.stdout.split('\n').filter((line) => line.includes('"level":60'));
  t.equal(fatal.length, 1);
  t.match(JSON.parse(fatal[0] as string), { msg: 'unforeseen error', err: { message: 'canary' } });
});
