import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { openStore } from '../../src/store/store.js';
import { storeWith } from './support.js';

t.test('the revision changes with every change of the data, and not when one fails', async (t) => {
  const store = storeWith(t, () => {});
  const fail = () => {
    throw new Error('no');
  };
  const rows: [name: string, change: () => void][] = [
    ['replace', () => store.replace((writer) => writer.addRegistry({ ref: 'acme/go', packageType: 'GO' }))],
    ['merge', () => store.merge((writer) => writer.addRegistry({ ref: 'acme/rpm', packageType: 'RPM' }))],
    ['remove', () => store.remove({ registryRef: 'acme/go' })],
    ['restore', () => store.restore()],
  ];
  const seen = new Set([store.revision]);
  for (const [name, change] of rows) {
    change();
    t.notOk(seen.has(store.revision), name);
    seen.add(store.revision);
  }
  t.throws(() => store.replace(fail));
  t.throws(() => store.merge(fail));
  t.throws(() => store.remove({ registryRef: 'acme/none' }));
  store.summarise();
  t.ok(seen.has(store.revision), 'stays');
});

t.test('what another process writes to the file is followed, keys and all', async (t) => {
  const file = `${t.testdir()}/store.db`;
  const [store, other] = [openStore(file), openStore(file)];
  t.teardown(() => other.close());
  const { revision } = store;
  other.merge((writer) => writer.addKey('pat.a', { name: 'a', grants: [], revoked: false }));
  await nextTurn();
  t.match(store.findKey('pat.a'), { name: 'a', revoked: false });
  t.not(store.revision, revision);
  other.merge((writer) => writer.addKey('pat.a', { name: 'a', grants: [], revoked: true }));
  await nextTurn();
  t.match(store.findKey('pat.a'), { name: 'a', revoked: true });
  store.close();
  await nextTurn();
  t.ok(Number.isNaN(store.revision), 'a database that cannot be read has none');
});
