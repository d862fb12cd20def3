import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import t, { type Test } from 'tap';
import { Failure } from '../../src/failure.js';
import { openStore } from '../../src/store/store.js';
import { asOrdinaryUser, makeOpenFolder } from './ordinary-user.js';
import { failureOf } from './support.js';

/** Makes a file of ours with some data, and the given change to its database. */
function makeStore(folder: string, change = (_db: Database.Database) => {}): string {
  const file = `${folder}/store.db`;
  const store = openStore(file);
  store.replace((writer) => writer.addRegistry({ ref: 'acme/go', packageType: 'GO' }));
  store.close();
  const db = new Database(file);
  change(db);
  db.close();
  return file;
}

/** Opens a file that must be refused, with the given sentence behind its name, and checks that it is unchanged. */
function checkRefused(t: Test, file: string, sentence: string, open = () => openStore(file)): void {
  const before = readFileSync(file);
  t.equal(failureOf(open), `store ${file}: ${sentence}`, sentence);
  t.ok(readFileSync(file).equals(before), 'the file is unchanged');
}

t.test('refuses a file that is no database', async (t) => {
  const sentence = 'it is not a SQLite database; mend it, or name another file with --db';
  for (const content of [
    'short',
    'A text, and a long one at that.\n'.repeat(1_000),
    `SQLite format 2\0${'x'.repeat(4_080)}`,
  ]) {
    const folder = t.testdir({ 'store.db': content });
    checkRefused(t, `${folder}/store.db`, sentence);
    t.strictSame(readdirSync(folder), ['store.db'], 'no file is left beside it');
  }
});

t.test('refuses a damaged file', async (t) => {
  const sentence = 'it is damaged; mend it, or name another file with --db';
  const damages: Record<string, (bytes: Buffer) => Buffer> = {
    'the end is missing': (bytes) => bytes.subarray(0, 5_000),
    'the schema is overwritten': (bytes) => bytes.fill('Z', 100, 4_096),
  };
  for (const [name, damage] of Object.entries(damages)) {
    const folder = t.testdir({});
    const file = makeStore(folder);
    writeFileSync(file, damage(readFileSync(file)));
    t.comment(name);
    checkRefused(t, file, sentence);
    t.strictSame(readdirSync(folder), ['store.db'], 'no file is left beside it');
  }
});

t.test('refuses a file that is damaged behind its schema', async (t) => {
  const file = makeStore(t.testdir({}));
  writeFileSync(file, readFileSync(file).fill('Z', 4_096));
  t.equal(
    failureOf(() => openStore(file)),
    `store ${file}: it is damaged; mend it, or name another file with --db`,
  );
});

t.test('refuses a file of ours without its tables', async (t) => {
  const file = makeStore(t.testdir({}), (db) => db.exec('DROP TABLE grants; DROP TABLE api_keys; DROP TABLE versions'));
  t.match(
    failureOf(() => openStore(file)),
    /^store .*: no such table: .*; mend it, or name another file with --db$/,
  );
});

t.test('refuses a file whose format SQLite does not know, in its words', async (t) => {
  const file = makeStore(t.testdir({}));
  const bytes = readFileSync(file);
  const schemaFormat = 44;
  bytes.writeUInt32BE(99, schemaFormat);
  writeFileSync(file, bytes);
  checkRefused(t, file, 'unsupported file format; mend it, or name another file with --db');
});

t.test('refuses a database of another program', async (t) => {
  for (const journal of ['delete', 'wal']) {
    const folder = t.testdir({});
    const file = `${folder}/store.db`;
    const db = new Database(file);
    db.pragma(`journal_mode = ${journal}`);
    db.exec("CREATE TABLE notes (text); INSERT INTO notes VALUES ('keep me')");
    db.close();
    checkRefused(t, file, 'is a database of another program; name another file with --db');
    t.strictSame(readdirSync(folder), ['store.db'], 'no file is left beside it');
  }
});

t.test('refuses a file of a newer release', async (t) => {
  const file = makeStore(t.testdir({}), (db) => db.pragma('user_version = 2'));
  const sentence =
    'has schema version 2, and this release knows 1; use the release that wrote it, or name another file with --db';
  checkRefused(t, file, sentence);
});

t.test('refuses a place where no file can be', async (t) => {
  const folder = t.testdir({ 'folder.db': {}, file: 'text' });
  const rows: [name: string, sentence: string][] = [
    ['none/store.db', `its folder ${folder}/none does not exist; create it first`],
    ['folder.db', 'is not a file; name a file that --db may create or open'],
    [
      'file/store.db',
      'it cannot be opened; check that it and its folder may be written; mend it, or name another file with --db',
    ],
  ];
  for (const [name, sentence] of rows) {
    const file = `${folder}/${name}`;
    t.equal(
      failureOf(() => openStore(file)),
      `store ${file}: ${sentence}`,
      name,
    );
  }
  t.strictSame(readdirSync(folder).sort(), ['file', 'folder.db'], 'nothing is made');
});

t.test('refuses what this user may not write', async (t) => {
  const readOnly = 'it is read-only; mend it, or name another file with --db';
  const closed =
    'it cannot be opened; check that it and its folder may be written; mend it, or name another file with --db';
  const rows: [name: string, fileMode: number, folderMode: number, sentence: string][] = [
    ['a file that is read-only', 0o444, 0o777, readOnly],
    ['a file that is read-only, in such a folder', 0o444, 0o555, readOnly],
    ['a file in a folder that is read-only', 0o666, 0o555, readOnly],
    ['a file that may not be read', 0o000, 0o777, closed],
  ];
  for (const [name, fileMode, folderMode, sentence] of rows) {
    const folder = makeOpenFolder(t);
    const file = makeStore(folder);
    const before = readFileSync(file);
    chmodSync(file, fileMode);
    chmodSync(folder, folderMode);
    const open = () => asOrdinaryUser(() => openStore(file));
    t.equal(failureOf(open), `store ${file}: ${sentence}`, name);
    chmodSync(folder, 0o777);
    chmodSync(file, 0o666);
    t.ok(readFileSync(file).equals(before), 'the file is unchanged');
  }

  const folder = makeOpenFolder(t);
  mkdirSync(`${folder}/closed`, 0o555);
  const file = `${folder}/closed/store.db`;
  t.equal(
    failureOf(() => asOrdinaryUser(() => openStore(file))),
    `store ${file}: ${closed}`,
    'a new file there',
  );
  t.strictSame(readdirSync(`${folder}/closed`), [], 'nothing is made');
});

t.test('refuses a file that another process is writing to', async (t) => {
  const file = makeStore(t.testdir({}));
  const other = new Database(file);
  t.teardown(() => other.close());
  other.exec('BEGIN IMMEDIATE');
  checkRefused(t, file, 'another process is writing to it; mend it, or name another file with --db');
  other.exec('ROLLBACK');
  const store = openStore(file);
  t.teardown(() => store.close());
  t.equal(store.summarise().registries, 1, 'takes it when it is free');
});

t.test('says what the cause was', async (t) => {
  const file = `${t.testdir({ 'store.db': 'text' })}/store.db`;
  try {
    openStore(file);
    t.fail('is refused');
  } catch (error) {
    t.ok(error instanceof Failure);
    t.match((error as Failure).cause, { code: 'SQLITE_NOTADB' });
  }
});
