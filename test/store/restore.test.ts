import type { Database } from 'better-sqlite3';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { LookupError } from '../../src/api/errors.js';
import { openStore, type Store } from '../../src/store/store.js';
import { ConflictError, type Writer } from '../../src/store/writer.js';
import { ValidationError } from '../../src/util/validate.js';
import { openBoth, storeWith } from './support.js';

const images = { ref: 'acme/images', packageType: 'DOCKER' as const };
const hub = { ref: 'acme/hub', packageType: 'HUGGINGFACE' as const };
const HOSTILE = 'a\0b\u0000\'";--\n\u2028\u0085\u{1f433}\uffff';
const key = { name: 'dev', grants: [HOSTILE, 'acme'], expiresAt: Number.MAX_SAFE_INTEGER, revoked: false };
const full = {
  size: HOSTILE,
  createdAt: '-1',
  createdBy: '',
  modifiedAt: '007',
  downloadCount: Number.MAX_SAFE_INTEGER,
  quarantineReason: HOSTILE,
  extra: JSON.stringify({ [HOSTILE]: HOSTILE }),
  fault: '{"code":500}',
};

/** Adds versions of every kind, `count` of each of an image's. */
const seed =
  (count: number) =>
  (writer: Writer): void => {
    writer.addRegistry(images);
    writer.addRegistry(hub);
    for (const name of ['app', HOSTILE]) {
      const artifact = { ref: images.ref, name, quarantineReason: name === 'app' ? undefined : HOSTILE };
      writer.addArtifact(artifact);
      for (let version = 1; version <= count; version += 1) {
        writer.addVersion(artifact, { version: String(version), ...full }, [{ version: HOSTILE }, { version: '1' }]);
      }
    }
    for (const artifactType of ['model', 'dataset'] as const) {
      const artifact = { ref: hub.ref, name: 'app', artifactType };
      writer.addArtifact(artifact);
      writer.addVersion(artifact, { version: '1' }, []);
    }
    writer.addKey('k', key);
    writer.addKey('l', { ...key, name: HOSTILE, expiresAt: undefined, revoked: true });
  };

/** Changes that touch every table. */
function changeAll(store: Store): void {
  store.remove({ registryRef: hub.ref, artifact: 'app', artifactType: 'dataset' });
  store.merge((writer) => {
    const artifact = { ref: images.ref, name: 'app', quarantineReason: 'new' };
    writer.addArtifact(artifact);
    writer.addVersion(artifact, { version: '1' }, [{ version: 'new' }]);
    writer.addVersion(artifact, { version: 'new' }, []);
    writer.addKey('new', { ...key, grants: ['other'] });
  });
  store.remove({ registryRef: images.ref });
  store.remove({ registryRef: hub.ref });
  store.merge(seed(1));
  store.remove({ registryRef: images.ref, artifact: 'app', version: '1' });
}

/** All rows of a store with their ids, by table. */
function dumpRows(db: Database): Record<string, unknown[]> {
  const list = (table: string) => db.prepare(`SELECT * FROM ${table} ORDER BY 1, 2, 3`).all();
  return Object.fromEntries(['registries', 'artifacts', 'versions', 'api_keys'].map((table) => [table, list(table)]));
}

/** The number of steps in the undo log. */
const countSteps = (db: Database) => db.prepare<[], number>('SELECT count(*) FROM undo_log').pluck().get();

function openSeeded(t: Test, count = 2, file?: string): { db: Database; store: Store } {
  const both = openBoth(t, file);
  both.store.seed(seed(count));
  return both;
}

t.test('restore returns to the seeded state, with its ids', async (t) => {
  const { db, store } = openSeeded(t);
  const before = dumpRows(db);
  for (const round of [1, 2]) {
    changeAll(store);
    t.not(JSON.stringify(dumpRows(db)), JSON.stringify(before), 'is changed');
    store.restore();
    t.strictSame(dumpRows(db), before, `round ${round}`);
    t.equal(countSteps(db), 0, 'nothing is left to take back');
  }
  t.strictSame(store.findKey('k'), key);
  t.equal(store.findKey('new'), undefined);
});

t.test('restore undoes a replace', async (t) => {
  const { db, store } = openSeeded(t);
  const before = dumpRows(db);
  store.replace((writer) => writer.addRegistry({ ref: 'acme/go', packageType: 'GO' }));
  t.equal(store.summarise().registries, 1);
  t.equal(store.findKey('k'), undefined);
  store.restore();
  t.strictSame(dumpRows(db), before);
  t.equal(store.findKey('k')?.name, 'dev');
});

t.test('restore without changes changes nothing', async (t) => {
  const { db, store } = openSeeded(t);
  const before = dumpRows(db);
  store.restore();
  t.strictSame(dumpRows(db), before);
});

t.test('restore returns to the seeded state of an earlier process', async (t) => {
  const file = `${t.testdir({})}/store.db`;
  const first = openSeeded(t, 2, file);
  const before = dumpRows(first.db);
  changeAll(first.store);
  first.store.close();
  const { db, store } = openBoth(t, file);
  changeAll(store);
  store.restore();
  t.strictSame(dumpRows(db), before);
  t.equal(store.findKey('k')?.name, 'dev');
});

