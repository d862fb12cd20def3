import t from 'tap';
import { Conflict } from '../../src/store/errors.js';
import type { LookUp } from '../../src/store/types.js';
import type { Writer } from '../../src/store/writer.js';
import { missOf, storeWith } from './support.js';

const registry = { ref: 'acme/images', packageType: 'DOCKER' as const };
const artifact = { registryRef: 'acme/images', name: 'app' };
const bad = { ...artifact, quarantineReason: 'bad' };
const key = { name: 'dev', grants: ['acme'], expiresAt: undefined, revoked: false };

function write(writer: Writer): void {
  writer.addRegistry(registry);
  writer.addArtifact(artifact);
  writer.addVersion(artifact, { version: '1', size: '1.00KB', extra: '{"a":1}' }, [{ version: 'c' }, { version: 'd' }]);
  writer.addVersion(artifact, { version: '2' }, []);
  writer.addKey('k', key);
}

const lookUp = (version: string, childVersion?: string): LookUp => ({
  registryRef: 'acme/images',
  artifact: 'app',
  version,
  childVersion,
});

t.test('adds to what is stored', async (t) => {
  const store = storeWith(t, write);
  store.merge((writer) => {
    writer.addRegistry({ ref: 'acme/go', packageType: 'GO' });
    writer.addArtifact({ registryRef: 'acme/go', name: 'mod' });
    writer.addArtifact({ registryRef: 'acme/images', name: 'other' });
    writer.addVersion(artifact, { version: '3' }, [{ version: 'c' }]);
    writer.addKey('l', { ...key, name: 'ops' });
  });
  const { versionsByPackageType, ...counts } = store.summarise();
  t.strictSame(counts, { registries: 2, artifacts: 3, versions: 3, keys: 2 });
  t.equal(store.findDetails(lookUp('3', 'c')).detail.version, 'c');
  t.equal(store.findDetails(lookUp('1')).detail.size, '1.00KB', 'what is not named stays');
  t.equal(store.findKey('k')?.name, 'dev');
  t.equal(store.findKey('l')?.name, 'ops');
});

t.test('keeps a registry and an artifact, and replaces a version whole', async (t) => {
  const store = storeWith(t, write);
  store.merge((writer) => {
    writer.addRegistry(registry);
    writer.addArtifact(artifact);
    writer.addVersion(artifact, { version: '1', createdBy: 'me' }, [{ version: 'd' }]);
  });
  const { registries, artifacts, versions } = store.summarise();
  t.strictSame({ registries, artifacts, versions }, { registries: 1, artifacts: 1, versions: 2 });
  const { detail, extra } = store.findDetails(lookUp('1'));
  t.strictSame(detail, { version: '1', packageType: 'DOCKER', name: 'app', createdBy: 'me', isQuarantined: false });
  t.equal(extra, null);
  t.equal(store.findDetails(lookUp('1', 'd')).detail.version, 'd');
  t.equal(missOf(store, lookUp('1', 'c')), 'child', 'the other child is gone');
});

t.test('sets and lifts the quarantine of an artifact', async (t) => {
  const store = storeWith(t, write);
  const reason = () => store.findDetails(lookUp('2')).detail.quarantineReason;
  store.merge((writer) => writer.addArtifact(bad));
  t.equal(reason(), 'bad');
  store.merge((writer) => writer.ensureArtifact(registry, artifact));
  t.equal(reason(), 'bad', 'to make sure of an artifact changes nothing');
  store.merge((writer) => writer.addArtifact(artifact));
  t.equal(reason(), undefined);
});

t.test('takes a model and a dataset of one name for two artifacts', async (t) => {
  const bert = { registryRef: 'acme/hub', name: 'bert' };
  const store = storeWith(t, (writer) => {
    writer.addRegistry({ ref: 'acme/hub', packageType: 'HUGGINGFACE' });
    writer.addArtifact({ ...bert, artifactType: 'model' });
    writer.addVersion({ ...bert, artifactType: 'model' }, { version: '1', size: 'model' }, []);
  });
  store.merge((writer) => {
    writer.addArtifact({ ...bert, artifactType: 'dataset' });
    writer.addVersion({ ...bert, artifactType: 'dataset' }, { version: '1', size: 'dataset' }, []);
  });
  for (const artifactType of ['model', 'dataset'] as const) {
    const question = { registryRef: 'acme/hub', artifact: 'bert', version: '1', artifactType };
    t.equal(store.findDetails(question).detail.size, artifactType);
  }
});

