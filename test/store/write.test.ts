import t from 'tap';
import type { ErrorName } from '../../src/api/errors.js';
import type { Store } from '../../src/store/store.js';
import type { Lookup, Removal, Removed } from '../../src/store/types.js';
import { ConflictError, type Writer } from '../../src/store/writer.js';
import { dataOf, reasonOf, storeWith } from './support.js';

const registry = { ref: 'acme/images', packageType: 'DOCKER' as const };
const artifact = { ref: 'acme/images', name: 'app' };
const key = { name: 'dev', grants: ['acme'], expiresAt: undefined, revoked: false };

function write(writer: Writer): void {
  writer.addRegistry(registry);
  writer.addArtifact(artifact);
  writer.addVersion(artifact, { version: '1' }, [{ version: 'c' }]);
  writer.addKey('k', key);
}

t.test('a writer refuses what is already there, and the store is unchanged', async (t) => {
  const store = storeWith(t, write);
  const before = store.summarise();
  const rows: [name: string, write: (writer: Writer) => void, identity: string, reason?: string][] = [
    ['a registry', (writer) => writer.addRegistry({ ...registry, packageType: 'GO' }), 'registry acme/images'],
    ['an artifact', (writer) => writer.addArtifact(artifact), 'artifact app of acme/images'],
    [
      'a version',
      (writer) => writer.addVersion(artifact, { version: '1' }, []),
      'version 1 of artifact app of acme/images',
    ],
    [
      'a child',
      (writer) => writer.addVersion(artifact, { version: '2' }, [{ version: 'c' }, { version: 'c' }]),
      'version 2 of artifact app of acme/images',
    ],
    ['the name of a key', (writer) => writer.addKey('l', key), 'API key "dev"'],
    ['a key and its name', (writer) => writer.addKey('k', key), 'API key "dev"'],
    ['a key', (writer) => writer.addKey('k', { ...key, name: 'ops' }), 'API key "dev"', 'has the same key'],
    [
      'a registry of another package type',
      (writer) => writer.ensureArtifact({ ...registry, packageType: 'GO' }, artifact),
      'registry acme/images',
      'is DOCKER, not GO',
    ],
  ];
  for (const [name, again, identity, reason = 'is already defined; define it once'] of rows) {
    const replace = () =>
      store.seed((writer) => {
        write(writer);
        again(writer);
      });
    try {
      replace();
      t.fail(name);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      t.equal(error.message, `${identity} ${reason}`);
    }
    t.strictSame(store.summarise(), before, `${name}: nothing has changed`);
    t.equal(store.findKey('k')?.name, 'dev');
  }
});

t.test('ensureArtifact adds a registry and an artifact once', async (t) => {
  const store = storeWith(t, (writer) => {
    writer.ensureArtifact(registry, artifact);
    writer.ensureArtifact(registry, { ...artifact, quarantineReason: 'ignored' });
    writer.ensureArtifact(registry, { ...artifact, name: 'other' });
    writer.addVersion(artifact, { version: '1' }, []);
  });
  const { registries, artifacts } = store.summarise();
  t.strictSame({ registries, artifacts }, { registries: 1, artifacts: 2 });
  t.equal(dataOf(store, lookup('1')).isQuarantined, false);
});

t.test('other errors of SQLite are thrown on', async (t) => {
  const store = storeWith(t, write);
  const rows: [name: string, write: (writer: Writer) => void, message: RegExp][] = [
    ['an artifact without its registry', (writer) => writer.addArtifact(artifact), /NOT NULL constraint failed/],
    ['a version without its artifact', (writer) => writer.addVersion(artifact, { version: '1' }, []), /NOT NULL/],
    ['an unknown package type', (writer) => writer.addRegistry({ ...registry, packageType: 'APK' as 'GO' }), /CHECK/],
    ['an empty ref', (writer) => writer.addRegistry({ ...registry, ref: '' }), /CHECK/],
  ];
  for (const [name, bad, message] of rows) t.throws(() => store.seed(bad), { name: 'SqliteError', message }, name);
  t.equal(store.summarise().versions, 1, 'the store is unchanged');
});

/** What is stored before a merge. */
function writeStored(writer: Writer): void {
  writer.addRegistry(registry);
  writer.addArtifact(artifact);
  writer.addVersion(artifact, { version: '1', size: '1.00KB', extra: '{"a":1}' }, [{ version: 'c' }, { version: 'd' }]);
  writer.addVersion(artifact, { version: '2' }, []);
  writer.addKey('k', key);
}

const lookup = (version: string, childVersion?: string): Lookup => ({
  ref: 'acme/images',
  artifact: 'app',
  version,
  childVersion,
});

