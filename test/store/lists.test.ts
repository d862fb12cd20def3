import type { Database } from 'better-sqlite3';
import t, { type Test } from 'tap';
import { prepareFind } from '../../src/store/find.js';
import { prepareLists } from '../../src/store/lists.js';
import { openStore } from '../../src/store/store.js';
import type { Lookup, LookupName } from '../../src/store/types.js';
import { prepareRemove, prepareWriter, type Writer } from '../../src/store/writer.js';
import { openBoth, storeWith } from './support.js';

const names = Array.from({ length: 205 }, (_, index) => `n${String(index).padStart(3, '0')}`);
const reversed = [...names].reverse();

t.test('lists are in order, over several pages', async (t) => {
  const artifact = { ref: 'acme/n000', name: 'n000' };
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
  const children = [...store.listChildren(Number(artifacts[0]?.id), 'n000')];
  t.strictSame(
    children.map(({ version }) => version),
    names,
  );
  t.strictSame([...store.listArtifacts(Number(registries[1]?.id))], []);
  t.strictSame([...store.listChildren(Number(artifacts[0]?.id), 'n001')], []);
});

t.test('lists have the columns of each table', async (t) => {
  const artifact = { ref: 'acme/hub', name: 'bert', quarantineReason: 'bad' };
  const full = { version: '1', size: '1.00KB', quarantineReason: 'bad', extra: '{"a":1}', fault: '{"code":500}' };
  const dataset = { ...artifact, artifactType: 'dataset' } as const;
  const store = storeWith(t, (writer) => {
    writer.addRegistry({ ref: 'acme/hub', packageType: 'HUGGINGFACE' });
    for (const artifactType of ['model', 'dataset'] as const) writer.addArtifact({ ...artifact, artifactType });
    writer.addVersion(dataset, full, []);
    writer.addVersion(dataset, { version: '2' }, []);
  });
  t.strictSame([...store.listRegistries()], [{ id: 1, ref: 'acme/hub', packageType: 'HUGGINGFACE' }]);
  t.strictSame(
    [...store.listArtifacts(1)],
    [
      { id: 2, name: 'bert', artifactType: 'dataset', quarantineReason: 'bad' },
      { id: 1, name: 'bert', artifactType: 'model', quarantineReason: 'bad' },
    ],
  );
  const body = (version: string) =>
    `{"version":"${version}","packageType":"HUGGINGFACE","artifactType":"dataset","name":"bert"`;
  t.strictSame(
    [...store.listVersions(2)],
    [
      {
        version: '1',
        body: `${body('1')},"size":"1.00KB"`,
        quarantineReason: 'bad',
        extra: '{"a":1}',
        fault: '{"code":500}',
      },
      { version: '2', body: body('2'), quarantineReason: null, extra: null, fault: null },
    ],
  );
});