t.test('replaces the API key of a name', async (t) => {
  const store = storeWith(t, write);
  store.merge((writer) => writer.addKey('l', { ...key, grants: ['acme/web'], revoked: true }));
  t.equal(store.findKey('k'), undefined);
  t.strictSame(store.findKey('l'), { ...key, grants: ['acme/web'], revoked: true });
  store.merge((writer) => {
    writer.addKey('l', key);
    writer.addKey('k', { ...key, name: 'ops' });
  });
  t.equal(store.findKey('l')?.revoked, false);
  t.equal(store.findKey('k')?.name, 'ops', 'a text that is free again may have another name');
});

t.test('makes sure of an artifact', async (t) => {
  const store = storeWith(t, write);
  store.merge((writer) => {
    writer.ensureArtifact(registry, artifact);
    writer.ensureArtifact({ ref: 'acme/go', packageType: 'GO' }, { registryRef: 'acme/go', name: 'mod' });
    writer.ensureArtifact({ ref: 'acme/go', packageType: 'GO' }, { registryRef: 'acme/go', name: 'other' });
  });
  const { registries, artifacts } = store.summarise();
  t.strictSame({ registries, artifacts }, { registries: 2, artifacts: 3 });
});

t.test('refuses what contradicts the store or itself, and changes nothing then', async (t) => {
  const store = storeWith(t, write);
  const before = store.summarise();
  const isGo = 'registry acme/images is stored as DOCKER, not GO; delete it first to change its type';
  const rows: [name: string, write: (writer: Writer) => void, message: string, contradiction?: string][] = [
    [
      'another package type',
      (writer) => writer.addRegistry({ ...registry, packageType: 'GO' }),
      isGo,
      'is stored as DOCKER, not GO',
    ],
    [
      'another package type behind an artifact',
      (writer) => writer.ensureArtifact({ ...registry, packageType: 'GO' }, artifact),
      isGo,
      'is stored as DOCKER, not GO',
    ],
    [
      'another package type of what it has added',
      (writer) => {
        writer.ensureArtifact({ ref: 'acme/go', packageType: 'GO' }, { registryRef: 'acme/go', name: 'mod' });
        writer.ensureArtifact({ ref: 'acme/go', packageType: 'RPM' }, { registryRef: 'acme/go', name: 'mod' });
      },
      'registry acme/go is already there',
      'is GO, not RPM,',
    ],
    [
      'the text of a stored key',
      (writer) => writer.addKey('k', { ...key, name: 'ops' }),
      'API key "dev" is stored with the same key; give another key, or that name',
      'is stored with the same key',
    ],
    [
      'the text of a key that it has added',
      (writer) => {
        writer.addKey('l', { ...key, name: 'ops' });
        writer.addKey('l', { ...key, name: 'ci' });
      },
      'API key "ops" is already there',
      'has the same key',
    ],
    ...(
      [
        ['a registry', (writer) => writer.addRegistry(registry), 'registry acme/images is already there'],
        ['an artifact', (writer) => writer.addArtifact(artifact), 'artifact app of acme/images is already there'],
        [
          'a version',
          (writer) => writer.addVersion(artifact, { version: '1' }, []),
          'version 1 of artifact app of acme/images is already there',
        ],
        ['an API key', (writer) => writer.addKey('l', key), 'API key "dev" is already there'],
      ] satisfies [string, (writer: Writer) => void, string][]
    ).map(([name, once, message]): [string, (writer: Writer) => void, string] => [
      `${name} twice`,
      (writer) => {
        once(writer);
        once(writer);
      },
      message,
    ]),
  ];
  for (const [name, contradict, message, contradiction] of rows) {
    const { revision } = store;
    try {
      store.merge((writer) => {
        writer.addRegistry({ ref: 'acme/new', packageType: 'GO' });
        writer.addVersion(artifact, { version: '2', size: 'new' }, []);
        writer.addKey('new', { ...key, name: 'new' });
        contradict(writer);
      });
      t.fail(name);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      t.strictSame([error.message, error.contradiction], [message, contradiction], name);
    }
    t.strictSame(store.summarise(), before, `${name}: nothing has changed`);
    t.equal(store.findDetails(lookUp('2')).detail.size, undefined);
    t.equal(store.findKey('k')?.name, 'dev');
    t.equal(store.findKey('new'), undefined);
    t.equal(store.revision, revision);
  }
});

t.test('does not mistake one name for another', async (t) => {
  const store = storeWith(t, write);
  store.merge((writer) => {
    for (const [name, version] of [
      ['y', '1 of artifact x'],
      ['x of artifact y', '1'],
      ['["y"', '1'],
    ] as const) {
      writer.addArtifact({ ...artifact, name });
      writer.addVersion({ ...artifact, name }, { version }, []);
    }
  });
  t.equal(store.summarise().versions, 5);
});