t.test('a merge adds to what is stored', async (t) => {
  const store = storeWith(t, writeStored);
  store.merge((writer) => {
    writer.addRegistry({ ref: 'acme/go', packageType: 'GO' });
    writer.addArtifact({ ref: 'acme/go', name: 'mod' });
    writer.addArtifact({ ref: 'acme/images', name: 'other' });
    writer.addVersion(artifact, { version: '3' }, [{ version: 'c' }]);
    writer.addKey('l', { ...key, name: 'ops' });
  });
  const { versionsByPackageType, ...counts } = store.summarise();
  t.strictSame(counts, { registries: 2, artifacts: 3, versions: 3, keys: 2 });
  t.equal(dataOf(store, lookup('3', 'c')).version, 'c');
  t.equal(dataOf(store, lookup('1')).size, '1.00KB', 'other versions are kept');
  t.equal(store.findKey('k')?.name, 'dev');
  t.equal(store.findKey('l')?.name, 'ops');
});

t.test('a merge keeps a registry and an artifact, and replaces a version with its children', async (t) => {
  const store = storeWith(t, writeStored);
  store.merge((writer) => {
    writer.addRegistry(registry);
    writer.addArtifact(artifact);
    writer.addVersion(artifact, { version: '1', createdBy: 'me' }, [{ version: 'd' }]);
  });
  const { registries, artifacts, versions } = store.summarise();
  t.strictSame({ registries, artifacts, versions }, { registries: 1, artifacts: 1, versions: 2 });
  t.strictSame(dataOf(store, lookup('1')), {
    version: '1',
    packageType: 'DOCKER',
    name: 'app',
    createdBy: 'me',
    isQuarantined: false,
  });
  t.equal(dataOf(store, lookup('1', 'd')).version, 'd');
  t.equal(reasonOf(store, lookup('1', 'c')), 'childUnknown', 'the other child is gone');
});

t.test('a merge sets and removes the quarantine of an artifact', async (t) => {
  const store = storeWith(t, writeStored);
  const reason = () => dataOf(store, lookup('2')).quarantineReason;
  store.merge((writer) => writer.addArtifact({ ...artifact, quarantineReason: 'bad' }));
  t.equal(reason(), 'bad');
  store.merge((writer) => writer.ensureArtifact(registry, artifact));
  t.equal(reason(), 'bad', 'ensureArtifact changes nothing');
  store.merge((writer) => writer.addArtifact(artifact));
  t.equal(reason(), undefined);
});

t.test('a model and a dataset of one name are two artifacts', async (t) => {
  const bert = { ref: 'acme/hub', name: 'bert' };
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
    const asked = { ref: 'acme/hub', artifact: 'bert', version: '1', artifactType };
    t.equal(dataOf(store, asked).size, artifactType);
  }
});

