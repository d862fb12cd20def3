import fc from 'fast-check';
import t, { type Test } from 'tap';
import { Miss } from '../../src/store/errors.js';
import { openStore, type Store } from '../../src/store/store.js';
import type { Removal } from '../../src/store/types.js';
import type { Writer } from '../../src/store/writer.js';
import { countSteps, dumpRows } from './support.js';

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
      const artifact = { registryRef: images.ref, name, quarantineReason: name === 'app' ? undefined : HOSTILE };
      writer.addArtifact(artifact);
      for (let version = 1; version <= count; version += 1) {
        writer.addVersion(artifact, { version: String(version), ...full }, [{ version: HOSTILE }, { version: '1' }]);
      }
    }
    for (const artifactType of ['model', 'dataset'] as const) {
      const artifact = { registryRef: hub.ref, name: 'app', artifactType };
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
    const artifact = { registryRef: images.ref, name: 'app', quarantineReason: 'new' };
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

function openSeeded(t: Test, count = 2): { file: string; store: Store } {
  const file = `${t.testdir({})}/store.db`;
  const store = openStore(file);
  t.teardown(() => store.close());
  store.replace(seed(count));
  return { file, store };
}

t.test('returns to what was replaced last, with its ids', async (t) => {
  const { file, store } = openSeeded(t);
  const before = dumpRows(file);
  for (const round of [1, 2]) {
    changeAll(store);
    t.not(JSON.stringify(dumpRows(file)), JSON.stringify(before), 'is changed');
    store.restore();
    t.strictSame(dumpRows(file), before, `round ${round}`);
    t.equal(countSteps(file), 0, 'nothing is left to take back');
  }
  t.strictSame(store.findKey('k'), key);
  t.equal(store.findKey('new'), undefined);
});

t.test('changes nothing where nothing has changed', async (t) => {
  const { file, store } = openSeeded(t);
  const before = dumpRows(file);
  store.restore();
  t.strictSame(dumpRows(file), before);
});

t.test('returns to it after the file was closed and opened', async (t) => {
  const { file, store } = openSeeded(t);
  const before = dumpRows(file);
  changeAll(store);
  store.close();
  const again = openStore(file);
  t.teardown(() => again.close());
  changeAll(again);
  again.restore();
  t.strictSame(dumpRows(file), before);
  t.equal(again.findKey('k')?.name, 'dev');
});

t.test('returns to nothing where nothing was replaced', async (t) => {
  const store = openStore();
  t.teardown(() => store.close());
  store.merge(seed(1));
  t.equal(store.isEmpty(), false);
  store.restore();
  t.equal(store.isEmpty(), true);
  t.equal(store.findKey('k'), undefined);
});

for (const count of [2, 500]) {
  t.test(`takes back no more than what has changed of ${count} versions`, async (t) => {
    const { file, store } = openSeeded(t, count);
    t.equal(countSteps(file), 0, 'a replace logs nothing');
    store.remove({ registryRef: images.ref, artifact: 'app', version: '2' });
    store.merge((writer) => writer.addArtifact({ registryRef: images.ref, name: 'app', quarantineReason: 'new' }));
    t.equal(countSteps(file), 4, 'a version, two children and an artifact');
    store.replace(seed(1));
    t.equal(countSteps(file), 0, 'a replace forgets what was before');
  });
}

t.test('logs nothing of what fails', async (t) => {
  const { file, store } = openSeeded(t);
  const before = dumpRows(file);
  const fail = (writer: Writer) => {
    writer.addRegistry({ ref: 'acme/new', packageType: 'GO' });
    throw new Error('no');
  };
  store.remove({ registryRef: images.ref, artifact: 'app' });
  const steps = countSteps(file);
  t.throws(() => store.merge(fail), { message: 'no' });
  t.throws(() => store.replace(fail), { message: 'no' });
  t.equal(countSteps(file), steps);
  store.restore();
  t.strictSame(dumpRows(file), before);
});

t.test('returns after any changes', async (t) => {
  const { file, store } = openSeeded(t);
  const before = dumpRows(file);
  const refs = fc.constantFrom(images.ref, hub.ref, 'acme/new');
  const names = fc.constantFrom('app', HOSTILE, 'new');
  const types = fc.constantFrom('model' as const, 'dataset' as const, undefined);
  const removal: fc.Arbitrary<Removal> = fc.record(
    { registryRef: refs, artifact: names, artifactType: types, version: fc.constantFrom('1', '2', 'new') },
    { requiredKeys: ['registryRef'] },
  );
  const addition = fc.record({
    registryRef: refs,
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
  const isExpected = (error: unknown) => error instanceof Miss || (error as Error).name === 'Error';
  const property = fc.property(fc.array(fc.oneof(removal, addition), { maxLength: 12 }), (changes) => {
    for (const change of changes) {
      try {
        if (!('key' in change)) store.remove(change);
        else {
          store.merge((writer) => {
            const packageType = change.registryRef === images.ref ? 'DOCKER' : 'HUGGINGFACE';
            writer.addRegistry({ ref: change.registryRef, packageType });
            writer.addArtifact(change);
            writer.addVersion(change, { version: change.version }, change.children);
            writer.addKey(change.key, { ...key, name: change.name });
          });
        }
      } catch (error) {
        if (!isExpected(error)) throw error;
      }
    }
    store.restore();
    return JSON.stringify(dumpRows(file)) === JSON.stringify(before) && countSteps(file) === 0;
  });
  const { failed, counterexample, seed: seedOfRun } = fc.check(property, { numRuns: 200 });
  t.notOk(failed, `seed ${seedOfRun}: ${JSON.stringify(counterexample)}`);
});
