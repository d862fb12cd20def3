import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { type ErrorName, LookupError } from '../../src/api/errors.js';
import { FixtureError, FixtureText } from '../../src/seed/document.js';
import { exportFixtures } from '../../src/seed/export.js';
import type { FixtureDocument, FixtureVersion } from '../../src/seed/format.js';
import { readSettings, writeFixtures } from '../../src/seed/write.js';
import { openStore, type Store } from '../../src/store/store.js';
import type { Removal } from '../../src/store/types.js';
import type { Writer } from '../../src/store/writer.js';
import { BUNDLED_FIXTURES } from '../../src/util/package.js';
import { ValidationError } from '../../src/util/validate.js';
import { dataOf } from '../store/support.js';
import { accept, bulkLine, emptyStore, type Folder, refuse, seedStore, yamlVersion } from './support.js';

const documentOf = (version: FixtureVersion): FixtureDocument => ({
  registries: [{ ref: 'acme/images', packageType: 'DOCKER', artifacts: [{ name: 'app', versions: [version] }] }],
});

const lookup = { ref: 'acme/images', artifact: 'app', version: '1' };

/** Lists the module that loads the YAML library if it is loaded; tap has loaded the library itself. */
const listYaml = () => Object.keys(require.cache).filter((path) => /seed.yaml\.ts$/.test(path));
const isYamlLoaded = () => listYaml().length > 0;

t.test('the YAML library is loaded for YAML only', async (t) => {
  for (const path of listYaml()) delete require.cache[path];
  const document: FixtureDocument = { registries: [{ ref: 'acme/go', packageType: 'GO' }] };
  const invalid = { registries: 5 } as unknown as FixtureDocument;
  const folder = t.testdir({ 'a.json': JSON.stringify(document), 'b.ndjson': `${bulkLine()}\n` });
  const store = seedStore(t, [folder]);
  writeFixtures([document], store.replace);
  writeFixtures([new FixtureText('body', JSON.stringify(document))], store.replace);
  t.throws(() => writeFixtures([invalid], store.replace), { message: /^document 1: registries: found 5/ });
  t.notOk(isYamlLoaded());
  t.equal(
    refuse(t, { 'c.json': '{\n"registries": 5 }' }),
    'c.json:2:1: registries: found 5, expected a list of registries',
  );
  t.notOk(isYamlLoaded());
  refuse(t, { 'd.yaml': 'registries: 5' });
  t.ok(isYamlLoaded());
});

t.test('writing returns how much was defined and the texts of the keys', async (t) => {
  const folder = t.testdir({
    'a.yaml': `${yamlVersion()}apiKeys: [{ key: k, name: a, grants: [] }]\n`,
    'b.ndjson': bulkLine({ version: '2' }),
  });
  const document = { apiKeys: [{ key: 'l', name: 'b', grants: ['acme'] }] };
  t.strictSame(writeFixtures([folder, document], emptyStore(t).seed), {
    counts: { registries: 1, artifacts: 1, versions: 2, keys: 2 },
    keys: ['l', 'k'],
    faults: [],
    skipped: [],
  });
  t.strictSame(readSettings([folder, document]).keys, ['l', 'k']);
  t.strictSame(readSettings([`${folder}/b.ndjson`, {}]).keys, []);
  t.throws(() => readSettings([{ apiKeys: 5 } as never]), { message: /^document 1: apiKeys: found/ });
});

