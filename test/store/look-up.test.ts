import t from 'tap';
import type { MissReason } from '../../src/store/errors.js';
import type { LookUp } from '../../src/store/types.js';
import type { Writer } from '../../src/store/writer.js';
import { missOf, storeWith } from './support.js';

const images = { registryRef: 'acme/images', name: 'app' };
const model = { registryRef: 'acme/hub', name: 'bert', artifactType: 'model' as const };
const dataset = { ...model, artifactType: 'dataset' as const };
const alone = { ...model, name: 'gpt' };

const lookUp = (
  registryRef: string,
  artifact: string,
  version: string,
  artifactType?: 'model' | 'dataset',
): LookUp => ({
  registryRef,
  artifact,
  version,
  artifactType,
});

function write(writer: Writer): void {
  writer.addRegistry({ ref: 'acme/images', packageType: 'DOCKER' });
  writer.addRegistry({ ref: 'acme/hub', packageType: 'HUGGINGFACE' });
  writer.addArtifact(images);
  writer.addVersion(images, { version: '1' }, []);
  writer.addArtifact(model);
  writer.addArtifact(dataset);
  writer.addArtifact(alone);
  writer.addVersion(model, { version: 'v1', size: 'of the model' }, []);
  writer.addVersion(dataset, { version: 'v1', size: 'of the dataset' }, []);
  writer.addVersion(model, { version: 'v2' }, []);
  writer.addVersion(alone, { version: 'v1' }, []);
}

t.test('says why there is no version, in the order in which the vendor checks', async (t) => {
  const store = storeWith(t, write);
  const rows: [LookUp, MissReason][] = [
    [lookUp('acme/none', 'none', 'none'), 'registry'],
    [lookUp('acme/none', 'app', '1', 'model'), 'registry'],
    [lookUp('acme', 'app', '1'), 'registry'],
    [lookUp('acme/Images', 'app', '1'), 'registry'],
    [lookUp('acme/images/', 'app', '1'), 'registry'],
    [lookUp('acme/images', 'app', '1', 'model'), 'packageType'],
    [lookUp('acme/images', 'none', 'none', 'dataset'), 'packageType'],
    [lookUp('acme/images', 'none', '1'), 'artifact'],
    [lookUp('acme/images', 'App', '1'), 'artifact'],
    [lookUp('acme/images', 'bert', 'v1'), 'artifact'],
    [lookUp('acme/hub', 'none', 'v1'), 'artifact'],
    [lookUp('acme/hub', 'gpt', 'v1', 'dataset'), 'artifact'],
    [lookUp('acme/hub', 'bert', 'v1'), 'ambiguous'],
    [lookUp('acme/hub', 'bert', 'v2'), 'ambiguous'],
    [lookUp('acme/hub', 'bert', 'none'), 'ambiguous'],
    [lookUp('acme/images', 'app', 'none'), 'version'],
    [lookUp('acme/images', 'app', ' 1'), 'version'],
    [lookUp('acme/images', 'app', '1.0'), 'version'],
    [lookUp('acme/hub', 'gpt', 'none'), 'version'],
    [lookUp('acme/hub', 'bert', 'v2', 'dataset'), 'version'],
    [lookUp('acme/hub', 'bert', 'none', 'model'), 'version'],
  ];
  for (const [asked, reason] of rows) t.equal(missOf(store, asked), reason, Object.values(asked).join(' '));
});

t.test('finds the one version, by its type where a name has two', async (t) => {
  const store = storeWith(t, write);
  const common = { version: 'v1', packageType: 'HUGGINGFACE', isQuarantined: false };
  const rows: [LookUp, object][] = [
    [lookUp('acme/images', 'app', '1'), { version: '1', packageType: 'DOCKER', name: 'app', isQuarantined: false }],
    [
      lookUp('acme/hub', 'bert', 'v1', 'model'),
      { ...common, artifactType: 'model', name: 'bert', size: 'of the model' },
    ],
    [
      lookUp('acme/hub', 'bert', 'v1', 'dataset'),
      { ...common, artifactType: 'dataset', name: 'bert', size: 'of the dataset' },
    ],
    [lookUp('acme/hub', 'gpt', 'v1'), { ...common, artifactType: 'model', name: 'gpt' }],
    [lookUp('acme/hub', 'gpt', 'v1', 'model'), { ...common, artifactType: 'model', name: 'gpt' }],
  ];
  for (const [asked, detail] of rows) {
    t.strictSame(store.findDetails(asked), { detail, extra: null, fault: null }, Object.values(asked).join(' '));
  }
});

t.test('finds names as they are, whatever is in them', async (t) => {
  const names = [
    'a',
    'A',
    'é',
    'e\u0301',
    '%',
    '_',
    "'; DROP TABLE versions; --",
    'a/b',
    '+',
    '\0',
    '🐳',
    'x'.repeat(255),
  ];
  const store = storeWith(t, (writer) => {
    writer.addRegistry({ ref: 'acme/images', packageType: 'DOCKER' });
    for (const name of names) {
      writer.addArtifact({ registryRef: 'acme/images', name });
      for (const version of names)
        writer.addVersion({ registryRef: 'acme/images', name }, { version, size: name + version }, []);
    }
  });
  const sizes = names.flatMap((name) =>
    names.map((version) => store.findDetails(lookUp('acme/images', name, version)).detail.size === name + version),
  );
  t.equal(sizes.filter(Boolean).length, names.length ** 2);
});

t.test('quarantines by the version, or else by its artifact', async (t) => {
  const store = storeWith(t, (writer) => {
    writer.addRegistry({ ref: 'acme/images', packageType: 'DOCKER' });
    for (const name of ['free', 'held']) {
      const artifact = { ...images, name, quarantineReason: name === 'held' ? 'of the artifact' : undefined };
      writer.addArtifact(artifact);
      writer.addVersion(artifact, { version: 'plain' }, [
        { version: 'c' },
        { version: 'd', quarantineReason: 'of the child' },
      ]);
      writer.addVersion(artifact, { version: 'bad', quarantineReason: 'of the version' }, [
        { version: 'c' },
        { version: 'd', quarantineReason: 'of the child' },
      ]);
    }
  });
  const rows: [name: string, version: string, child: string | undefined, reason: string | undefined][] = [
    ['free', 'plain', undefined, undefined],
    ['free', 'plain', 'c', undefined],
    ['free', 'plain', 'd', 'of the child'],
    ['free', 'bad', undefined, 'of the version'],
    ['free', 'bad', 'c', 'of the version'],
    ['free', 'bad', 'd', 'of the child'],
    ['held', 'plain', undefined, 'of the artifact'],
    ['held', 'plain', 'c', 'of the artifact'],
    ['held', 'plain', 'd', 'of the child'],
    ['held', 'bad', undefined, 'of the version'],
    ['held', 'bad', 'c', 'of the version'],
    ['held', 'bad', 'd', 'of the child'],
  ];
  for (const [name, version, childVersion, quarantineReason] of rows) {
    const { detail } = store.findDetails({ ...lookUp('acme/images', name, version), childVersion });
    const quarantine = quarantineReason ? { isQuarantined: true, quarantineReason } : { isQuarantined: false };
    const expected = { version: childVersion ?? version, packageType: 'DOCKER', name, ...quarantine };
    t.strictSame(detail, expected, `${name} ${version} ${childVersion}`);
  }
});