t.test('restore empties a store that was never seeded', async (t) => {
  const store = openStore();
  t.teardown(() => store.close());
  store.merge(seed(1));
  t.equal(store.isEmpty(), false);
  store.restore();
  t.equal(store.isEmpty(), true);
  t.equal(store.findKey('k'), undefined);
});

for (const count of [2, 500]) {
  t.test(`the undo log of a store of ${count} versions has the changed rows only`, async (t) => {
    const { db, store } = openSeeded(t, count);
    t.equal(countSteps(db), 0, 'seeding logs nothing');
    store.remove({ registryRef: images.ref, artifact: 'app', version: '2' });
    store.merge((writer) => writer.addArtifact({ ref: images.ref, name: 'app', quarantineReason: 'new' }));
    t.equal(countSteps(db), 5, 'a version, two children, its registry and an artifact');
    store.seed(seed(1));
    t.equal(countSteps(db), 0, 'seeding clears the log');
  });
}

t.test('a failed change is not logged', async (t) => {
  const { db, store } = openSeeded(t);
  const before = dumpRows(db);
  const fail = (writer: Writer) => {
    writer.addRegistry({ ref: 'acme/new', packageType: 'GO' });
    throw new Error('no');
  };
  store.remove({ registryRef: images.ref, artifact: 'app' });
  const steps = countSteps(db);
  t.throws(() => store.merge(fail), { message: 'no' });
  t.throws(() => store.seed(fail), { message: 'no' });
  t.throws(() => store.replace(fail), { message: 'no' });
  t.equal(countSteps(db), steps);
  store.restore();
  t.strictSame(dumpRows(db), before);
});

t.test('restore undoes any changes', async (t) => {
  const { db, store } = openSeeded(t);
  const before = dumpRows(db);
  const refs = fc.constantFrom(images.ref, hub.ref, 'acme/new');
  const names = fc.constantFrom('app', HOSTILE, 'new');
  const types = fc.constantFrom('model' as const, 'dataset' as const, undefined);
  const removal: fc.Arbitrary<object> = fc.record(
    { registryRef: refs, artifact: names, artifactType: types, version: fc.constantFrom('1', '2', 'new') },
    { requiredKeys: ['registryRef'] },
  );
  const addition = fc.record({
    ref: refs,
    name: names,
    artifactType: types,
    quarantineReason: fc.option(names, { nil: undefined }),
    version: fc.constantFrom('1', '2', 'new'),
    children: fc.uniqueArray(
      fc.constantFrom('1', HOSTILE, 'new').map((version) => ({ version })),
      {
        selector: ({ version }) => version,
      },
    ),
    key: fc.constantFrom('k', 'l', 'new'),
  });
  const expected = [LookupError, ConflictError, ValidationError];
  const isExpected = (error: unknown) => expected.some((type) => error instanceof type);
  const property = fc.property(fc.array(fc.oneof(removal, addition), { maxLength: 12 }), (changes) => {
    for (const change of changes) {
      try {
        if (!('key' in change)) store.remove(change);
        else {
          store.merge((writer) => {
            const packageType = change.ref === images.ref ? 'DOCKER' : 'HUGGINGFACE';
            writer.addRegistry({ ref: change.ref, packageType });
            writer.addArtifact(change);
            writer.addVersion(change, { version: change.version }, change.children);
            writer.addKey(change.key, { ...key, name: change.name });
          });
        }
      } catch (error) {
        if (!isExpected(error)) throw error;
      }
      if (store.summarise().versions !== store.listVersionNames().length) return false;
    }
    store.restore();
    return JSON.stringify(dumpRows(db)) === JSON.stringify(before) && countSteps(db) === 0;
  });
  const { failed, counterexample, seed: seedOfRun } = fc.check(property, { numRuns: 200 });
  t.notOk(failed, `seed ${seedOfRun}: ${JSON.stringify(counterexample)}`);
});

t.test('the revision changes with every successful change', async (t) => {
  const store = storeWith(t, () => {});
  const fail = () => {
    throw new Error('no');
  };
  const rows: [name: string, change: () => void][] = [
    ['seed', () => store.seed((writer) => writer.addRegistry({ ref: 'acme/rpm', packageType: 'RPM' }))],
    ['replace', () => store.replace((writer) => writer.addRegistry({ ref: 'acme/go', packageType: 'GO' }))],
    ['merge', () => store.merge((writer) => writer.addRegistry({ ref: 'acme/npm', packageType: 'NPM' }))],
    ['remove', () => store.remove({ registryRef: 'acme/go' })],
    ['restore', () => store.restore()],
  ];
  const seen = new Set([store.revision]);
  for (const [name, change] of rows) {
    change();
    t.notOk(seen.has(store.revision), name);
    seen.add(store.revision);
  }
  t.throws(() => store.seed(fail));
  t.throws(() => store.merge(fail));
  t.throws(() => store.remove({ registryRef: 'acme/none' }));
  store.summarise();
  t.ok(seen.has(store.revision), 'stays');
});