t.test('a repeated key of JSON is refused, also in a text without a name of JSON', async (t) => {
  const rows: [text: string, place: string][] = [
    ['{"registries": [], "registries": []}', '1:20'],
    ['{"apiKeys": [{"key": "k", "name": "a", "\\u006bey": "l"}]}', '1:40'],
    ['{"registries": [{"ref": "\\\\", "ref" : ":{[" }]}', '1:31'],
  ];
  for (const [text, place] of rows) {
    t.equal(refuse(t, { 'a.json': text }), `a.json:${place}: is not JSON: Map keys must be unique`, text);
    const load = () => writeFixtures([new FixtureText('body', text)], emptyStore(t).seed);
    t.throws(load, { message: `body:${place}: is not YAML: Map keys must be unique` }, text);
  }
  const extra = { a: { a: 1, b: [{ a: 1 }, { a: 1 }] }, b: '{"a":1,"a":1}', 'c"': '\\', c: '"a":' };
  t.match(
    accept(t, { 'a.json': JSON.stringify(documentOf({ version: '1', extra })) }).find(lookup),
    {
      data: JSON.stringify({ ...extra }).slice(1),
    },
    'similar keys are kept',
  );
});

t.test('the faults of fixtures are read, and what is invalid has its place', async (t) => {
  const rule = (text: string) => `faults:\n  - match: { ref: acme/* }\n    ${text}\n`;
  const fault = { code: 500, details: { _comment: 'data' } };
  const sequence = `sequence: ["pass", { _comment: x, delay: { min: 1, max: 2, _comment: x } }]`;
  const folder = t.testdir({
    'a.json': JSON.stringify({ faults: [{ _comment: 'why', fault: { ...fault, $schema: 1 }, times: 2 }] }),
    'b.yaml': rule(sequence),
  });
  const { faults, counts } = writeFixtures([folder], emptyStore(t).seed);
  t.strictSame(faults, [
    { fault, times: 2 },
    { match: { ref: 'acme/*' }, sequence: ['pass', { delay: { min: 1, max: 2 } }] },
  ]);
  t.strictSame(counts, { registries: 0, artifacts: 0, versions: 0, keys: 0 });
  t.strictSame(readSettings([folder]).faults, faults);
  const rows: [text: string, message: string][] = [
    ['fault: { cod: 500 }', '3:14: faults[0].fault.cod: unknown key "cod"; did you mean "code"?'],
    ['times: 1', '2:5: faults[0]: set exactly one of "fault" and "sequence"'],
    ['sequence: [{ code: 9 }]', '3:18: faults[0].sequence[0].code: found 9, expected'],
    ['fault: { code: 500, delay: { min: 2, max: 1 } }', '3:5: faults[0].fault: the min of delay is above its max'],
    ['fault: { code: 500, details: { v: 1.10 } }', '3:36: faults[0].fault.details.v: found 1.10, which YAML reads as'],
  ];
  for (const [text, message] of rows) t.match(refuse(t, { 'a.yaml': rule(text) }), `a.yaml:${message}`, text);
});

const keyFile = (text: string, name: string) => `apiKeys:\n  - { key: ${text}, name: ${name}, grants: [acme] }\n`;
const json = JSON.stringify({ registries: [{ ref: 'acme/images', packageType: 'DOCKER' }] }, null, 2);
const artifactTwice = yamlVersion().replace('      - name: app', '      - name: app\n      - name: app');
const versionTwice = `${yamlVersion()}          - version: "1"\n`;
const hub = [
  'registries:',
  '  - ref: acme/hub',
  '    packageType: HUGGINGFACE',
  '    artifacts:',
  '      - { name: bert, artifactType: model }',
  '      - { name: bert, artifactType: dataset }',
  '      - { name: bert, artifactType: dataset }',
  '',
].join('\n');

