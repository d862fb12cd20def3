import t from 'tap';
import { storeWith } from './support.js';

const names = Array.from({ length: 205 }, (_, index) => `n${String(index).padStart(3, '0')}`);
const reversed = [...names].reverse();

t.test('lists everything in order, over more than one page', async (t) => {
  const artifact = { registryRef: 'acme/n000', name: 'n000' };
  const store = storeWith(t, (writer) => {
    for (const name of reversed) writer.addRegistry({ ref: `acme/${name}`, packageType: 'DOCKER' });
    for (const name of reversed) writer.addArtifact({ ...artifact, name });
    const children = reversed.map((version) => ({ version }));
    for (const version of reversed) writer.addVersion(artifact, { version }, version === 'n000' ? children : []);
  });
  const registries = [...store.listRegistries()];
  t.strictSame(
    registries.map(({ ref }) => ref),
    names.map((name) => `acme/${name}`),
  );
  const artifacts = [...store.listArtifacts(Number(registries[0]?.id))];
  t.strictSame(
    artifacts.map(({ name }) => name),
    names,
  );
  const versions = [...store.listVersions(Number(artifacts[0]?.id))];
  t.strictSame(
    versions.map(({ version }) => version),
    names,
    'without the children',
  );
  const children = [...store.listChildren(Number(versions[0]?.id))];
  t.strictSame(
    children.map(({ version }) => version),
    names,
  );
  t.strictSame([...store.listArtifacts(Number(registries[1]?.id))], []);
  t.strictSame([...store.listChildren(Number(versions[1]?.id))], []);
});

t.test('lists the columns of each', async (t) => {
  const artifact = { registryRef: 'acme/hub', name: 'bert', quarantineReason: 'bad' };
  const full = {
    version: '1',
    size: '1.00KB',
    createdAt: '1',
    createdBy: 'me',
    modifiedAt: '2',
    downloadCount: 0,
    quarantineReason: 'bad',
    extra: '{"a":1}',
    fault: '{"code":500}',
  };
  const store = storeWith(t, (writer) => {
    writer.addRegistry({ ref: 'acme/hub', packageType: 'HUGGINGFACE' });
    for (const artifactType of ['model', 'dataset'] as const) writer.addArtifact({ ...artifact, artifactType });
    writer.addVersion({ ...artifact, artifactType: 'dataset' }, full, []);
    writer.addVersion({ ...artifact, artifactType: 'dataset' }, { version: '2' }, []);
  });
  t.match([...store.listRegistries()], [{ id: 1, ref: 'acme/hub', packageType: 'HUGGINGFACE' }]);
  t.strictSame(
    [...store.listArtifacts(1)],
    [
      { id: 2, name: 'bert', artifactType: 'dataset', quarantineReason: 'bad' },
      { id: 1, name: 'bert', artifactType: 'model', quarantineReason: 'bad' },
    ],
  );
  const none = Object.fromEntries(Object.keys(full).map((column) => [column, null]));
  t.strictSame(
    [...store.listVersions(2)],
    [
      { id: 1, ...full },
      { ...none, id: 2, version: '2' },
    ],
  );
});

t.test('lets the store be used between two rows', async (t) => {
  const store = storeWith(t, (writer) => {
    for (const name of names) writer.addRegistry({ ref: `acme/${name}`, packageType: 'GO' });
  });
  const seen: string[] = [];
  for (const { ref } of store.listRegistries()) {
    seen.push(ref);
    store.remove({ registryRef: ref });
  }
  t.equal(seen.length, names.length);
});
