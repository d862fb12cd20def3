import * as fs from 'node:fs';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Database from 'better-sqlite3';
import t, { type Test } from 'tap';
import { hashKey } from '../../src/store/identify.js';
import { explainErrors, openDatabase } from '../../src/store/open.js';
import { APPLICATION_ID, SCHEMA_VERSION } from '../../src/store/schema.js';
import { openStore } from '../../src/store/store.js';
import { UserError } from '../../src/util/errors.js';
import { messageOf, openBoth, storeWith } from './support.js';

const IN_USE = 'is in use by another process; a store file belongs to one process';

t.test('a store creates its file and opens it again', async (t) => {
  const folder = t.testdir({});
  const file = `${folder}/store.db`;
  const first = openStore(file);
  t.ok(existsSync(file), 'it exists at once');
  t.equal(first.isEmpty(), true);
  first.seed((writer) => writer.addRegistry({ ref: 'acme/go', packageType: 'GO' }));
  t.equal(first.isReadable(), true);
  first.close();
  first.close();
  t.equal(first.isReadable(), false);
  t.strictSame(readdirSync(folder), ['store.db'], 'one file is left');

  const second = openStore(file);
  t.teardown(() => second.close());
  t.equal(second.isEmpty(), false);
  t.equal(second.summarise().registries, 1);
});

t.test('a file has the application id and the schema version', async (t) => {
  const file = `${t.testdir({})}/store.db`;
  openStore(file).close();
  const db = new Database(file, { readonly: true });
  t.teardown(() => db.close());
  t.equal(db.pragma('application_id', { simple: true }), APPLICATION_ID);
  t.equal(db.pragma('user_version', { simple: true }), SCHEMA_VERSION);
  t.equal(db.pragma('journal_mode', { simple: true }), 'wal');
});

t.test('an empty file becomes a store', async (t) => {
  const file = `${t.testdir({ 'store.db': '' })}/store.db`;
  const store = openStore(file);
  t.teardown(() => store.close());
  t.equal(store.isEmpty(), true);
});

t.test('a store whose file was removed or replaced is not written', async (t) => {
  const losses: Record<string, (file: string) => void> = {
    gone: (file) => rmSync(file),
    replaced(file) {
      writeFileSync(`${file}.other`, '');
      renameSync(`${file}.other`, file);
    },
  };
  for (const [loss, lose] of Object.entries(losses)) {
    const file = `${t.testdir({})}/store.db`;
    const store = openStore(file);
    store.seed((writer) => writer.addRegistry({ ref: 'acme/go', packageType: 'GO' }));
    lose(file);
    const message =
      `store ${file}: the file was removed or replaced while it was served, so it is no longer written; ` +
      'the data read from it is still served, restart to open the file that is there now';
    for (const change of [
      () => store.seed(() => {}),
      () => store.restore(),
      () => store.remove({ registryRef: 'acme/go' }),
    ])
      t.throws(change, { message, exitCode: 1 }, loss);
    t.equal(store.summarise().registries, 1, 'its data is still served');
    t.ok(store.isReadable());
    store.close();
  }
});

t.test('seeding leaves no rows of the data before', async (t) => {
  const file = `${t.testdir({})}/store.db`;
  const artifact = { ref: 'acme/images', name: 'app' };
  const store = openStore(file);
  store.seed((writer) => {
    writer.addRegistry({ ref: 'acme/images', packageType: 'DOCKER' });
    writer.addArtifact(artifact);
    writer.addVersion(artifact, { version: '1' }, [{ version: 'c' }]);
    writer.addKey('k', { name: 'dev', grants: ['acme'], revoked: false });
  });
  store.seed(() => {});
  store.close();
  const db = new Database(file, { readonly: true });
  t.teardown(() => db.close());
  for (const table of ['registries', 'artifacts', 'versions', 'api_keys', 'undo_log']) {
    t.equal(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get(), 0, table);
  }
});

/** Creates a store file with some data and a change to its database. */
function makeStore(folder: string, change = (_db: Database.Database) => {}): string {
  const file = `${folder}/store.db`;
  const store = openStore(file);
  store.seed((writer) => writer.addRegistry({ ref: 'acme/go', packageType: 'GO' }));
  store.close();
  const db = new Database(file);
  change(db);
  db.close();
  return file;
}

/** Checks that a file is refused with a sentence, and that it is unchanged. */
function checkRefused(t: Test, file: string, sentence: string, open = () => openStore(file)): void {
  const before = readFileSync(file);
  t.equal(messageOf(open), `store ${file}: ${sentence}`, sentence);
  t.ok(readFileSync(file).equals(before), 'the file is unchanged');
}

t.test('refuses a file that is not a database', async (t) => {
  const sentence = 'it is not a SQLite database; fix it, or name another file with --db';
  for (const content of [
    'short',
    'A text, and a long one at that.\n'.repeat(1_000),
    `SQLite format 2\0${'x'.repeat(4_080)}`,
  ]) {
    const folder = t.testdir({ 'store.db': content });
    checkRefused(t, `${folder}/store.db`, sentence);
    t.strictSame(readdirSync(folder), ['store.db'], 'no other file is left');
  }
});