const duplicates: [name: string, folder: Folder, message: string][] = [
  [
    'a registry in two YAML files; its artifacts are skipped',
    { 'a.yaml': yamlVersion(), 'b.yaml': `# ours\n${yamlVersion()}` },
    'b.yaml:3:5: registry acme/images is already defined; define it once',
  ],
  [
    'a registry in JSON and YAML',
    { 'a.json': json, 'b.yaml': yamlVersion() },
    'b.yaml:2:5: registry acme/images is already defined; define it once',
  ],
  [
    'a registry twice in one file',
    { 'a.yaml': `${yamlVersion()}  - ref: acme/images\n    packageType: MAVEN\n` },
    'a.yaml:8:5: registry acme/images is already defined; define it once',
  ],
  [
    'an artifact; its versions are skipped',
    { 'a.yaml': artifactTwice },
    'a.yaml:6:9: artifact app of acme/images is already defined; define it once',
  ],
  [
    'a dataset next to a model of its name',
    { 'a.yaml': hub },
    'a.yaml:7:9: dataset bert of acme/hub is already defined; define it once',
  ],
  [
    'a version',
    { 'a.yaml': versionTwice },
    'a.yaml:8:13: version 1 of artifact app of acme/images is already defined; define it once',
  ],
  [
    'a version in YAML and NDJSON, which comes last whatever its name',
    { 'a.ndjson': `\n${bulkLine()}\n`, 'b.yaml': yamlVersion() },
    'a.ndjson:2: version 1 of artifact app of acme/images is already defined; define it once',
  ],
  [
    'a version in two NDJSON files',
    { 'a.ndjson': `${bulkLine({ version: '0' })}\n${bulkLine()}\n`, 'b.ndjson': `${bulkLine()}\n` },
    'b.ndjson:1: version 1 of artifact app of acme/images is already defined; define it once',
  ],
  [
    'a version twice in one NDJSON file',
    { 'a.ndjson': `${bulkLine()}\n${bulkLine()}\n` },
    'a.ndjson:2: version 1 of artifact app of acme/images is already defined; define it once',
  ],
  [
    'a registry of another package type in NDJSON and YAML',
    { 'a.yaml': yamlVersion(), 'b.ndjson': bulkLine({ packageType: 'MAVEN', artifact: 'other' }) },
    'b.ndjson:1: registry acme/images is DOCKER, not MAVEN',
  ],
  [
    'a registry of another package type within NDJSON',
    { 'a.ndjson': `${bulkLine()}\n${bulkLine({ packageType: 'HELM', version: '2' })}\n` },
    'a.ndjson:2: registry acme/images is DOCKER, not HELM',
  ],
  [
    'the name of an API key',
    { 'a.yaml': keyFile('k', 'dev'), 'b.yaml': keyFile('l', 'dev') },
    'b.yaml:2:5: API key "dev" is already defined; define it once',
  ],
  [
    'an API key as a whole',
    { 'a.yaml': keyFile('k', 'dev'), 'b.yaml': keyFile('k', 'dev') },
    'b.yaml:2:5: API key "dev" is already defined; define it once',
  ],
  [
    'the text of an API key',
    { 'a.yaml': keyFile('k', 'dev'), 'b.yaml': keyFile('k', 'ops') },
    'b.yaml:2:5: API key "dev" has the same key',
  ],
  [
    'more than one thing',
    { 'a.yaml': versionTwice + keyFile('k', 'dev'), 'b.yaml': keyFile('k', 'dev') },
    'a.yaml:8:13: version 1 of artifact app of acme/images is already defined; define it once\n' +
      'b.yaml:2:5: API key "dev" is already defined; define it once',
  ],
];

for (const [name, folder, message] of duplicates) {
  t.test(`a duplicate is refused with the first place: ${name}`, async (t) => t.equal(refuse(t, folder), message));
}

const apiKey = (key: string, name: string) => `  - { key: ${key}, name: ${name}, grants: [acme] }\n`;
const seed = { 'a.yaml': `${yamlVersion('size: 1024')}apiKeys:\n${apiKey('k', 'dev')}` };
const body = (text: string) => new FixtureText('body', text);

/** Returns the message of a refused merge, which must change nothing. */
function refuseMerge(store: Store, ...sources: Parameters<typeof writeFixtures>[0]): string {
  const before = [...exportFixtures(store)];
  const { revision } = store;
  try {
    writeFixtures(sources, store.merge);
  } catch (error) {
    if (!(error instanceof FixtureError)) throw error;
    const isUnchanged = store.revision === revision && [...exportFixtures(store)].join() === before.join();
    return isUnchanged ? error.message : `${error.message} (and the data has changed)`;
  }
  return 'nothing is refused';
}

