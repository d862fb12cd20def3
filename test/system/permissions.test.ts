import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openStore } from '../../src/store/store.js';

const source = (path: string): string => JSON.stringify(join(__dirname, '../../src', path));

/** Prints the message of what fails when a path is opened as a store or loaded as a fixture. */
const SCRIPT = `
  const { openStore } = require(${source('store/store.ts')});
  const { writeFixtures } = require(${source('seed/write.ts')});
  const [kind, path] = process.argv.slice(1);
  try {
    if (kind === 'store') openStore(path);
    else writeFixtures([path], openStore().seed);
    console.log('nothing is thrown');
  } catch (error) {
    console.log(error.message);
  }`;

/** Returns what `SCRIPT` prints for a user with file permissions: root, which ignores them, becomes nobody. */
function tryAsOrdinaryUser(kind: 'store' | 'fixture', path: string): string {
  const user = process.geteuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const args = ['--import=tsx', '--eval', SCRIPT, kind, path];
  return spawnSync(process.execPath, args, { encoding: 'utf8', ...user }).stdout.trim();
}

/** Creates a folder that any user can write to; it is removed with the test. */
function makeOpenFolder(t: Test): string {
  const root = mkdtempSync(join(tmpdir(), 'registry-mock-'));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  const folder = join(root, 'open');
  mkdirSync(folder);
  for (const path of [root, folder]) chmodSync(path, 0o777);
  return folder;
}

t.test('a store file that this user cannot write is refused and unchanged', async (t) => {
  const readOnly = 'it cannot be written; fix it, or name another file with --db';
  const closed = 'it cannot be opened; check that it and its folder are writable, or name another file with --db';
  const rows: [name: string, fileMode: number, folderMode: number, sentence: string][] = [
    ['a read-only file', 0o444, 0o777, readOnly],
    ['a read-only file in a read-only folder', 0o444, 0o555, readOnly],
    ['a file in a read-only folder', 0o666, 0o555, readOnly],
    ['an unreadable file', 0o000, 0o777, readOnly],
  ];
  for (const [name, fileMode, folderMode, sentence] of rows) {
    const folder = makeOpenFolder(t);
    const file = `${folder}/store.db`;
    openStore(file).close();
    const before = readFileSync(file);
    chmodSync(file, fileMode);
    chmodSync(folder, folderMode);
    t.equal(tryAsOrdinaryUser('store', file), `store ${file}: ${sentence}`, name);
    chmodSync(folder, 0o777);
    chmodSync(file, 0o666);
    t.ok(readFileSync(file).equals(before), 'the file is unchanged');
  }

  const folder = makeOpenFolder(t);
  mkdirSync(`${folder}/closed`, 0o555);
  const file = `${folder}/closed/store.db`;
  t.equal(tryAsOrdinaryUser('store', file), `store ${file}: ${closed}`, 'a new file in a read-only folder');
  t.strictSame(readdirSync(`${folder}/closed`), [], 'nothing is created');
});

t.test('a fixture file that this user cannot read is refused', async (t) => {
  const folder = makeOpenFolder(t);
  for (const name of ['a.yaml', 'b.ndjson']) {
    const file = `${folder}/${name}`;
    writeFileSync(file, '');
    chmodSync(file, 0o000);
    t.equal(tryAsOrdinaryUser('fixture', file), `${file}: cannot be read (EACCES)`, name);
  }
});
