import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import t, { type Test } from 'tap';
import { KEY, NGINX, NGINX_BODY } from '../../helper.js';
import { type Run, spawnBuild, spawnBuiltServer, spawnProgram } from '../../spawn.js';
import { mountSmallDisk, skipUnlessMountable } from './small-disk.js';
import { makeFixture, readState, target } from './states.js';

const skip = skipUnlessMountable();

const INTERNAL_ERROR = { code: '500', message: 'Internal server error' };

/** Adds enough data to make the file grow. */
const put = (url: string) =>
  send(`${url}/__admin/fixtures`, { method: 'PUT', body: JSON.stringify(makeFixture('new', 500)) });

async function send(url: string, options: RequestInit = {}) {
  const headers = { 'x-api-key': KEY, ...(options.body && { 'content-type': 'application/json' }) };
  const response = await fetch(url, { ...options, headers });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

/** Fails unless a server still serves the data of its start. */
async function checkServed(t: Test, url: string): Promise<void> {
  t.strictSame(await send(url + NGINX), { status: 200, body: NGINX_BODY });
  for (const path of ['/healthz', '/readyz'])
    t.strictSame(await send(url + path), { status: 200, body: { status: 'ok' } });
}

/** The causes of failed requests in the log. */
const listCauses = ({ stdout }: Run): string[] =>
  stdout
    .split('\n')
    .filter((line) => line.includes('request failed'))
    .map((line) => JSON.parse(line).err.message);

t.test('on a full disk only writes fail', { skip }, async (t) => {
  const disk = mountSmallDisk(t, 16);
  const db = join(disk.folder, 'store.db');
  const { run, url } = await spawnBuiltServer(t, '--db', db);
  const freeSpace = disk.fill();
  t.strictSame(await put(url), { status: 500, body: INTERNAL_ERROR });
  t.strictSame(listCauses(run), [
    `store ${db}: the disk is full; fix it, or name another file with --db: database or disk is full`,
  ]);
  await checkServed(t, url);

  freeSpace();
  t.equal((await put(url)).status, 200);
  t.equal((await send(`${url}/__admin/reset`, { method: 'POST' })).status, 204);
  await checkServed(t, url);
  run.child.kill('SIGTERM');
  t.equal(await run.ended, 0);
  t.equal(run.stderr, '');
  t.ok(readState(db), 'the file is not damaged');
});

t.test('a server stopped on a full disk leaves an undamaged file', { skip }, async (t) => {
  const disk = mountSmallDisk(t, 16);
  const db = join(disk.folder, 'store.db');
  const { run, url } = await spawnBuiltServer(t, '--db', db);
  const freeSpace = disk.fill();
  t.equal((await put(url)).status, 500);
  run.child.kill('SIGTERM');
  t.equal(await run.ended, 0);
  freeSpace();
  const next = await spawnBuiltServer(t, '--db', db);
  await checkServed(t, next.url);
});

t.test('a start on a full disk is refused in one sentence, exit code 1', { skip }, async (t) => {
  const disk = mountSmallDisk(t, 1);
  disk.fill();
  const db = join(disk.folder, 'store.db');
  const run = spawnBuild(t, ['--port', '0', '--db', db]);
  t.equal(await run.ended, 1);
  t.match(run.stderr, /^store \S+: the disk is full; fix it, or name another file with --db\n$/);
  t.equal(run.stdout, '');
});

t.test('a start on a read-only disk is refused in one sentence, exit code 1', { skip }, async (t) => {
  const disk = mountSmallDisk(t, 16);
  const db = join(disk.folder, 'store.db');
  const { run } = await spawnBuiltServer(t, '--db', db);
  run.child.kill('SIGTERM');
  t.equal(await run.ended, 0);
  disk.protect();
  for (const file of [db, join(disk.folder, 'other.db')]) {
    const run = spawnBuild(t, ['--port', '0', '--db', file]);
    t.equal(await run.ended, 1);
    t.match(
      run.stderr,
      /^store \S+: it cannot be (written; fix it|opened; check .*), or name another file with --db\n$/,
    );
    t.equal(run.stdout, '');
  }
});

t.test('the store writes to no other folder than its own', { skip }, async (t) => {
  const folder = t.testdir({ 'a.json': JSON.stringify(makeFixture('old', 500)) });
  const places = ['/tmp', '/var/tmp', '/usr/tmp'].filter((place) => existsSync(place));
  const protect = places.map((place) => `mount -t tmpfs -o ro tmpfs ${place}`).join(' && ');
  // The project itself, or Node, may be in one of these folders.
  const inside = (path: string) => join('/mnt', relative(process.cwd(), path));
  const files = ['--db', inside(`${folder}/store.db`), '--fixtures', inside(`${folder}/a.json`)];
  const command = `exec 9<"$0" && mount --bind . /mnt && ${protect} && cd /proc && unset NODE_OPTIONS && exec /proc/self/fd/9 "$@"`;
  const server = ['/mnt/dist/cli.js', ...files, '--auth', 'off', '--port', '0'];
  const run = spawnProgram(t, 'unshare', ['--mount', 'sh', '-c', command, process.execPath, ...server]);
  const [, url] = await run.until(/^Listening on (.*)\n/m);
  t.equal((await send(`${url}/__admin/fixtures?ref=durable/data`, { method: 'DELETE' })).status, 200);
  t.equal((await send(url + target('old'))).status, 404);
  t.equal((await send(`${url}/__admin/reset`, { method: 'POST' })).status, 204);
  t.equal((await send(url + target('old'))).status, 200);
});

const LOSSES: Record<string, (db: string) => void> = {
  removed: (db) => {
    for (const suffix of ['', '-wal', '-shm']) rmSync(db + suffix, { force: true });
  },
  replaced: (db) => {
    writeFileSync(`${db}.other`, '');
    renameSync(`${db}.other`, db);
  },
};

for (const [loss, lose] of Object.entries(LOSSES)) {
  t.test(`a store whose file is ${loss} is still served, but no longer written`, async (t) => {
    const db = join(t.testdir(), 'store.db');
    const { run, url } = await spawnBuiltServer(t, '--db', db);
    lose(db);
    await checkServed(t, url);
    t.strictSame(await put(url), { status: 500, body: INTERNAL_ERROR });
    t.strictSame(await send(`${url}/__admin/reset`, { method: 'POST' }), { status: 500, body: INTERNAL_ERROR });
    const cause =
      `store ${db}: the file was removed or replaced while it was served, so it is no longer written; ` +
      'the data read from it is still served, restart to open the file that is there now';
    t.strictSame(listCauses(run), [cause, cause]);
    await checkServed(t, url);
    run.child.kill('SIGTERM');
    t.equal(await run.ended, 0);

    const next = await spawnBuiltServer(t, '--db', db);
    await checkServed(t, next.url);
  });
}