t.test('a document and a text of YAML or JSON are merged alike', async (t) => {
  const document: FixtureDocument = {
    registries: [
      {
        ref: 'acme/images',
        packageType: 'DOCKER',
        artifacts: [{ name: 'app', quarantineReason: 'bad', versions: [{ version: '1', createdBy: 'me' }] }],
      },
    ],
    apiKeys: [{ key: 'l', name: 'dev', grants: [] }],
  };
  const json = JSON.stringify(document, null, '\t');
  const forms = {
    'a document': document,
    JSON: body(json),
    'JSON with a byte order mark': body(`\uFEFF${json}`),
    YAML: body(
      `registries:
  - ref: acme/images
    packageType: DOCKER
    artifacts: [{ name: app, quarantineReason: bad, versions: [{ version: "1", createdBy: me }] }]
apiKeys: [{ key: l, name: dev, grants: [] }]
`,
    ),
  };
  for (const [name, form] of Object.entries(forms)) {
    const store = accept(t, seed);
    writeFixtures([form], store.merge);
    const { size, createdBy, quarantineReason } = dataOf(store, lookup);
    t.strictSame([size, createdBy, quarantineReason], [undefined, 'me', 'bad'], name);
    t.strictSame([store.findKey('k'), store.findKey('l')?.name], [undefined, 'dev'], name);
  }
});

t.test('files of YAML and NDJSON are merged', async (t) => {
  const store = accept(t, seed);
  const folder = t.testdir({
    'a.yaml': 'registries: [{ ref: acme/go, packageType: GO, artifacts: [{ name: mod }] }]\n',
    'b.ndjson': `${bulkLine({ size: 2048 })}\n${bulkLine({ version: '2' })}\n`,
  });
  writeFixtures([folder], store.merge);
  t.strictSame(store.summarise().versionsByPackageType, [{ packageType: 'DOCKER', versions: 2 }]);
  t.equal(store.summarise().registries, 2);
  t.equal(dataOf(store, lookup).size, '2.00KB');
});

t.test('a text replaces all data', async (t) => {
  const store = accept(t, seed);
  writeFixtures([body('registries: [{ ref: acme/go, packageType: GO }]')], store.replace);
  const { registries, artifacts, keys } = store.summarise();
  t.strictSame({ registries, artifacts, keys }, { registries: 1, artifacts: 0, keys: 0 });
});

const merges: [name: string, text: string, message: string][] = [
  [
    'text that is not YAML',
    'registries: [',
    'body:1:14: is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
  ],
  [
    'a text',
    'a.yaml',
    'body:1:1: found another value, expected a mapping with the keys registries, apiKeys and faults',
  ],
  ['a misspelt key', 'registires: []', 'body:1:1: registires: unknown key "registires"; did you mean "registries"?'],
  [
    'a registry of another package type, whose artifacts are skipped',
    yamlVersion().replace('DOCKER', 'GO'),
    'body:2:5: registry acme/images is stored as DOCKER, not GO; delete it first to change its type',
  ],
  [
    'the text of a stored key',
    `apiKeys:\n${apiKey('k', 'ops')}`,
    'body:2:5: API key "dev" is stored with the same key; use another key, or that name',
  ],
  [
    'the text of a key twice',
    `apiKeys:\n${apiKey('l', 'ops')}${apiKey('l', 'ci')}`,
    'body:3:5: API key "ops" has the same key',
  ],
  [
    'a key twice',
    `apiKeys:\n${apiKey('l', 'dev')}${apiKey('m', 'dev')}`,
    'body:3:5: API key "dev" is already defined; define it once',
  ],
  [
    'a registry twice',
    'registries:\n  - { ref: acme/images, packageType: DOCKER }\n  - { ref: acme/images, packageType: DOCKER }\n',
    'body:3:5: registry acme/images is already defined; define it once',
  ],
  [
    'an artifact twice',
    yamlVersion().replace('      - name: app', '      - name: app\n      - name: app'),
    'body:6:9: artifact app of acme/images is already defined; define it once',
  ],
  [
    'a version twice',
    `${yamlVersion()}          - version: "1"\n`,
    'body:8:13: version 1 of artifact app of acme/images is already defined; define it once',
  ],
  [
    'a child twice',
    yamlVersion('children: [{ version: c }, { version: c }]'),
    'body:8:40: registries[0].artifacts[0].versions[0].children[1]: child c is already children[0]',
  ],
  [
    'more than one thing',
    `${yamlVersion('createdAt: 2023-02-29')}apiKeys:\n${apiKey('k', 'ops')}`,
    'body:8:13: registries[0].artifacts[0].versions[0].createdAt: found "2023-02-29", expected an existing date and time\n' +
      'body:10:5: API key "dev" is stored with the same key; use another key, or that name',
  ],
];

