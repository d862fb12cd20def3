import t from 'tap';
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