t.test('refuses a damaged file', async (t) => {
  const sentence = 'it is damaged; fix it, or name another file with --db';
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
    t.strictSame(readdirSync(folder), ['store.db'], 'no other file is left');
  }
});

t.test('refuses a file that is damaged after its schema', async (t) => {
  const file = makeStore(t.testdir({}));
  writeFileSync(file, readFileSync(file).fill('Z', 4_096));
  t.equal(
    messageOf(() => openStore(file)),
    `store ${file}: it is damaged; fix it, or name another file with --db`,
  );
});

t.test('refuses a store without its tables', async (t) => {
  const file = makeStore(t.testdir({}), (db) => db.exec('DROP TABLE api_keys; DROP TABLE versions'));
  t.match(
    messageOf(() => openStore(file)),
    /^store .*: no such table: .*; fix it, or name another file with --db$/,
  );
});

t.test('refuses a file format that SQLite does not know, with its message', async (t) => {
  const file = makeStore(t.testdir({}));
  const bytes = readFileSync(file);
  const schemaFormat = 44;
  bytes.writeUInt32BE(99, schemaFormat);
  writeFileSync(file, bytes);
  checkRefused(t, file, 'unsupported file format; fix it, or name another file with --db');
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
    t.strictSame(readdirSync(folder), ['store.db'], 'no other file is left');
  }
});

t.test('refuses a file of a newer release', async (t) => {
  const file = makeStore(t.testdir({}), (db) => db.pragma('user_version = 5'));
  const sentence =
    'has schema version 5, and this release reads version 4; use the release that wrote it, or name another file with --db';
  checkRefused(t, file, sentence);
});

const CLOSED = 'it cannot be opened; check that it and its folder are writable, or name another file with --db';

t.test('refuses a path that cannot be a file', async (t) => {
  const folder = t.testdir({ 'folder.db': {}, file: 'text' });
  const rows: [name: string, sentence: string][] = [
    ['none/store.db', `its folder ${folder}/none does not exist; create it first`],
    ['folder.db', 'is not a file; name a file that --db may create or open'],
    ['file/store.db', `its folder ${folder}/file does not exist; create it first`],
    ['none/', 'is not a file; name a file that --db may create or open'],
    ['folder.db/', 'is not a file; name a file that --db may create or open'],
    ['file/', 'is not a file; name a file that --db may create or open'],
    [`${'x'.repeat(300)}.db`, CLOSED],
  ];
  for (const [name, sentence] of rows) {
    const file = `${folder}/${name}`;
    t.equal(
      messageOf(() => openStore(file)),
      `store ${file}: ${sentence}`,
      name,
    );
  }
  t.strictSame(readdirSync(folder).sort(), ['file', 'folder.db'], 'nothing is created');
});

t.test('refuses a file that is in use', async (t) => {
  const file = makeStore(t.testdir({}));
  const other = new Database(file);
  other.exec('BEGIN IMMEDIATE');
  checkRefused(t, file, IN_USE);
  other.close();
  const store = openStore(file);
  t.teardown(() => store.close());
  t.equal(store.summarise().registries, 1, 'opens it when it is free');
});

t.test('a database in memory has no file in its messages', async (t) => {
  const { db, store } = openBoth(t);
  db.exec('DROP TABLE artifacts');
  t.equal(
    messageOf(() => store.seed(() => {})),
    'store in memory: no such table: main.artifacts; fix it, or name another file with --db',
  );
});

t.test('a file that this user cannot write is refused', async (t) => {
  const file = makeStore(t.testdir({}));
  const accessSync = () => {
    throw new Error('EROFS');
  };
  const open = t.mockRequire('../../src/store/open.js', { 'node:fs': { ...fs, accessSync } });
  t.throws(() => open.openDatabase(file), {
    message: `store ${file}: it cannot be written; fix it, or name another file with --db`,
  });
});

t.test('a refusal has its cause', async (t) => {
  const file = `${t.testdir({ 'store.db': 'text' })}/store.db`;
  try {
    openStore(file);
    t.fail('is refused');
  } catch (error) {
    t.ok(error instanceof UserError);
    t.match((error as UserError).cause, { code: 'SQLITE_NOTADB' });
  }
});

const TEXT = 'SELECT count(*) FROM registries';

t.test('a database prepares each SQL text once', async (t) => {
  const db = openDatabase(undefined);
  t.teardown(() => db.close());

  t.equal(db.prepare(TEXT), db.prepare(TEXT));
  t.not(db.prepare(TEXT), db.prepare(`${TEXT} WHERE TRUE`));
  t.equal(db.prepare<[], number>(TEXT).pluck().get(), 0);
});

t.test('a database and its statements are not garbage collected', async (t) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const drop = (): WeakRef<object>[] => {
    const db = openDatabase(undefined);
    const refs = [new WeakRef(db), new WeakRef(db.prepare(TEXT)), new WeakRef({ free: true })];
    db.close();
    return refs;
  };

  const refs = drop();
  // What a WeakRef has just been made of lives until the end of the turn.
  await new Promise((resolve) => setImmediate(resolve));
  collect();

  t.same(
    refs.map((ref) => ref.deref() !== undefined),
    [true, true, false],
  );
});