for (const [name, text, message] of merges) {
  t.test(`a merge refuses ${name}`, async (t) => t.equal(refuseMerge(accept(t, seed), body(text)), message));
}

t.test('a problem has its place in one of several documents', async (t) => {
  const images = { ref: 'acme/images', packageType: 'GO' as const };
  const refused = (...documents: unknown[]) => refuseMerge(accept(t, seed), ...(documents as FixtureDocument[]));
  t.equal(
    refused({ registries: [images] }),
    'document 1: registry acme/images is stored as DOCKER, not GO; delete it first to change its type',
  );
  t.equal(
    refused({}, { registries: [{ ...images, ref: 5 }] }),
    'document 2: registries[0].ref: found 5, expected account[/org[/project]]/registry without the /+ marker; the registry in lower-case letters and digits, separated by single dots, dashes or underscores; put it in quotes',
  );
  t.equal(refused({ name: 'body', text: '{}' }).split(';')[0], 'document 1: name: unknown key "name"');
});

const good = `${yamlVersion('size: 1024')}apiKeys:\n  - { key: k, name: dev, grants: [acme] }\n`;

const bad: [name: string, file: string, content: string, message: RegExp][] = [
  ['invalid syntax', 'a.yaml', 'registries: [', /is not YAML/],
  ['a misspelt key', 'a.yaml', 'registires: []', /did you mean/],
  [
    'an impossible date after valid entries',
    'a.yaml',
    `${good.replace('1024', '2048')}  - { key: l, name: l, grants: [], expiresAt: 2023-02-29 }\n`,
    /an existing date/,
  ],
  ['bytes that are not UTF-8', 'a.yaml', '\uFFFD', /is not UTF-8/],
  ['a version twice', 'a.yaml', `${yamlVersion('size: 2048')}          - version: "1"\n`, /already defined/],
  [
    'an invalid line after a valid one',
    'b.ndjson',
    `${bulkLine({ version: '2' })}\n{}\n`,
    /b\.ndjson:2: registry: missing key/,
  ],
  [
    'a line of another package type',
    'b.ndjson',
    `${bulkLine({ version: '2' })}\n${bulkLine({ packageType: 'GO' })}\n`,
    /is DOCKER, not GO/,
  ],
];

