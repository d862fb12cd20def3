import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { hashKey } from '../../src/store/keys.js';
import { openStore } from '../../src/store/store.js';
import { storeWith } from './support.js';

const SECRET = 'pat.acme.token.a-secret-that-is-long-enough-to-find';

t.test('finds a key by its text alone', async (t) => {
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

t.test('finds a key beyond ASCII by the bytes of its header', async (t) => {
  const key = 'clé-🔑';
  const store = storeWith(t, (writer) => writer.addKey(key, { name: 'dev', grants: [], revoked: false }));
  t.equal(store.findKey(Buffer.from(key, 'utf8').toString('latin1'))?.name, 'dev');
  t.equal(store.findKey(key), undefined, 'the text is not what a header holds');
});

t.test('keeps a grant that is named twice once', async (t) => {
  const grants = ['acme/web', 'acme', 'acme/web'];
  const store = storeWith(t, (writer) => writer.addKey('k', { name: 'dev', grants, revoked: false }));
  t.strictSame([...(store.findKey('k')?.grants ?? [])].sort(), ['acme', 'acme/web']);
});

t.test('forgets a key that is replaced', async (t) => {
  const store = storeWith(t, (writer) => writer.addKey('k', { name: 'dev', grants: ['acme'], revoked: false }));
  store.replace((writer) => writer.addKey('l', { name: 'dev', grants: ['acme/web'], revoked: false }));
  t.equal(store.findKey('k'), undefined);
  t.strictSame(store.findKey('l')?.grants, ['acme/web']);
});

t.test('writes no text of a key to the file, and finds it when it is opened again', async (t) => {
  const folder = t.testdir({});
  const file = join(folder, 'store.db');
  const apiKey = { name: 'developer', grants: ['acme'], expiresAt: undefined, revoked: false };
  const holds = (text: string | Buffer) =>
    readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes(text));

  const store = openStore(file);
  store.replace((writer) => writer.addKey(SECRET, apiKey));
  t.notOk(holds(SECRET), 'not while it is open');
  store.close();
  t.notOk(holds(SECRET), 'not when it is closed');
  t.ok(holds('developer'), 'its name is there');
  t.ok(holds(hashKey(SECRET)), 'its hash is there');

  const again = openStore(file);
  t.teardown(() => again.close());
  t.strictSame(again.findKey(SECRET), apiKey);
});
