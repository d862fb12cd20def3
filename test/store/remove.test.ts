import t from 'tap';
import { Miss, type MissReason } from '../../src/store/errors.js';
import type { Store } from '../../src/store/store.js';
import type { Removal, Removed } from '../../src/store/types.js';
import type { Writer } from '../../src/store/writer.js';
import { storeWith } from './support.js';

function write(writer: Writer): void {
  writer.addRegistry({ ref: 'acme/images', packageType: 'DOCKER' });
  for (const name of ['app', 'other']) {
    const artifact = { registryRef: 'acme/images', name };
    writer.addArtifact(artifact);
    writer.addVersion(artifact, { version: '1' }, [{ version: 'c' }, { version: '2' }]);
    writer.addVersion(artifact, { version: '2' }, []);
  }
  writer.addRegistry({ ref: 'acme/hub', packageType: 'HUGGINGFACE' });
  for (const artifactType of ['model', 'dataset'] as const) {
    const artifact = { registryRef: 'acme/hub', name: 'bert', artifactType };
    writer.addArtifact(artifact);
    writer.addVersion(artifact, { version: '1' }, []);
  }
  writer.addArtifact({ registryRef: 'acme/hub', name: 'gpt', artifactType: 'model' });
  writer.addRegistry({ ref: 'acme/go', packageType: 'GO' });
  writer.addKey('k', { name: 'dev', grants: ['acme/images'], revoked: false });
}

/** What a deletion answers, and what is left. */
function removeFrom(store: Store, what: Removal): [Removed, left: Removed] {
  const removed = store.remove(what);
  const { registries, artifacts, versions } = store.summarise();
  return [removed, { registries, artifacts, versions }];
}

const images = { registryRef: 'acme/images' };
const hub = { registryRef: 'acme/hub' };
const counts = (registries: number, artifacts: number, versions: number): Removed => ({
  registries,
  artifacts,
  versions,
});

t.test('deletes what is named and all that is below it', async (t) => {
  const rows: [name: string, what: Removal, removed: Removed, left: Removed][] = [
    ['a registry', images, counts(1, 2, 4), counts(2, 3, 2)],
    ['a registry without artifacts', { registryRef: 'acme/go' }, counts(1, 0, 0), counts(2, 5, 6)],
    ['an artifact', { ...images, artifact: 'app' }, counts(0, 1, 2), counts(3, 4, 4)],
    ['a version with children', { ...images, artifact: 'app', version: '1' }, counts(0, 0, 1), counts(3, 5, 5)],
    ['a version named as a child is', { ...images, artifact: 'app', version: '2' }, counts(0, 0, 1), counts(3, 5, 5)],
    ['one of two types', { ...hub, artifact: 'bert', artifactType: 'model' }, counts(0, 1, 1), counts(3, 4, 5)],
    [
      'a version of one of two types',
      { ...hub, artifact: 'bert', artifactType: 'dataset', version: '1' },
      counts(0, 0, 1),
      counts(3, 5, 5),
    ],
    ['an artifact of one type', { ...hub, artifact: 'gpt' }, counts(0, 1, 0), counts(3, 4, 6)],
  ];
  for (const [name, what, removed, left] of rows) {
    const store = storeWith(t, write);
    t.strictSame(removeFrom(store, what), [removed, left], name);
    t.throws(() => store.remove(what), /^no hit: /, `${name}: is gone`);
    t.equal(store.findKey('k')?.name, 'dev', 'keys stay');
  }
});

t.test('leaves the children of a version that is like-named', async (t) => {
  const store = storeWith(t, write);
  store.remove({ ...images, artifact: 'app', version: '2' });
  const child = { ...images, artifact: 'app', version: '1', childVersion: '2' };
  t.equal(store.findDetails(child).detail.version, '2');
});

t.test('says what is not there, and deletes nothing then', async (t) => {
  const store = storeWith(t, write);
  const before = store.summarise();
  const rows: [what: Removal, reason: MissReason][] = [
    [{ registryRef: 'acme/none' }, 'registry'],
    [{ registryRef: 'acme/none', artifact: 'app', version: '1' }, 'registry'],
    [{ ...images, artifact: 'none' }, 'artifact'],
    [{ ...images, artifact: 'app', version: 'none' }, 'version'],
    [{ ...images, artifact: 'app', version: 'c' }, 'version'],
    [{ ...images, artifact: 'app', artifactType: 'model' }, 'packageType'],
    [{ ...hub, artifact: 'bert' }, 'ambiguous'],
    [{ ...hub, artifact: 'bert', version: '1' }, 'ambiguous'],
    [{ ...hub, artifact: 'gpt', artifactType: 'dataset' }, 'artifact'],
    [{ ...images, version: '1' }, 'artifact'],
    [{ ...hub, artifactType: 'model' }, 'artifact'],
  ];
  for (const [what, reason] of rows) {
    const { revision } = store;
    t.throws(() => store.remove(what), Miss[reason], JSON.stringify(what));
    t.equal(store.revision, revision);
    t.strictSame(store.summarise(), before);
  }
});