t.test('a merge replaces the API key of a name', async (t) => {
  const store = storeWith(t, writeStored);
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

t.test('a merge ensures a registry and an artifact once', async (t) => {
  const store = storeWith(t, writeStored);
  store.merge((writer) => {
    writer.ensureArtifact(registry, artifact);
    writer.ensureArtifact({ ref: 'acme/go', packageType: 'GO' }, { ref: 'acme/go', name: 'mod' });
    writer.ensureArtifact({ ref: 'acme/go', packageType: 'GO' }, { ref: 'acme/go', name: 'other' });
  });
  const { registries, artifacts } = store.summarise();
  t.strictSame({ registries, artifacts }, { registries: 2, artifacts: 3 });
});

t.test('a merge refuses contradictions, and the store is unchanged', async (t) => {
  const store = storeWith(t, writeStored);
  const before = store.summarise();
  const isGo = 'registry acme/images is stored as DOCKER, not GO; delete it first to change its type';
  const rows: [name: string, write: (writer: Writer) => void, message: string][] = [
    ['another package type', (writer) => writer.addRegistry({ ...registry, packageType: 'GO' }), isGo],
    [
      'another package type behind an artifact',
      (writer) => writer.ensureArtifact({ ...registry, packageType: 'GO' }, artifact),
      isGo,
    ],
    [
      'another package type of a registry that it has added',
      (writer) => {
        writer.ensureArtifact({ ref: 'acme/go', packageType: 'GO' }, { ref: 'acme/go', name: 'mod' });
        writer.ensureArtifact({ ref: 'acme/go', packageType: 'RPM' }, { ref: 'acme/go', name: 'mod' });
      },
      'registry acme/go is GO, not RPM',
    ],
    [
      'the text of a stored key',
      (writer) => writer.addKey('k', { ...key, name: 'ops' }),
      'API key "dev" is stored with the same key; use another key, or that name',
    ],
    [
      'the text of a key that it has added',
      (writer) => {
        writer.addKey('l', { ...key, name: 'ops' });
        writer.addKey('l', { ...key, name: 'ci' });
      },
      'API key "ops" has the same key',
    ],
    ...(
      [
        [
          'a registry',
          (writer) => writer.addRegistry(registry),
          'registry acme/images is already defined; define it once',
        ],
        [
          'an artifact',
          (writer) => writer.addArtifact(artifact),
          'artifact app of acme/images is already defined; define it once',
        ],
        [
          'a version',
          (writer) => writer.addVersion(artifact, { version: '1' }, []),
          'version 1 of artifact app of acme/images is already defined; define it once',
        ],
        ['an API key', (writer) => writer.addKey('l', key), 'API key "dev" is already defined; define it once'],
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
  for (const [name, contradict, message] of rows) {
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
      if (!(error instanceof ConflictError)) throw error;
      t.equal(error.message, message, name);
    }
    t.strictSame(store.summarise(), before, `${name}: nothing has changed`);
    t.equal(dataOf(store, lookup('2')).size, undefined);
    t.equal(store.findKey('k')?.name, 'dev');
    t.equal(store.findKey('new'), undefined);
    t.equal(store.revision, revision);
  }
});

t.test('similar names are different identities', async (t) => {
  const store = storeWith(t, writeStored);
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

function writeRemovable(writer: Writer): void {
  writer.addRegistry({ ref: 'acme/images', packageType: 'DOCKER' });
  for (const name of ['app', 'other']) {
    const artifact = { ref: 'acme/images', name };
    writer.addArtifact(artifact);
    writer.addVersion(artifact, { version: '1' }, [{ version: 'c' }, { version: '2' }]);
    writer.addVersion(artifact, { version: '2' }, []);
  }
  writer.addRegistry({ ref: 'acme/hub', packageType: 'HUGGINGFACE' });
  for (const artifactType of ['model', 'dataset'] as const) {
    const artifact = { ref: 'acme/hub', name: 'bert', artifactType };
    writer.addArtifact(artifact);
    writer.addVersion(artifact, { version: '1' }, []);
  }
  writer.addArtifact({ ref: 'acme/hub', name: 'gpt', artifactType: 'model' });
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

t.test('a removal deletes what it names with all its parts', async (t) => {
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
    [
      'an artifact without versions',
      { ...hub, artifact: 'gpt', artifactType: 'model' },
      counts(0, 1, 0),
      counts(3, 4, 6),
    ],
  ];
  for (const [name, what, removed, left] of rows) {
    const store = storeWith(t, writeRemovable);
    t.strictSame(removeFrom(store, what), [removed, left], name);
    t.throws(() => store.remove(what), / not found$/, `${name}: is gone`);
    t.equal(store.findKey('k')?.name, 'dev', 'keys stay');
  }
});

t.test('removing a version keeps children of its name', async (t) => {
  const store = storeWith(t, writeRemovable);
  store.remove({ ...images, artifact: 'app', version: '2' });
  t.equal(dataOf(store, lookup('1', '2')).version, '2');
});

t.test('a removal that finds nothing has a reason, and the store is unchanged', async (t) => {
  const store = storeWith(t, writeRemovable);
  const before = store.summarise();
  const rows: [what: Removal, reason: ErrorName][] = [
    [{ registryRef: 'acme/none' }, 'registryUnknown'],
    [{ registryRef: 'acme/none', artifact: 'app', version: '1' }, 'registryUnknown'],
    [{ ...images, artifact: 'none' }, 'artifactUnknown'],
    [{ ...images, artifact: 'app', version: 'none' }, 'versionUnknown'],
    [{ ...images, artifact: 'app', version: 'c' }, 'versionUnknown'],
    [{ ...images, artifact: 'app', artifactType: 'model' }, 'artifactTypeNotAllowed'],
    [{ ...hub, artifact: 'bert' }, 'artifactTypeMissing'],
    [{ ...hub, artifact: 'bert', version: '1' }, 'artifactTypeMissing'],
    [{ ...hub, artifact: 'gpt' }, 'artifactTypeMissing'],
    [{ ...hub, artifact: 'gpt', artifactType: 'dataset' }, 'artifactUnknown'],
  ];
  for (const [what, reason] of rows) {
    const { revision } = store;
    t.match(
      t.throws(() => store.remove(what)),
      { reason },
      JSON.stringify(what),
    );
    t.equal(store.revision, revision);
    t.strictSame(store.summarise(), before);
  }
});
