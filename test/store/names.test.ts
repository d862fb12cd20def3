import t from 'tap';
import type { NameKind } from '../../src/store/names.js';
import type { LookUp } from '../../src/store/types.js';
import { storeWith } from './support.js';

const open = (t: Parameters<typeof storeWith>[0]) =>
  storeWith(t, (writer) => {
    writer.addRegistry({ ref: 'acme/images', packageType: 'DOCKER' });
    writer.addRegistry({ ref: 'acme/hub', packageType: 'HUGGINGFACE' });
    const image = { registryRef: 'acme/images', name: 'app' };
    writer.addArtifact(image);
    writer.addArtifact({ ...image, name: 'zoo' });
    writer.addVersion(image, { version: '1' }, [{ version: 'x' }, { version: 'y' }]);
    writer.addVersion(image, { version: '2' }, [{ version: 'z' }]);
    for (const artifactType of ['model', 'dataset'] as const) {
      const bert = { registryRef: 'acme/hub', name: 'bert', artifactType };
      writer.addArtifact(bert);
      writer.addVersion(bert, { version: artifactType }, []);
    }
  });

const asked: LookUp = { registryRef: 'acme/images', artifact: 'app', version: '1' };

t.test('lists the names of a kind, below what else is named', async (t) => {
  const store = open(t);
  const hub: LookUp = { registryRef: 'acme/hub', artifact: 'bert', version: 'v' };
  const rows: [kind: NameKind, lookUp: LookUp, expected: string[]][] = [
    ['registry', asked, ['acme/hub', 'acme/images']],
    ['registry', { ...asked, registryRef: 'b' }, ['acme/hub', 'acme/images']],
    ['artifact', { ...asked, artifact: 'm' }, ['app', 'zoo']],
    ['artifact', hub, ['bert']],
    ['artifact', { ...asked, registryRef: 'none' }, []],
    ['version', { ...asked, version: '1.5' }, ['1', '2']],
    ['version', { ...hub, artifactType: 'model' }, ['model']],
    ['version', { ...hub, artifactType: 'dataset' }, ['dataset']],
    ['version', { ...asked, artifact: 'none' }, []],
    ['child', { ...asked, childVersion: 'xx' }, ['x', 'y']],
    ['child', { ...asked, version: '2', childVersion: 'a' }, ['z']],
    ['child', asked, []],
  ];
  for (const [kind, lookUp, expected] of rows) {
    t.strictSame(store.listNeighbours(kind, lookUp), expected, `${kind} ${Object.values(lookUp).join(' ')}`);
  }
});

t.test('lists the neighbours alone where there are many', async (t) => {
  const image = { registryRef: 'acme/images', name: 'app' };
  const store = storeWith(t, (writer) => {
    writer.addRegistry({ ref: 'acme/images', packageType: 'DOCKER' });
    writer.addArtifact(image);
    for (let number = 1_000; number < 3_000; number++) writer.addVersion(image, { version: `v${number}` }, []);
  });
  const names = store.listNeighbours('version', { ...asked, version: 'v2000' });
  t.equal(names.length, 500);
  t.equal(names[0], 'v1750');
  t.equal(names.at(-1), 'v2249');
});

t.test('tells the package type of a registry', async (t) => {
  const store = open(t);
  t.equal(store.findPackageType('acme/hub'), 'HUGGINGFACE');
  t.equal(store.findPackageType('acme/Hub'), undefined);
});