for (const where of ['memory', 'a file']) {
  t.test(`an invalid fixture keeps the data in ${where}`, async (t) => {
    const root = t.testdir({ fixtures: {} });
    const db = where === 'memory' ? undefined : `${root}/store.db`;
    let store = openStore(db);
    t.teardown(() => store.close());
    const write = (file: string, content: string) =>
      writeFileSync(`${root}/fixtures/${file}`, content === '\uFFFD' ? Buffer.of(0xff) : content);
    const load = () => writeFixtures([`${root}/fixtures`], store.seed);
    const look = () => ({
      counts: store.summarise(),
      size: dataOf(store, lookup).size,
      key: store.findKey('k'),
    });

    write('a.yaml', good);
    load();
    const before = look();
    t.equal(before.size, '1.00KB');
    for (const [name, file, content, message] of bad) {
      write('a.yaml', good);
      write('b.ndjson', '');
      write(file, content);
      t.throws(load, message, name);
      t.strictSame(look(), before, name);
    }
    if (db !== undefined) {
      store.close();
      store = openStore(db);
      t.strictSame(look(), before, 'opened again');
    }

    write('a.yaml', good.replace('1024', '2048').replace('key: k', 'key: l'));
    write('b.ndjson', '');
    load();
    t.equal(look().size, '2.00KB', 'valid fixtures replace the data');
    t.equal(store.findKey('k'), undefined);
    t.equal(store.findKey('l')?.name, 'dev');
  });
}

t.test('seeding replaces everything', async (t) => {
  const root = t.testdir({ 'a.yaml': good, 'b.json': '{}' });
  const store = openStore();
  t.teardown(() => store.close());
  writeFixtures([`${root}/a.yaml`], store.seed);
  writeFixtures([`${root}/b.json`], store.seed);
  t.equal(store.isEmpty(), true);
});

t.test('a bug is not reported as a problem of a fixture', async (t) => {
  const bug = new TypeError('a bug');
  const addRegistry = () => {
    throw bug;
  };
  const change = (write: (writer: Writer) => void) => write({ addRegistry } as unknown as Writer);
  const folder = t.testdir({ 'a.yaml': good });
  t.throws(() => writeFixtures([folder], change), bug);
});

const registryRef = 'acme/go';
const models = 'acme/models';

t.test('an invalid removal and a removal of unknown data are refused', async (t) => {
  const both = (['model', 'dataset'] as const).map((artifactType) => ({ name: 'bert', artifactType }));
  const store = seedStore(t, [
    {
      registries: [
        { ref: registryRef, packageType: 'GO', artifacts: [{ name: 'app', versions: [{ version: '1' }] }] },
        { ref: models, packageType: 'HUGGINGFACE', artifacts: both },
      ],
    },
  ]);
  const before = store.summarise();
  const expected = 'expected what to delete, a mapping with the key registryRef';
  const missing = 'set artifact if version or artifactType is set';
  const invalid: [unknown, string][] = [
    [undefined, `found nothing, ${expected}`],
    [null, `found null, ${expected}`],
    [{}, 'registryRef: missing key "registryRef"; expected the ref of a registry, without its marker'],
    [{ registryRef: '' }, 'registryRef: found "", expected the ref of a registry, without its marker'],
    [{ ref: 'acme/go' }, 'registryRef: missing key "registryRef"; expected the ref of a registry, without its marker'],
    [{ registryRef, ref: 'x' }, 'ref: unknown key "ref"; expected one of registryRef, artifact, artifactType, version'],
    [{ registryRef, artefact: 'app' }, 'artefact: unknown key "artefact"; did you mean "artifact"?'],
    [{ registryRef, version: '1' }, `artifact: ${missing}`],
    [{ registryRef: models, artifactType: 'model' }, `artifact: ${missing}`],
  ];
  for (const [removal, message] of invalid) {
    t.throws(() => store.remove(removal), { constructor: ValidationError, message }, message);
  }
  const unknown: [Removal, ErrorName][] = [
    [{ registryRef: 'acme/no', artifact: 'app' }, 'registryUnknown'],
    [{ registryRef, artifact: 'no', version: '1' }, 'artifactUnknown'],
    [{ registryRef, artifact: 'app', version: '2' }, 'versionUnknown'],
    [{ registryRef, artifact: 'app', artifactType: 'model' }, 'artifactTypeNotAllowed'],
    [{ registryRef: models, artifact: 'bert' }, 'artifactTypeMissing'],
    [{ registryRef: models, artifact: 'no', artifactType: 'model' }, 'artifactUnknown'],
  ];
  for (const [removal, reason] of unknown) {
    t.match(
      t.throws(() => store.remove(removal)),
      { reason },
    );
  }
  t.strictSame(store.summarise(), before);
});