const SECRET = 'pat.acme.token.a-secret-that-is-long-enough-to-find';

t.test('a key is found by its text only', async (t) => {
  const dev = { name: 'dev', grants: ['acme', 'other/org'], expiresAt: 1577836800000, revoked: true };
  const ops = { name: 'ops', grants: [], expiresAt: undefined, revoked: false };
  const store = storeWith(t, (writer) => {
    writer.addKey(SECRET, dev);
    writer.addKey('k', ops);
  });
  t.strictSame(store.findKey(SECRET), dev);
  t.strictSame(store.findKey('k'), ops);
  for (const unknown of ['', 'K', 'k ', ' k', 'dev', SECRET.slice(0, -1), `${SECRET}x`, hashKey('k').toString('hex')]) {
    t.equal(store.findKey(unknown), undefined, JSON.stringify(unknown));
  }
});

t.test('a key beyond ASCII is found by the bytes of its header', async (t) => {
  const key = 'clé-🔑';
  const store = storeWith(t, (writer) => writer.addKey(key, { name: 'dev', grants: [], revoked: false }));
  t.equal(store.findKey(Buffer.from(key, 'utf8').toString('latin1'))?.name, 'dev');
  t.equal(store.findKey(key), undefined, 'the text is not what a header holds');
});

t.test('a repeated grant is stored once', async (t) => {
  const grants = ['acme/web', 'acme', 'acme/web'];
  const store = storeWith(t, (writer) => writer.addKey('k', { name: 'dev', grants, revoked: false }));
  t.strictSame([...(store.findKey('k')?.grants ?? [])].sort(), ['acme', 'acme/web']);
});

t.test('a replaced key is not found', async (t) => {
  const store = storeWith(t, (writer) => writer.addKey('k', { name: 'dev', grants: ['acme'], revoked: false }));
  store.seed((writer) => writer.addKey('l', { name: 'dev', grants: ['acme/web'], revoked: false }));
  t.equal(store.findKey('k'), undefined);
  t.strictSame(store.findKey('l')?.grants, ['acme/web']);
});

t.test('a file has hashes of keys, never their texts', async (t) => {
  const folder = t.testdir({});
  const file = join(folder, 'store.db');
  const apiKey = { name: 'developer', grants: ['acme'], expiresAt: undefined, revoked: false };
  const holds = (text: string | Buffer) =>
    readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes(text));

  const store = openStore(file);
  store.seed((writer) => writer.addKey(SECRET, apiKey));
  t.notOk(holds(SECRET), 'not while it is open');
  store.close();
  t.notOk(holds(SECRET), 'not when it is closed');
  t.ok(holds('developer'), 'its name is there');
  t.ok(holds(hashKey(SECRET)), 'its hash is there');

  const again = openStore(file);
  t.teardown(() => again.close());
  t.strictSame(again.findKey(SECRET), apiKey);
});

t.test('a write after which the keys cannot be read changes nothing and throws', async (t) => {
  const { db, store } = openBoth(t);
  const apiKey = { name: 'dev', grants: ['acme'], revoked: false };
  store.seed((writer) => writer.addKey('k', apiKey));
  const { revision } = store;
  const corrupt = () =>
    store.merge((writer) => {
      writer.addKey('k', { ...apiKey, revoked: true });
      db.exec("UPDATE api_keys SET grants = 'not JSON'");
    });
  t.throws(corrupt, { name: 'SyntaxError' });
  t.match(store.findKey('k'), apiKey);
  t.equal(store.revision, revision);
});

t.test('a file of an old release is refused and keeps its data', async (t) => {
  const file = makeStore(t.testdir({}), (db) => db.pragma('user_version = 1'));
  const sentence =
    'has schema version 1, and this release reads version 4; start the old release and export its data with ' +
    'GET /__admin/fixtures, or name another file with --db';
  checkRefused(t, file, sentence);
});

t.test('a file belongs to one store until it is closed', async (t) => {
  const file = `${t.testdir({})}/store.db`;
  const first = openStore(file);
  t.equal(
    messageOf(() => openStore(file)),
    `store ${file}: ${IN_USE}`,
  );
  t.equal(first.isReadable(), true, 'the first store is not affected');
  first.seed((writer) => writer.addRegistry({ ref: 'acme/go', packageType: 'GO' }));
  first.close();
  const second = openStore(file);
  t.teardown(() => second.close());
  t.equal(second.summarise().registries, 1);
});

t.test('a native module that does not load is one sentence that says what to run', async (t) => {
  const sentence = `better-sqlite3 does not load in Node ${process.version}; run "npm rebuild better-sqlite3"`;
  const errors = [
    Object.assign(new Error('wrong ELF class'), { code: 'ERR_DLOPEN_FAILED' }),
    new Error('Could not locate the bindings file. Tried: …'),
  ];
  for (const error of errors) {
    const load = () => {
      throw error;
    };
    t.throws(() => explainErrors(undefined, load), new UserError(sentence));
  }
});
