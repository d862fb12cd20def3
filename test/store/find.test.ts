import t, { type Test } from 'tap';
import { type ErrorName, MISSES } from '../../src/api/errors.js';
import type { ArtifactRow, Lookup, VersionRow } from '../../src/store/types.js';
import type { Writer } from '../../src/store/writer.js';
import { dataOf, reasonOf, storeWith } from './support.js';

const images = { ref: 'acme/images', name: 'app' };
const model = { ref: 'acme/hub', name: 'bert', artifactType: 'model' as const };
const dataset = { ...model, artifactType: 'dataset' as const };
const alone = { ...model, name: 'gpt' };

const lookup = (ref: string, artifact: string, version: string, artifactType?: 'model' | 'dataset'): Lookup => ({
  ref,
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

t.test('a miss has its reason, in the order in which the vendor checks', async (t) => {
  const store = storeWith(t, write);
  const rows: [Lookup, ErrorName][] = [
    [lookup('acme/none', 'none', 'none'), 'registryUnknown'],
    [lookup('acme/none', 'app', '1', 'model'), 'registryUnknown'],
    [lookup('acme', 'app', '1'), 'registryUnknown'],
    [lookup('acme/Images', 'app', '1'), 'registryUnknown'],
    [lookup('acme/images/', 'app', '1'), 'registryUnknown'],
    [lookup('acme/images', 'app', '1', 'model'), 'artifactTypeNotAllowed'],
    [lookup('acme/images', 'none', 'none', 'dataset'), 'artifactTypeNotAllowed'],
    [lookup('acme/images', 'none', '1'), 'artifactUnknown'],
    [lookup('acme/images', 'App', '1'), 'artifactUnknown'],
    [lookup('acme/images', 'bert', 'v1'), 'artifactUnknown'],
    [lookup('acme/hub', 'none', 'v1'), 'artifactTypeMissing'],
    [lookup('acme/hub', 'none', 'v1', 'model'), 'artifactUnknown'],
    [lookup('acme/hub', 'gpt', 'v1', 'dataset'), 'artifactUnknown'],
    [lookup('acme/hub', 'bert', 'v1'), 'artifactTypeMissing'],
    [lookup('acme/hub', 'bert', 'v2'), 'artifactTypeMissing'],
    [lookup('acme/hub', 'gpt', 'v1'), 'artifactTypeMissing'],
    [lookup('acme/images', 'app', 'none'), 'versionUnknown'],
    [lookup('acme/images', 'app', ' 1'), 'versionUnknown'],
    [lookup('acme/images', 'app', '1.0'), 'versionUnknown'],
    [lookup('acme/hub', 'gpt', 'none', 'model'), 'versionUnknown'],
    [lookup('acme/hub', 'bert', 'v2', 'dataset'), 'versionUnknown'],
    [lookup('acme/hub', 'bert', 'none', 'model'), 'versionUnknown'],
  ];
  for (const [asked, reason] of rows) t.equal(reasonOf(store, asked), reason, Object.values(asked).join(' '));
  t.equal(store.find(lookup('acme', 'a', '1')), MISSES.registryUnknown, 'errors are made once');
});

t.test('a version is found by its exact names and its artifact type', async (t) => {
  const store = storeWith(t, write);
  const hub = { packageType: 'HUGGINGFACE', isQuarantined: false, version: 'v1' };
  const rows: [Lookup, object][] = [
    [lookup('acme/images', 'app', '1'), { version: '1', packageType: 'DOCKER', name: 'app', isQuarantined: false }],
    [lookup('acme/hub', 'bert', 'v1', 'model'), { ...hub, artifactType: 'model', name: 'bert', size: 'of the model' }],
    [
      lookup('acme/hub', 'bert', 'v1', 'dataset'),
      { ...hub, artifactType: 'dataset', name: 'bert', size: 'of the dataset' },
    ],
    [lookup('acme/hub', 'gpt', 'v1', 'model'), { ...hub, artifactType: 'model', name: 'gpt' }],
  ];
  for (const [asked, data] of rows) t.strictSame(dataOf(store, asked), data, Object.values(asked).join(' '));
});

t.test('the data of a 200 has its members in the order of the contract', async (t) => {
  const full = {
    size: '1.00KB',
    createdAt: '1',
    createdBy: 'me "x"',
    modifiedAt: '2',
    downloadCount: 0,
    fault: '{"code":500}',
  };
  const store = storeWith(t, (writer) => {
    write(writer);
    writer.addVersion(model, { version: 'full', ...full, extra: '{"a":1}', quarantineReason: 'é"' }, []);
    writer.addVersion(images, { version: 'full', ...full, extra: '{"a":{},"b":2}' }, []);
    writer.addVersion(images, { version: 'empty reason', quarantineReason: '' }, []);
  });
  const fields = '"size":"1.00KB","createdAt":"1","createdBy":"me \\"x\\"","modifiedAt":"2","downloadCount":0';
  t.strictSame(store.find(lookup('acme/hub', 'bert', 'full', 'model')), {
    data: `{"version":"full","packageType":"HUGGINGFACE","artifactType":"model","name":"bert",${fields},"isQuarantined":true,"quarantineReason":"é\\"","a":1}`,
    fault: '{"code":500}',
    quarantineReason: 'é"',
    isChild: false,
    isAnyVersion: false,
  });
  t.strictSame(store.find(lookup('acme/images', 'app', 'full')), {
    data: `{"version":"full","packageType":"DOCKER","name":"app",${fields},"isQuarantined":false,"a":{},"b":2}`,
    fault: '{"code":500}',
    quarantineReason: null,
    isChild: false,
    isAnyVersion: false,
  });
  t.match(store.find(lookup('acme/images', 'app', 'empty reason')), {
    data: /,"isQuarantined":true,"quarantineReason":""}$/,
    quarantineReason: '',
  });
});

t.test('names are data, whatever they contain', async (t) => {
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
      writer.addArtifact({ ...images, name });
      for (const version of names) writer.addVersion({ ...images, name }, { version, size: name + version }, []);
    }
  });
  for (const name of names) {
    for (const version of names) {
      if (dataOf(store, lookup('acme/images', name, version)).size !== name + version) t.fail(`${name} ${version}`);
    }
  }
});