t.test('a removal deletes data', async (t) => {
  const store = seedStore(t, [{ registries: [{ ref: registryRef, packageType: 'GO', artifacts: [{ name: 'app' }] }] }]);
  const removed = store.remove({ registryRef, artifact: 'app', version: undefined });
  t.strictSame(removed, { registries: 0, artifacts: 1, versions: 0 });
  store.remove({ registryRef });
  t.equal(store.isEmpty(), true);
});

const exportText = (store: Store): string => [...exportFixtures(store)].join('');

/** Lists a removal of each thing in a store. */
function listRemovals(store: Store): Removal[] {
  return [...store.listRegistries()].flatMap(({ id, ref: registryRef }) => [
    { registryRef },
    ...[...store.listArtifacts(id)].flatMap(({ id, name: artifact, artifactType }) => {
      const of = { registryRef, artifact, ...(artifactType !== '' && { artifactType }) };
      return [of, ...[...store.listVersions(id)].map(({ version }) => ({ ...of, version }))];
    }),
  ]);
}

t.test('restore undoes any merges and removals', async (t) => {
  const store = seedStore(t, [BUNDLED_FIXTURES]);
  const seeded = exportText(store);

  const ref = fc.constantFrom('acme/platform/web/images', 'acme/new', 'acme/other');
  const version = fc.record(
    {
      version: fc.constantFrom('1.25.3', '2', 'new'),
      createdBy: fc.string({ unit: 'binary' }),
      children: fc.subarray([{ version: 'c' }, { version: 'd' }]),
    },
    { requiredKeys: ['version'] },
  );
  const artifact = fc.record(
    {
      name: fc.constantFrom('library/nginx', 'new'),
      quarantineReason: fc.string({ unit: 'binary', minLength: 1 }),
      versions: fc.uniqueArray(version, { selector: ({ version }) => version }),
    },
    { requiredKeys: ['name'] },
  );
  const merge: fc.Arbitrary<FixtureDocument> = fc.record({
    registries: fc
      .record({
        ref,
        packageType: fc.constant('DOCKER' as const),
        artifacts: fc.uniqueArray(artifact, { selector: ({ name }) => name }),
      })
      .map((registry) => [registry]),
    apiKeys: fc
      .record({ key: fc.constantFrom('pat.acme.dev.local', 'k'), name: fc.constantFrom('developer', 'new') })
      .map((key) => [{ ...key, grants: ['acme'] }]),
  });
  const removal = fc.oneof(
    fc.constantFrom(...listRemovals(store)),
    fc.record(
      { registryRef: ref, artifact: fc.constant('new'), version: fc.constant('new') },
      { requiredKeys: ['registryRef'] },
    ),
  );

  let changes = 0;
  const property = fc.property(fc.array(fc.oneof(merge, removal), { minLength: 1, maxLength: 8 }), (steps) => {
    for (const step of steps) {
      try {
        if ('registryRef' in step) store.remove(step);
        else writeFixtures([step], store.merge);
        changes += 1;
      } catch (error) {
        if (!(error instanceof LookupError || error instanceof FixtureError || error instanceof ValidationError))
          throw error;
      }
    }
    store.restore();
    return exportText(store) === seeded && store.findKey('pat.acme.dev.local')?.name === 'developer';
  });
  const { failed, counterexample, seed } = fc.check(property, { numRuns: 100 });
  t.notOk(failed, `seed ${seed}: ${JSON.stringify(counterexample)}`);
  t.ok(changes > 100, 'the steps change something');
});