t.test('a store can be changed between two rows of a list', async (t) => {
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

const openNamed = (t: Test) =>
  storeWith(t, (writer) => {
    writer.addRegistry({ ref: 'acme/images', packageType: 'DOCKER' });
    writer.addRegistry({ ref: 'acme/hub', packageType: 'HUGGINGFACE' });
    const image = { ref: 'acme/images', name: 'app' };
    writer.addArtifact(image);
    writer.addArtifact({ ...image, name: 'zoo' });
    writer.addVersion(image, { version: '1' }, [{ version: 'x' }, { version: 'y' }]);
    writer.addVersion(image, { version: '2' }, [{ version: 'z' }]);
    for (const artifactType of ['model', 'dataset'] as const) {
      const bert = { ref: 'acme/hub', name: 'bert', artifactType };
      writer.addArtifact(bert);
      writer.addVersion(bert, { version: artifactType }, []);
    }
  });

const asked: Lookup = { ref: 'acme/images', artifact: 'app', version: '1' };

t.test('neighbours are the names of a kind under the other names of the lookup', async (t) => {
  const store = openNamed(t);
  const hub: Lookup = { ref: 'acme/hub', artifact: 'bert', version: 'v' };
  const rows: [name: LookupName, lookup: Lookup, expected: string[]][] = [
    ['ref', asked, ['acme/hub', 'acme/images']],
    ['ref', { ...asked, ref: 'b' }, ['acme/hub', 'acme/images']],
    ['artifact', { ...asked, artifact: 'm' }, ['app', 'zoo']],
    ['artifact', hub, ['bert']],
    ['artifact', { ...asked, ref: 'none' }, []],
    ['version', { ...asked, version: '1.5' }, ['1', '2']],
    ['version', hub, []],
    ['version', { ...hub, artifactType: 'model' }, ['model']],
    ['version', { ...hub, artifactType: 'dataset' }, ['dataset']],
    ['version', { ...asked, artifact: 'none' }, []],
    ['childVersion', { ...asked, childVersion: 'xx' }, ['x', 'y']],
    ['childVersion', { ...asked, version: '2', childVersion: 'a' }, ['z']],
    ['childVersion', asked, []],
  ];
  for (const [name, lookup, expected] of rows) {
    t.strictSame(store.listNeighbours(name, lookup, 9), expected, `${name} ${Object.values(lookup).join(' ')}`);
  }
});

t.test('all neighbours are listed up to a maximum, then those on either side', async (t) => {
  const image = { ref: 'acme/images', name: 'app' };
  const store = storeWith(t, (writer) => {
    writer.addRegistry({ ref: 'acme/images', packageType: 'DOCKER' });
    writer.addArtifact(image);
    for (let number = 0; number < 10; number++) writer.addVersion(image, { version: `v${number}` }, []);
  });
  const rows: [version: string, max: number, first: number, last: number][] = [
    ['v5', 10, 0, 9],
    ['a', 10, 0, 9],
    ['z', 10, 0, 9],
    ['v5', 4, 3, 6],
    ['v5', 5, 3, 7],
    ['v1', 8, 0, 7],
    ['v9', 8, 2, 9],
    ['a', 4, 0, 3],
    ['z', 4, 6, 9],
  ];
  for (const [version, max, first, last] of rows) {
    const expected = Array.from({ length: last - first + 1 }, (_, index) => `v${first + index}`);
    t.strictSame(store.listNeighbours('version', { ...asked, version }, max), expected, `${version} ${max}`);
  }
});

t.test('the package type of a registry is found', async (t) => {
  const store = openNamed(t);
  t.equal(store.findPackageType('acme/hub'), 'HUGGINGFACE');
  t.equal(store.findPackageType('acme/Hub'), undefined);
});

t.test('an empty store has no counts and no sample', async (t) => {
  const store = openStore();
  t.teardown(() => store.close());
  t.strictSame(store.summarise(), { registries: 0, artifacts: 0, versions: 0, keys: 0, versionsByPackageType: [] });
  t.strictSame(store.sampleVersions(), []);
  t.equal(store.isEmpty(), true);
});

t.test('children are not counted as versions', async (t) => {
  const model = { ref: 'acme/hub', name: 'bert', artifactType: 'model' as const };
  const app = { ref: 'acme/go', name: 'app' };
  const image = { ref: 'acme/images', name: 'app' };
  const store = storeWith(t, (writer) => {
    writer.addRegistry({ ref: 'acme/hub', packageType: 'HUGGINGFACE' });
    writer.addRegistry({ ref: 'acme/images', packageType: 'DOCKER' });
    writer.addRegistry({ ref: 'acme/go', packageType: 'GO' });
    for (const artifact of [model, image, app]) writer.addArtifact(artifact);
    writer.addVersion(model, { version: 'v1' }, []);
    writer.addVersion(image, { version: '1' }, [{ version: 'a' }, { version: 'b' }]);
    writer.addVersion(app, { version: '1' }, []);
    writer.addVersion(app, { version: '2' }, []);
    writer.addKey('k', { name: 'dev', grants: ['acme'], revoked: false });
  });
  t.strictSame(store.summarise(), {
    registries: 3,
    artifacts: 3,
    versions: 4,
    keys: 1,
    versionsByPackageType: [
      { packageType: 'GO', versions: 2 },
      { packageType: 'DOCKER', versions: 1 },
      { packageType: 'HUGGINGFACE', versions: 1 },
    ],
  });
});

t.test('a sample has the versions without a fault, in the order in which their artifacts were stored', async (t) => {
  const app = { ref: 'acme/images', name: 'app', quarantineReason: 'x' };
  const model = { ref: 'acme/hub', name: 'bert', artifactType: 'model' as const };
  const fault = '{"code":503}';
  const store = storeWith(t, (writer) => {
    writer.addRegistry({ ref: 'acme/images', packageType: 'DOCKER' });
    writer.addRegistry({ ref: 'acme/hub', packageType: 'HUGGINGFACE' });
    for (const artifact of [model, app]) writer.addArtifact(artifact);
    writer.addVersion(app, { version: '1', fault }, []);
    writer.addVersion(app, { version: '2' }, [{ version: 'a', fault }, { version: 'b' }]);
    writer.addVersion(model, { version: 'v1' }, []);
  });
  const bert = { ref: 'acme/hub', packageType: 'HUGGINGFACE', artifact: 'bert', artifactType: 'model', version: 'v1' };
  const image = { ref: 'acme/images', packageType: 'DOCKER', artifact: 'app', artifactType: undefined, version: '2' };
  t.strictSame(store.sampleVersions(), [
    { ...bert, isQuarantined: 0, child: null },
    { ...image, isQuarantined: 1, child: 'b' },
  ]);
});

t.test('a store is empty without registries and keys', async (t) => {
  const withKey = storeWith(t, (writer) => writer.addKey('k', { name: 'dev', grants: [], revoked: false }));
  t.equal(withKey.isEmpty(), false);
  const withRegistry = storeWith(t, (writer) => writer.addRegistry({ ref: 'acme/go', packageType: 'GO' }));
  t.equal(withRegistry.isEmpty(), false);
  withRegistry.replace(() => {});
  t.equal(withRegistry.isEmpty(), true);
});

/** The statements that a function prepares. */
function statementsOf(db: Database, prepare: (recorder: Database) => unknown): string[] {
  const statements: string[] = [];
  const recorder = {
    prepare(sql: string) {
      statements.push(sql);
      return db.prepare(sql);
    },
  };
  prepare(recorder as unknown as Database);
  return statements;
}

/** The steps of a statement's plan. */
function planOf(db: Database, sql: string): string[] {
  const plan = db.prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql.replace(/\?|@\w+/g, "''")}`).all();
  return plan.map(({ detail }) => detail);
}

const isSlow = (step: string): boolean => /\bSCAN\b(?! CONSTANT)|TEMP B-TREE|AUTOMATIC/.test(step);

/** Whether a statement counts or lists everything. */
const isOnceOnly = (sql: string): boolean =>
  /count\(\*\) FROM registries|GROUP BY|ORDER BY v\.artifact_id|json_array/.test(sql);

const preparations: Record<string, (db: Database) => unknown> = {
  'a look-up': prepareFind,
  'a list': prepareLists,
  'a deletion': prepareRemove,
  'a merge': prepareWriter,
};

for (const [name, prepare] of Object.entries(preparations)) {
  t.test(`every statement of ${name} goes by an index`, async (t) => {
    const { db } = openBoth(t);
    const statements = statementsOf(db, prepare).filter((sql) => !isOnceOnly(sql));
    t.ok(statements.length >= 3, 'statements were prepared');
    for (const sql of statements) {
      const steps = planOf(db, sql);
      if (!sql.startsWith('INSERT')) t.match(steps.join('\n'), /^SEARCH/m, sql);
      t.strictSame(steps.filter(isSlow), [], `no scan in: ${steps.join(' · ')}`);
    }
  });
}

t.test('every statement of an undo goes by an index', async (t) => {
  const { db, store } = openBoth(t);
  const artifact = { ref: 'acme/go', name: 'app' };
  const write = (writer: Writer) => {
    writer.addRegistry({ ref: 'acme/go', packageType: 'GO' });
    writer.addArtifact(artifact);
    writer.addVersion(artifact, { version: '1' }, []);
    writer.addKey('k', { name: 'dev', grants: [], revoked: false });
  };
  store.merge(write);
  store.merge(write);
  store.replace(() => {});
  const statements = db.prepare<[], string>('SELECT DISTINCT statement FROM undo_log').pluck().all();
  t.strictSame(statements.map((sql) => sql.split(' ', 3).join(' ').replace(/ SET$/, '')).sort(), [
    'DELETE FROM api_keys',
    'DELETE FROM artifacts',
    'DELETE FROM registries',
    'DELETE FROM versions',
    'INSERT INTO api_keys',
    'INSERT INTO artifacts',
    'INSERT INTO registries',
    'INSERT INTO versions',
    'UPDATE artifacts',
    'UPDATE registries',
  ]);
  for (const sql of statements) {
    const steps = planOf(db, sql);
    if (!sql.startsWith('INSERT')) t.match(steps.join('\n'), /^SEARCH/m, sql);
    t.strictSame(steps.filter(isSlow), [], sql);
  }
});

t.test('a lookup searches each table once', async (t) => {
  const { db } = openBoth(t);
  const [lookup, child, hasChildren] = statementsOf(db, prepareFind).map((sql) => planOf(db, sql));
  t.match(lookup, [
    /^SEARCH r USING INDEX sqlite_autoindex_registries_1 \(ref=\?\)$/,
    /^SEARCH a USING INDEX sqlite_autoindex_artifacts_1 \(registry_id=\? AND name=\? AND artifact_type=\?\) LEFT-JOIN$/,
    /^SEARCH v USING PRIMARY KEY \(artifact_id=\? AND parent=\? AND version=\?\) LEFT-JOIN$/,
  ]);
  t.equal(lookup?.length, 3);
  t.strictSame(child, ['SEARCH versions USING PRIMARY KEY (artifact_id=? AND parent=? AND version=?)']);
  t.strictSame(hasChildren, ['SEARCH versions USING PRIMARY KEY (artifact_id=? AND parent=?)']);
});
