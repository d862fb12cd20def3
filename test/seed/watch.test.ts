import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { watchFixtures } from '../../src/seed/watch.js';
import { pollUntil } from '../spawn.js';

/** In milliseconds. */
const INTERVAL = 10;

/** Watches paths until the end of the test; `changes` and `problems` grow. */
async function watch(t: Test, ...paths: string[]) {
  const seen = { changes: 0, problems: [] as string[] };
  const onChange = (problem?: string) => {
    if (problem === undefined) seen.changes += 1;
    else seen.problems.push(problem);
  };
  const stop = watchFixtures(paths, onChange, INTERVAL);
  t.teardown(stop);
  const untilChanged = async (count: number) => {
    await pollUntil(
      async () => seen.changes,
      (changes) => changes >= count,
    );
  };
  const untilMissing = async (count: number) => {
    await pollUntil(
      async () => seen.problems.length,
      (problems) => problems >= count,
    );
  };
  return { seen, stop, untilChanged, untilMissing };
}

/** Long enough for a watcher to report what it wrongly considers a change. */
const settle = () => sleep(15 * INTERVAL);

t.test('a change of the fixtures is reported, wherever and however it is made', async (t) => {
  const rows: Record<string, (folder: string) => void> = {
    'a file is written': (folder) => writeFileSync(`${folder}/a.yaml`, 'registries: []'),
    'a file is replaced': (folder) => {
      writeFileSync(`${folder}/a.tmp`, '');
      renameSync(`${folder}/a.tmp`, `${folder}/a.yaml`);
    },
    'a file is added': (folder) => writeFileSync(`${folder}/b.JSONL`, ''),
    'a file is added in a new folder': (folder) => {
      mkdirSync(`${folder}/new/er`, { recursive: true });
      writeFileSync(`${folder}/new/er/b.json`, '{}');
    },
    'one of two files is removed': (folder) => rmSync(`${folder}/deep/b.yaml`),
    'a file gets a name that is not read': (folder) => renameSync(`${folder}/deep/b.yaml`, `${folder}/deep/b.txt`),
    'the folder is replaced': (folder) => {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      writeFileSync(`${folder}/a.yaml`, '');
    },
  };
  for (const [name, change] of Object.entries(rows)) {
    await t.test(name, async (t) => {
      const folder = t.testdir({ d: { 'a.yaml': '', deep: { 'b.yaml': '' } } });
      const { seen, untilChanged } = await watch(t, `${folder}/d`);
      await settle();
      t.equal(seen.changes, 0, 'files that exist at the start are not changes');
      change(`${folder}/d`);
      await untilChanged(1);
      await settle();
      t.strictSame(seen, { changes: 1, problems: [] });
    });
  }
});

t.test('a link is followed anew, also if the old target stays', async (t) => {
  const folder = t.testdir({ one: { 'a.yaml': '' }, two: { 'a.yaml': '' } });
  symlinkSync('one', `${folder}/current`);
  const { seen, untilChanged } = await watch(t, `${folder}/current`);
  for (const [index, target] of ['two', 'one'].entries()) {
    symlinkSync(target, `${folder}/next`);
    renameSync(`${folder}/next`, `${folder}/current`);
    await untilChanged(index + 1);
  }
  writeFileSync(`${folder}/two/a.yaml`, 'registries: []');
  await settle();
  t.strictSame(seen, { changes: 2, problems: [] });
});

t.test('missing fixtures are reported once, and their return is a change', async (t) => {
  const folder = t.testdir({ d: { 'a.yaml': '' } });
  const path = `${folder}/d`;
  const { seen, untilChanged, untilMissing } = await watch(t, path);
  for (const round of [1, 2]) {
    rmSync(path, { recursive: true });
    await untilMissing(round);
    mkdirSync(path);
    writeFileSync(`${path}/README.md`, '');
    await settle();
    t.equal(seen.problems.length, round, 'an empty folder is not another problem');
    writeFileSync(`${path}/a.yaml`, '');
    await untilChanged(round);
  }
  t.strictSame(seen, {
    changes: 2,
    problems: Array(2).fill(`${path}: does not exist; expected a fixture file or a folder of them`),
  });
});

t.test('everything else in the folder is ignored', async (t) => {
  const folder = t.testdir({ 'a.yaml': '', '.git': {}, deep: {} });
  const { seen } = await watch(t, folder);
  for (const name of [
    'README.md',
    '.git/index',
    '.hidden.yaml',
    'server.log',
    'store.db',
    'deep/fixture.schema.json',
  ]) {
    writeFileSync(`${folder}/${name}`, name);
  }
  await settle();
  t.strictSame(seen, { changes: 0, problems: [] });
});

t.test('a named pipe, a socket and a loop of links do not block', { skip: process.platform === 'win32' }, async (t) => {
  const folder = t.testdir({ 'a.yaml': '' });
  const { seen, untilChanged } = await watch(t, folder);
  execFileSync('mkfifo', [`${folder}/pipe.yaml`]);
  symlinkSync('.', `${folder}/loop`);
  const server = createServer();
  t.teardown(() => server.close());
  // The path of a socket has at most about 100 characters.
  const short = mkdtempSync(join(tmpdir(), 's-'));
  t.teardown(() => rmSync(short, { recursive: true }));
  await once(server.listen(join(short, 's')), 'listening');
  symlinkSync(join(short, 's'), `${folder}/s.json`);
  await settle();
  t.strictSame(seen, { changes: 0, problems: [] });
  unlinkSync(`${folder}/a.yaml`);
  writeFileSync(`${folder}/b.yaml`, '');
  await untilChanged(1);
});

t.test('a file that changes all the time is reported nevertheless', async (t) => {
  const folder = t.testdir({ 'a.yaml': '', 'b.yaml': '' });
  let size = 0;
  const timer = setInterval(() => {
    size = (size + 1) % 1_000;
    writeFileSync(`${folder}/a.yaml`, '#'.repeat(size));
  }, INTERVAL / 5);
  t.teardown(() => clearInterval(timer));
  const { untilChanged } = await watch(t, folder);
  await untilChanged(2);
  clearInterval(timer);
});

t.test('after stop, nothing is reported', async (t) => {
  const folder = t.testdir({ 'a.yaml': '' });
  const { seen, stop } = await watch(t, folder);
  const other = await watch(t, folder);
  writeFileSync(`${folder}/a.yaml`, 'registries: []');
  stop();
  await other.untilChanged(1);
  t.equal(seen.changes, 0);
});
