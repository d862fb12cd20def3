import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { pino } from 'pino';
import t from 'tap';
import { OPTIONS } from '../../src/config/options.js';
import { startServer } from '../../src/server.js';
import { APPLICATION_ID, SCHEMA_VERSION } from '../../src/store/schema.js';
import { openStore } from '../../src/store/store.js';

t.test('creates the file, and keeps it when it is opened again', async (t) => {
  const folder = t.testdir({});
  const file = `${folder}/store.db`;
  const first = openStore(file);
  t.ok(existsSync(file), 'is there at once');
  t.equal(first.isEmpty(), true);
  first.replace((writer) => writer.addRegistry({ ref: 'acme/go', packageType: 'GO' }));
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

t.test('marks the file as its own', async (t) => {
  const file = `${t.testdir({})}/store.db`;
  openStore(file).close();
  const db = new Database(file, { readonly: true });
  t.teardown(() => db.close());
  t.equal(db.pragma('application_id', { simple: true }), APPLICATION_ID);
  t.equal(db.pragma('user_version', { simple: true }), SCHEMA_VERSION);
  t.equal(db.pragma('journal_mode', { simple: true }), 'wal');
});

t.test('takes a file of no bytes for a new one', async (t) => {
  const file = `${t.testdir({ 'store.db': '' })}/store.db`;
  const store = openStore(file);
  t.teardown(() => store.close());
  t.equal(store.isEmpty(), true);
});

t.test('changes nothing once its file is another one, or gone', async (t) => {
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
    store.replace((writer) => writer.addRegistry({ ref: 'acme/go', packageType: 'GO' }));
    lose(file);
    const message =
      `store ${file}: the file was removed or replaced while it was served, and nothing more is written to it; ` +
      'what was read from it is served on, restart to open what is there now';
    for (const change of [
      () => store.replace(() => {}),
      () => store.restore(),
      () => store.remove({ registryRef: 'acme/go' }),
    ])
      t.throws(change, { message, exitCode: 1 }, loss);
    t.equal(store.summarise().registries, 1, 'is served on');
    t.ok(store.isReadable());
    store.close();
  }
});

t.test('removes with a registry and a key all that is below them', async (t) => {
  const file = `${t.testdir({})}/store.db`;
  const artifact = { registryRef: 'acme/images', name: 'app' };
  const store = openStore(file);
  store.replace((writer) => {
    writer.addRegistry({ ref: 'acme/images', packageType: 'DOCKER' });
    writer.addArtifact(artifact);
    writer.addVersion(artifact, { version: '1' }, [{ version: 'c' }]);
    writer.addKey('k', { name: 'dev', grants: ['acme'], revoked: false });
  });
  store.replace(() => {});
  store.close();
  const db = new Database(file, { readonly: true });
  t.teardown(() => db.close());
  for (const table of ['registries', 'artifacts', 'versions', 'api_keys', 'grants']) {
    t.equal(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get(), 0, table);
  }
});

t.test('a server seeds a file once, and serves it afterwards as it is', async (t) => {
  const folder = t.testdir({ 'a.yaml': 'registries: [{ ref: acme/go, packageType: GO }]\n' });
  const defaults = Object.fromEntries(Object.entries(OPTIONS).map(([name, { fallback }]) => [name, fallback]));
  const config = { ...defaults, port: 0, db: `${folder}/store.db`, fixtures: [`${folder}/a.yaml`] };
  const countRegistries = async () => {
    const server = await startServer(config as unknown as Parameters<typeof startServer>[0], pino({ enabled: false }));
    const { registries } = server.store.summarise();
    await server.close();
    return registries;
  };
  t.equal(await countRegistries(), 1);
  writeFileSync(`${folder}/a.yaml`, 'not even a fixture');
  t.equal(await countRegistries(), 1);
});