t.test('a version has its own quarantine or that of its artifact', async (t) => {
  const store = storeWith(t, (writer) => {
    writer.addRegistry({ ref: 'acme/images', packageType: 'DOCKER' });
    for (const name of ['free', 'held']) {
      const artifact = { ...images, name, quarantineReason: name === 'held' ? 'of the artifact' : undefined };
      const children = [{ version: 'c' }, { version: 'd', quarantineReason: 'of the child' }];
      writer.addArtifact(artifact);
      writer.addVersion(artifact, { version: 'plain' }, children);
      writer.addVersion(artifact, { version: 'bad', quarantineReason: 'of the version' }, children);
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
    const asked = { ...lookup('acme/images', name, version), childVersion };
    const quarantine = quarantineReason ? { isQuarantined: true, quarantineReason } : { isQuarantined: false };
    const data = { version: childVersion ?? version, packageType: 'DOCKER', name, ...quarantine };
    t.strictSame(dataOf(store, asked), data, `${name} ${version} ${childVersion}`);
    t.match(store.find(asked), { quarantineReason: quarantineReason ?? null, isChild: childVersion !== undefined });
  }
});

const jar: ArtifactRow = { ref: 'acme/jars', name: 'app' };
const full = {
  size: '1.00KB',
  createdAt: '1',
  createdBy: 'me',
  modifiedAt: '2',
  downloadCount: 0,
  quarantineReason: 'bad',
};
const parent: VersionRow = { version: 'parent', size: '2.00KB', createdBy: 'p', downloadCount: 7, extra: '{"p":1}' };

const openWithChildren = (t: Test) =>
  storeWith(t, (writer) => {
    writer.addRegistry({ ref: 'acme/images', packageType: 'DOCKER' });
    writer.addRegistry({ ref: 'acme/jars', packageType: 'MAVEN' });
    for (const artifact of [images, jar]) writer.addArtifact(artifact);
    writer.addVersion(images, parent, [
      { version: 'full', ...full, extra: '{"c":1}', fault: '{}' },
      { version: 'bare' },
    ]);
    writer.addVersion(images, { version: 'childless' }, []);
    writer.addVersion(images, { version: 'other' }, [{ version: 'bare', size: 'of other' }, { version: 'other' }]);
    writer.addVersion(jar, { version: 'parent' }, []);
  });

const child = (version: string, childVersion?: string, ref = 'acme/images') => ({
  ...lookup(ref, 'app', version),
  childVersion,
});

t.test('a child is found with its own fields only', async (t) => {
  const store = openWithChildren(t);
  const own = { packageType: 'DOCKER', name: 'app' };
  t.strictSame(dataOf(store, child('parent', 'full')), {
    version: 'full',
    ...own,
    ...full,
    isQuarantined: true,
    c: 1,
  });
  t.match(store.find(child('parent', 'full')), { fault: '{}', isChild: true });
  t.strictSame(dataOf(store, child('parent', 'bare')), { version: 'bare', ...own, isQuarantined: false });
  t.equal(dataOf(store, child('other', 'bare')).size, 'of other', 'a child of that name of another version');
  t.strictSame(dataOf(store, child('other', 'other')), { version: 'other', ...own, isQuarantined: false });
});

t.test('an unknown child of a version with children is not found', async (t) => {
  const store = openWithChildren(t);
  for (const name of ['none', '', 'parent', 'FULL'])
    t.equal(reasonOf(store, child('parent', name)), 'childUnknown', name);
  t.equal(reasonOf(store, child('other', 'full')), 'childUnknown', 'a child of another version');
});

t.test('a child is not a version', async (t) => {
  const store = openWithChildren(t);
  t.equal(reasonOf(store, child('full')), 'versionUnknown');
  t.equal(dataOf(store, child('other')).version, 'other');
});

t.test('childVersion has no effect on a version without children', async (t) => {
  const store = openWithChildren(t);
  t.equal(dataOf(store, child('childless', 'full')).version, 'childless');
  t.match(store.find(child('childless', '')), { data: /"childless"/, isChild: false });
  t.equal(dataOf(store, child('parent', 'full', 'acme/jars')).packageType, 'MAVEN');
  t.strictSame(dataOf(store, child('parent')), {
    version: 'parent',
    packageType: 'DOCKER',
    name: 'app',
    size: '2.00KB',
    createdBy: 'p',
    downloadCount: 7,
    isQuarantined: false,
    p: 1,
  });
});

t.test('the version * answers for those that are not listed', async (t) => {
  const store = storeWith(t, (writer) => {
    writer.addRegistry({ ref: 'acme/any', packageType: 'DOCKER' });
    const any = { ref: 'acme/any', name: 'app', quarantineReason: 'old' };
    writer.addArtifact(any);
    writer.addVersion(any, { version: '*', size: 'any', extra: '{"a":1}', fault: '{"code":500}' }, [
      { version: 'c' },
      { version: '*' },
    ]);
    writer.addVersion(any, { version: '1', size: 'one' }, []);
    writer.addArtifact({ ref: 'acme/any', name: 'other' });
  });
  const lookup = { ref: 'acme/any', artifact: 'app' };
  const find = (version: string, childVersion?: string) => store.find({ ...lookup, version, childVersion });
  const name = '"\\\n🐳';
  t.strictSame(find(name), {
    data: `{"version":${JSON.stringify(name)},"packageType":"DOCKER","name":"app","size":"any","isQuarantined":true,"quarantineReason":"old","a":1}`,
    fault: '{"code":500}',
    quarantineReason: 'old',
    isChild: false,
    isAnyVersion: true,
  });
  t.match(find('1'), { data: /"size":"one"/, isAnyVersion: false }, 'a listed version wins');
  t.match(find('*'), { data: /^{"version":"\*"/, isAnyVersion: false });
  t.match(find('2', 'c'), { data: /^{"version":"c"/, isChild: true, isAnyVersion: true });
  t.match(find('2', '*'), { data: /^{"version":"\*"/, isChild: true }, 'a child has its own name');
  t.match(find('2', 'd'), { reason: 'childUnknown' });
  const listChildren = (version: string) =>
    store.listNeighbours('childVersion', { ...lookup, version, childVersion: 'd' }, 9);
  t.strictSame([listChildren('2'), listChildren('1')], [['*', 'c'], []], 'advice names the children that are served');
  t.match(store.find({ ...lookup, artifact: 'other', version: '2' }), { reason: 'versionUnknown' });
  t.strictSame(
    store.sampleVersions().map(({ version }) => version),
    ['1'],
    'it is no example',
  );
});
