import t from 'tap';
import { bulkLine, type Folder, refuse, yamlVersion } from './support.js';

const PACKAGE_TYPES = 'DOCKER, MAVEN, PYTHON, GENERIC, HELM, NUGET, NPM, RPM, CARGO, GO, HUGGINGFACE';
const REF =
  'account[/org[/project]]/registry without the /+ marker; the registry in lower-case letters and digits, ' +
  'separated by single dots, dashes or underscores';
const DOCKER = 'registries:\n  - ref: acme/images\n    packageType: DOCKER\n';
const KEY = 'apiKeys:\n  - key: k\n';

const shapes: [name: string, file: string, content: string, message: string][] = [
  [
    'an empty file',
    'a.yaml',
    '',
    'a.yaml:1:1: found null, expected a mapping with the keys registries, apiKeys and faults',
  ],
  [
    'a file of comments',
    'a.yml',
    '# nothing\n',
    'a.yml:1:1: found null, expected a mapping with the keys registries, apiKeys and faults',
  ],
  [
    'a list in place of the document',
    'a.yaml',
    '- ref: acme/images\n',
    'a.yaml:1:1: found a list, expected a mapping with the keys registries, apiKeys and faults',
  ],
  [
    'a number in place of the document',
    'a.json',
    '42',
    'a.json:1:1: found 42, expected a mapping with the keys registries, apiKeys and faults',
  ],
  [
    'a misspelt key of the document',
    'a.yaml',
    'apiKeys: []\nregistires: []\n',
    'a.yaml:2:1: registires: unknown key "registires"; did you mean "registries"?',
  ],
  [
    'an unknown key without a suggestion',
    'a.yaml',
    'packages: []\n',
    'a.yaml:1:1: packages: unknown key "packages"; expected one of $schema, registries, apiKeys, faults',
  ],
  [
    'a key with / and ~, which JSON pointers escape',
    'a.yaml',
    'a/b~c: 1\n',
    'a.yaml:1:1: a/b~c: unknown key "a/b~c"; expected one of $schema, registries, apiKeys, faults',
  ],
  [
    'a key of the wrong case',
    'a.yaml',
    'apikeys: []\n',
    'a.yaml:1:1: apikeys: unknown key "apikeys"; did you mean "apiKeys"?',
  ],
  [
    'registries without a value',
    'a.yaml',
    'registries:\n',
    'a.yaml:1:1: registries: found null, expected a list of registries',
  ],
  [
    'a mapping in place of registries',
    'a.yaml',
    'registries: { ref: acme/images }\n',
    'a.yaml:1:1: registries: found a mapping, expected a list of registries',
  ],
  [
    'a number in place of a registry',
    'a.yaml',
    'registries:\n  - 3\n',
    'a.yaml:2:5: registries[0]: found 3, expected a registry, as a mapping',
  ],
  [
    'a registry without a package type',
    'a.json',
    '{\n  "registries": [\n    { "ref": "acme/images" }\n  ]\n}\n',
    `a.json:3:5: registries[0].packageType: missing key "packageType"; expected one of ${PACKAGE_TYPES}`,
  ],
  [
    'a registry without a package type, before another one',
    'a.json',
    '{"registries": [\n{ "ref": "acme/images" },\n{ "ref": "acme/go", "packageType": "GO" }]}',
    `a.json:2:1: registries[0].packageType: missing key "packageType"; expected one of ${PACKAGE_TYPES}`,
  ],
  [
    'a misspelt package type',
    'a.yaml',
    'registries:\n  - ref: acme/images\n    packageType: DOKCER\n',
    `a.yaml:3:5: registries[0].packageType: found "DOKCER", expected one of ${PACKAGE_TYPES}; did you mean "DOCKER"?`,
  ],
  [
    'an unknown package type',
    'a.yaml',
    'registries:\n  - ref: acme/images\n    packageType: CONTAINERS\n',
    `a.yaml:3:5: registries[0].packageType: found "CONTAINERS", expected one of ${PACKAGE_TYPES}`,
  ],
  [
    'a package type that is not a string',
    'a.yaml',
    'registries:\n  - ref: acme/images\n    packageType: 3\n',
    `a.yaml:3:5: registries[0].packageType: found 3, expected one of ${PACKAGE_TYPES}`,
  ],
  [
    'a ref without an account',
    'a.yaml',
    'registries:\n  - packageType: DOCKER\n    ref: images\n',
    `a.yaml:3:5: registries[0].ref: found "images", expected ${REF}`,
  ],
  [
    'a ref with its marker',
    'a.yaml',
    'registries:\n  - ref: acme/images/+\n    packageType: DOCKER\n',
    `a.yaml:2:5: registries[0].ref: found "acme/images/+", expected ${REF}; the marker /+ belongs to the URL`,
  ],
  [
    'a ref of five components',
    'a.yaml',
    'registries:\n  - ref: a/b/c/d/images\n    packageType: DOCKER\n',
    `a.yaml:2:5: registries[0].ref: found "a/b/c/d/images", expected ${REF}`,
  ],
  [
    'a registry in capitals',
    'a.yaml',
    'registries:\n  - ref: acme/Images\n    packageType: DOCKER\n',
    `a.yaml:2:5: registries[0].ref: found "acme/Images", expected ${REF}`,
  ],
  [
    'a misspelt artifacts key',
    'a.yaml',
    `${DOCKER}    artefacts: []\n`,
    'a.yaml:4:5: registries[0].artefacts: unknown key "artefacts"; did you mean "artifacts"?',
  ],
  [
    'a string in place of artifacts',
    'a.yaml',
    `${DOCKER}    artifacts: app\n`,
    'a.yaml:4:5: registries[0].artifacts: found "app", expected a list of artifacts',
  ],
  [
    'a string in place of an artifact',
    'a.yaml',
    `${DOCKER}    artifacts:\n      - app\n`,
    'a.yaml:5:9: registries[0].artifacts[0]: found "app", expected an artifact, as a mapping',
  ],
  [
    'an artifact with an empty name',
    'a.yaml',
    `${DOCKER}    artifacts:\n      - name: ""\n`,
    `a.yaml:5:9: registries[0].artifacts[0].name: found "", expected the artifact's name, 1 to 255 characters, without the /+ marker`,
  ],
  [
    'an artifact with too long a name',
    'a.yaml',
    `${DOCKER}    artifacts:\n      - name: ${'n'.repeat(256)}\n`,
    `a.yaml:5:9: registries[0].artifacts[0].name: found "${'n'.repeat(58)}…, expected the artifact's name, 1 to 255 characters, without the /+ marker`,
  ],
  [
    'an unknown artifact type',
    'a.yaml',
    `${DOCKER}    artifacts:\n      - name: app\n        artifactType: models\n`,
    'a.yaml:6:9: registries[0].artifacts[0].artifactType: found "models", expected one of model, dataset; did you mean "model"?',
  ],
  [
    'an API key without its name',
    'a.yaml',
    `${KEY}    grants: [acme]\n`,
    'a.yaml:2:5: apiKeys[0].name: missing key "name"; expected the name of the key in messages',
  ],
  [
    'a string in place of grants',
    'a.yaml',
    `${KEY}    name: dev\n    grants: acme\n`,
    'a.yaml:4:5: apiKeys[0].grants: found "acme", expected a list of scope paths',
  ],
  [
    'a grant that ends in a slash',
    'a.yaml',
    `${KEY}    name: dev\n    grants:\n      - acme\n      - acme/\n`,
    'a.yaml:6:9: apiKeys[0].grants[1]: found "acme/", expected a scope path: account[/org[/project]], or one registry',
  ],
  [
    'a word in place of true',
    'a.yaml',
    `${KEY}    name: dev\n    grants: []\n    revoked: yes\n`,
    'a.yaml:5:5: apiKeys[0].revoked: found "yes", expected true or false',
  ],
  [
    'a misspelt expiresAt',
    'a.yaml',
    `${KEY}    name: dev\n    grants: []\n    expires: 2024-01-01\n`,
    'a.yaml:5:5: apiKeys[0].expires: unknown key "expires"; did you mean "expiresAt"?',
  ],
  [
    'a child with children',
    'a.yaml',
    `${DOCKER}    artifacts: [{ name: app, versions: [{ version: "1", children: [{ version: c, children: [] }] }] }]\n`,
    'a.yaml:4:82: registries[0].artifacts[0].versions[0].children[0].children: unknown key "children"; ' +
      'expected one of version, size, createdAt, createdBy, modifiedAt, downloadCount, quarantineReason, extra, fault',
  ],
];

for (const [name, file, content, message] of shapes) {
  t.test(`the problem and its place: ${name}`, async (t) => t.equal(refuse(t, { [file]: content }), message));
}

const NOT_JSON = 'is not JSON: invalid symbol; rename it to .yaml if it is YAML';

const syntax: [name: string, file: string, content: string, message: string][] = [
  [
    'YAML indented by a tab',
    'a.yaml',
    'registries:\n\t- ref: acme/images\n',
    'a.yaml:2:1: is not YAML: Tabs are not allowed as indentation',
  ],
  [
    'YAML with a key twice',
    'a.yml',
    'registries: []\nregistries: []\n',
    'a.yml:2:1: is not YAML: Map keys must be unique',
  ],
  [
    'YAML of two documents',
    'a.yaml',
    'registries: []\n---\nregistries: []\n',
    'a.yaml:2:1: is not YAML: Source contains multiple documents',
  ],
  [
    'YAML with an open list',
    'a.yaml',
    'registries: [\n',
    'a.yaml:2:1: is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
  ],
  [
    'YAML with an open quote',
    'a.yaml',
    yamlVersion('createdBy: "me'),
    'a.yaml:8:24: is not YAML: Missing closing "quote',
  ],
  ['an empty JSON file', 'a.json', '', `a.json:1:1: ${NOT_JSON.replace('invalid symbol', 'value expected')}`],
  ['YAML in a JSON file', 'a.json', 'registries: []\n', `a.json:1:1: ${NOT_JSON}`],
  ['JSON with a comment', 'a.json', '# ours\n{"registries": []}\n', `a.json:1:1: ${NOT_JSON}`],
  [
    'JSON with a comma too many',
    'a.json',
    '{\n  "registries": [],\n}\n',
    `a.json:3:1: ${NOT_JSON.replace('invalid symbol', 'property name expected')}`,
  ],
  ['JSON with single quotes', 'a.json', "{\n  'registries': []\n}\n", `a.json:2:3: ${NOT_JSON}`],
  ['JSON with text behind it', 'a.json', '{"registries": []} x\n', `a.json:1:20: ${NOT_JSON}`],
  [
    'JSON with a key twice',
    'a.json',
    '{"registries": [], "registries": []}\n',
    'a.json:1:20: is not JSON: Map keys must be unique',
  ],
  [
    'an NDJSON line that is cut off',
    'a.ndjson',
    `${bulkLine()}\n{"registry":\n`,
    'a.ndjson:2:13: is not JSON: value expected; expected one object on the line',
  ],
  [
    'NDJSON that is one JSON list',
    'a.ndjson',
    `[${bulkLine()}]\n`,
    'a.ndjson:1: found a list, expected a version, as an object on one line',
  ],
  [
    'an NDJSON line that is null',
    'a.ndjson',
    'null\n',
    'a.ndjson:1: found null, expected a version, as an object on one line',
  ],
  [
    'an NDJSON line with a misspelt key',
    'a.ndjson',
    bulkLine({ donwloadCount: 1 }),
    'a.ndjson:1: donwloadCount: unknown key "donwloadCount"; did you mean "downloadCount"?',
  ],
  [
    'an NDJSON line with a bad value deep inside',
    'a.ndjson',
    bulkLine({ children: [{ version: 'a' }, { version: 'b', size: -1 }] }),
    'a.ndjson:1: children[1].size: found -1, expected a whole number of bytes, or a string that is served verbatim',
  ],
  [
    'an NDJSON line with an impossible date',
    'a.ndjson',
    bulkLine({ children: [{ version: 'a', createdAt: '2023-02-29' }] }),
    'a.ndjson:1: children[0].createdAt: found "2023-02-29", expected an existing date and time',
  ],
];

for (const [name, file, content, message] of syntax) {
  t.test(`the problem and its place: ${name}`, async (t) => t.equal(refuse(t, { [file]: content }), message));
}

const SIZE = 'a whole number of bytes, or a string that is served verbatim';
const TIME = 'ISO 8601 with a time zone, or epoch milliseconds in quotes';
const COUNT = 'a whole number of downloads, from 0 to 9007199254740991';
const EXTRA = 'a mapping of further fields, merged into data';
const DAY = 'expected an existing date and time';

t.test('an invalid value of a version is refused', async (t) => {
  const rows: [line: string, message: string][] = [
    ['size: -1', `size: found -1, expected ${SIZE}`],
    ['size: 1.5', `size: found 1.5, expected ${SIZE}`],
    ['size: 9007199254740992', `size: found 9007199254740992, expected ${SIZE}`],
    ['size: .inf', `size: found .inf, expected ${SIZE}`],
    ['size: true', `size: found true, expected ${SIZE}`],
    ['size: null', `size: found null, expected ${SIZE}`],
    ['size: [1]', `size: found a list, expected ${SIZE}`],
    ['createdAt: yesterday', `createdAt: found "yesterday", expected when it was created: ${TIME}`],
    [
      'createdAt: 1704067200000',
      `createdAt: found 1704067200000, expected when it was created: ${TIME}; put it in quotes`,
    ],
    [
      'createdAt: 2024-01-01T00:00:00',
      `createdAt: found "2024-01-01T00:00:00", expected when it was created: ${TIME}; the time zone is missing: append Z for UTC`,
    ],
    [
      'createdAt: 2024-01-01T00:00:00+0000',
      `createdAt: found "2024-01-01T00:00:00+0000", expected when it was created: ${TIME}; the time zone lacks its colon: write +00:00`,
    ],
    [
      'createdAt: 2024-01-01T00:00-05',
      `createdAt: found "2024-01-01T00:00-05", expected when it was created: ${TIME}; the time zone lacks its minutes: write -05:00`,
    ],
    [
      'createdAt: 2024-01-01 00:00:00Z',
      `createdAt: found "2024-01-01 00:00:00Z", expected when it was created: ${TIME}; write T between date and time`,
    ],
    [
      'createdAt: "1704067200"',
      `createdAt: found "1704067200", expected when it was created: ${TIME}; ten digits look like seconds: for milliseconds write "1704067200000"`,
    ],
    [
      'createdAt: 1704067200',
      `createdAt: found 1704067200, expected when it was created: ${TIME}; ten digits look like seconds: for milliseconds write "1704067200000"`,
    ],
    ['modifiedAt: 2024-1-1', `modifiedAt: found "2024-1-1", expected when it was modified: ${TIME}`],
    ['modifiedAt: ""', `modifiedAt: found "", expected when it was modified: ${TIME}`],
    ['createdAt: 2024-02-30', `createdAt: found "2024-02-30", ${DAY}`],
    ['createdAt: 2023-02-29T00:00:00Z', `createdAt: found "2023-02-29T00:00:00Z", ${DAY}`],
    ['modifiedAt: 2024-13-01', `modifiedAt: found "2024-13-01", ${DAY}`],
    ['createdBy: 7', 'createdBy: found 7, expected who created it, a string; put it in quotes'],
    ['createdBy: { name: me }', 'createdBy: found a mapping, expected who created it, a string'],
    ['downloadCount: "3"', `downloadCount: found "3", expected ${COUNT}`],
    ['downloadCount: -3', `downloadCount: found -3, expected ${COUNT}`],
    ['quarantineReason: 7', 'quarantineReason: found 7, expected why it is quarantined, a string; put it in quotes'],
    ['quarantineReason: null', 'quarantineReason: found null, expected why it is quarantined, a string'],
    ['extra: text', `extra: found "text", expected ${EXTRA}`],
    ['extra: [1]', `extra: found a list, expected ${EXTRA}`],
    ['children: 1', 'children: found 1, expected a list of child versions, on DOCKER only'],
    ['children: [c]', 'children[0]: found "c", expected a child version, as a mapping'],
  ];
  for (const [line, expected] of rows) {
    const message = refuse(t, { 'a.yaml': yamlVersion(line) });
    const column = expected.startsWith('children[') ? 24 : 13;
    t.equal(message, `a.yaml:8:${column}: registries[0].artifacts[0].versions[0].${expected}`, line);
  }
});

t.test('all problems of a document are in one message', async (t) => {
  t.strictSame(refuse(t, { 'a.yaml': yamlVersion('sise: 1', 'createdBy: 7', 'createdAt: now') }).split('\n'), [
    'a.yaml:8:13: registries[0].artifacts[0].versions[0].sise: unknown key "sise"; did you mean "size"?',
    `a.yaml:10:13: registries[0].artifacts[0].versions[0].createdAt: found "now", expected when it was created: ${TIME}`,
    'a.yaml:9:13: registries[0].artifacts[0].versions[0].createdBy: found 7, expected who created it, a string; put it in quotes',
  ]);
});

t.test('an impossible date of an API key is refused', async (t) => {
  const content = 'apiKeys:\n  - key: k\n    name: dev\n    grants: [acme]\n    expiresAt: 2024-02-31\n';
  t.equal(refuse(t, { 'a.yaml': content }), `a.yaml:5:5: apiKeys[0].expiresAt: found "2024-02-31", ${DAY}`);
});

const HUB = 'registries:\n  - ref: acme/hub\n    packageType: HUGGINGFACE\n    artifacts:\n      - name: bert\n';

t.test('invalid children are refused', async (t) => {
  const child = (fields = '') => `  - { version: sha256:a${fields} }`;
  const rows: [name: string, content: string, message: string][] = [
    [
      'a child twice',
      yamlVersion('children:', child(), child()),
      'a.yaml:10:17: registries[0].artifacts[0].versions[0].children[1]: child sha256:a is already children[0]',
    ],
    [
      'a child with a bad time',
      yamlVersion('children:', child(', createdAt: 2023-02-29')),
      'a.yaml:9:38: registries[0].artifacts[0].versions[0].children[0].createdAt: ' +
        'found "2023-02-29", expected an existing date and time',
    ],
    [
      'a child outside DOCKER',
      yamlVersion('children:', child()).replace('DOCKER', 'MAVEN'),
      'a.yaml:8:13: registries[0].artifacts[0].versions[0].children: ' +
        'only a DOCKER version has children, and this registry is MAVEN',
    ],
  ];
  for (const [name, content, message] of rows) t.equal(refuse(t, { 'a.yaml': content }), message, name);
});

t.test('an artifact type is required on HUGGINGFACE and refused elsewhere', async (t) => {
  const missing = 'artifactType: missing key "artifactType"; expected model or dataset';
  t.equal(refuse(t, { 'a.yaml': HUB }), `a.yaml:5:9: registries[0].artifacts[0].${missing}`);
  t.equal(refuse(t, { 'a.ndjson': bulkLine({ packageType: 'HUGGINGFACE' }) }), `a.ndjson:1: ${missing}`);

  const only = 'only a HUGGINGFACE artifact has a type, and this registry is DOCKER';
  const typed = yamlVersion().replace('name: app', 'name: app\n        artifactType: model');
  t.equal(refuse(t, { 'a.yaml': typed }), `a.yaml:6:9: registries[0].artifacts[0].artifactType: ${only}`);
  t.equal(refuse(t, { 'a.ndjson': bulkLine({ artifactType: 'model' }) }), `a.ndjson:1: artifactType: ${only}`);
});

t.test('the versions of a refused artifact are skipped, and the next artifact is checked', async (t) => {
  const versions = '        versions:\n          - { version: v1 }\n          - { version: v1 }\n';
  const next =
    '      - name: gpt\n        artifactType: model\n        versions: [{ version: v1, createdAt: 2023-02-29 }]\n';
  t.strictSame(refuse(t, { 'a.yaml': HUB + versions + next }).split('\n'), [
    'a.yaml:5:9: registries[0].artifacts[0].artifactType: missing key "artifactType"; expected model or dataset',
    'a.yaml:11:35: registries[0].artifacts[1].versions[0].createdAt: found "2023-02-29", expected an existing date and time',
  ]);
});

const badDocument = (count: number) => `registries:\n${'  - 3\n'.repeat(count)}`;
const badLines = (count: number) => '{}\n'.repeat(count);
const repeated = (count: number) => `${bulkLine()}\n`.repeat(count + 1);
const keys = (count: number) => `apiKeys:\n${'  - { key: k, name: dev, grants: [] }\n'.repeat(count + 1)}`;

const counts: [name: string, folder: Folder, first: string, last: string, count: number][] = [
  ['19 in a document', { 'a.yaml': badDocument(19) }, 'a.yaml:2:5:', 'a.yaml:20:5:', 19],
  ['25 in a document', { 'a.yaml': badDocument(25) }, 'a.yaml:2:5:', 'a.yaml:21:5:', 20],
  ['25 lines that are invalid', { 'a.ndjson': badLines(25) }, 'a.ndjson:1:', 'a.ndjson:20:', 20],
  ['25 lines that are not JSON', { 'a.ndjson': '{\n'.repeat(25) }, 'a.ndjson:1:2:', 'a.ndjson:20:2:', 20],
  ['25 lines that are repeated', { 'a.ndjson': repeated(25) }, 'a.ndjson:2:', 'a.ndjson:21:', 20],
  ['25 keys that are repeated', { 'a.yaml': keys(25) }, 'a.yaml:3:5:', 'a.yaml:22:5:', 20],
  [
    '15 and 15 in documents',
    { 'a.yaml': badDocument(15), 'b.yaml': badDocument(15) },
    'a.yaml:2:5:',
    'b.yaml:6:5:',
    20,
  ],
  [
    '15 in a document and 15 lines',
    { 'a.yaml': badDocument(15), 'b.ndjson': badLines(15) },
    'a.yaml:2:5:',
    'b.ndjson:5:',
    20,
  ],
  [
    '25 in a document, before lines',
    { 'a.yaml': badDocument(25), 'b.ndjson': badLines(15) },
    'a.yaml:2:5:',
    'a.yaml:21:5:',
    20,
  ],
  [
    '15 lines that are invalid and 15 that are repeated',
    { 'a.ndjson': badLines(15), 'b.ndjson': repeated(15) },
    'a.ndjson:1:',
    'b.ndjson:6:',
    20,
  ],
];

for (const [name, folder, first, last, count] of counts) {
  t.test(`a message has at most 20 problems: ${name}`, async (t) => {
    const lines = refuse(t, folder).split('\n');
    t.equal(lines.length, count);
    t.equal(lines[0]?.split(' ')[0], first, 'the first');
    t.equal(lines.at(-1)?.split(' ')[0], last, 'the last');
  });
}

const SECRET = 'pat.acme.s3cr3t.t0ken';

const yaml = (...lines: string[]): Folder => ({ 'a.yaml': ['apiKeys:', ...lines, ''].join('\n') });
const keyFile = (value: string): Folder => yaml(`  - key: ${value}`, '    name: dev', '    grants: [acme]');
const json = (text: string): Folder => ({ 'a.json': text });

const secrets: [name: string, folder: Folder][] = [
  ['a space at its end', keyFile(`"${SECRET} "`)],
  ['a control character', keyFile(`"${SECRET}\\u0007"`)],
  ['a line break', keyFile(`"${SECRET}\\n"`)],
  ['a list', keyFile(`[${SECRET}]`)],
  ['a mapping', keyFile(`{ value: ${SECRET} }`)],
  ['a block of two lines', keyFile(`|\n      ${SECRET}\n      ${SECRET}`)],
  ['a wrong neighbour', yaml(`  - { key: ${SECRET}, name: 7, grants: acme, revoked: 1, expiresAt: now, nmae: x }`)],
  ['a misspelt name of the key', yaml(`  - { keys: ${SECRET}, name: dev, grants: [acme] }`)],
  [
    'a key twice with different names',
    yaml(`  - { key: ${SECRET}, name: a, grants: [] }`, `  - { key: ${SECRET}, name: b, grants: [] }`),
  ],
  [
    'a key twice with one name',
    yaml(`  - { key: ${SECRET}, name: a, grants: [] }`, `  - { key: ${SECRET}, name: a, grants: [] }`),
  ],
  ['an expiry that is none', yaml(`  - { key: ${SECRET}, name: a, grants: [], expiresAt: 2023-02-29 }`)],
  ['a mapping in place of the list', yaml(`  { key: ${SECRET}, name: a, grants: [] }`)],
  ['a key of its own in the document', { 'a.yaml': `key: ${SECRET}\n` }],
  ['a key in place of its mapping', yaml(`  - ${SECRET}`)],
  ['a key in place of the list', { 'a.yaml': `apiKeys: ${SECRET}\n` }],
  ['no space behind the colon, alone', yaml(`  - key:${SECRET}`)],
  ['no space behind the colon, in a mapping', yaml(`  - {key:${SECRET}, name: x}`)],
  ['a key as the name of a field', yaml(`  - ${SECRET}: dev`)],
  ['a key inside a name of a field', yaml(`  - ? {key: ${SECRET}}`, '    : x')],
  ['a document that is a key', { 'a.yaml': SECRET }],
  ['YAML: an alias', keyFile(`*${SECRET}`)],
  ['YAML: a block header', keyFile(`|${SECRET}`)],
  ['YAML: a tag', keyFile(`!a!${SECRET} x`)],
  ['YAML: a bad escape', keyFile(`"\\u${SECRET}"`)],
  ['NDJSON: a text', { 'a.ndjson': JSON.stringify(SECRET) }],
  ['YAML: an open quote', keyFile(`"${SECRET}`)],
  ['YAML: an open list', keyFile(`[${SECRET}`)],
  ['YAML: text behind a quote', keyFile(`"${SECRET}" ${SECRET}`)],
  ['YAML: a reserved character', keyFile(`@${SECRET}`)],
  ['YAML: a backtick', keyFile(`\`${SECRET}\``)],
  ['YAML: a percent sign', keyFile(`%${SECRET}`)],
  ['YAML: a bracket in front', keyFile(`]${SECRET}`)],
  ['YAML: a colon behind', keyFile(`${SECRET}: x`)],
  ['YAML: bad indentation', yaml(`  - key: ${SECRET}`, '   name: dev')],
  ['YAML: a tab', yaml(`  - key: ${SECRET}`, `\t  name: ${SECRET}`)],
  ['YAML: no space behind the colon', yaml(`  - key:${SECRET}`, '    name: dev')],
  ['YAML: the key twice', yaml(`  - key: ${SECRET}`, `    key: ${SECRET}`)],
  ['YAML: a bare line', yaml('  - name: dev', `    ${SECRET}`)],
  ['YAML: a bad escape behind it', keyFile(`"${SECRET}\\q"`)],
  ['YAML: two anchors', keyFile(`&${SECRET} &b c`)],
  ['JSON: an open quote', json(`{"apiKeys":[{"key":"${SECRET}}]}`)],
  ['JSON: no quotes', json(`{"apiKeys":[{"key":${SECRET}}]}`)],
  ['JSON: single quotes', json(`{"apiKeys":[{"key":'${SECRET}'}]}`)],
  ['JSON: a comma too many', json(`{"apiKeys":[{"key":"${SECRET}",}]}`)],
  ['JSON: text behind the quote', json(`{"apiKeys":[{"key":"${SECRET}"x}]}`)],
  ['NDJSON: a line cut off', { 'a.ndjson': `{"key":"${SECRET}"` }],
  ['NDJSON: a bare line', { 'a.ndjson': SECRET }],
  ['NDJSON: a document on one line', { 'a.ndjson': JSON.stringify({ apiKeys: [{ key: SECRET }] }) }],
];

for (const [name, folder] of secrets) {
  t.test(`a message never has the text of a key: ${name}`, async (t) => {
    const message = refuse(t, folder);
    t.match(message, /^a\.(yaml|json|ndjson):\d+/, 'is refused, and says where');
    for (const part of SECRET.split('.').slice(2)) t.notOk(message.includes(part), `${part} is not in: ${message}`);
  });
}

t.test('a message about a key has what was expected only', async (t) => {
  const expected = 'the text of the key, without surrounding space and without control characters';
  for (const value of ['""', '12345678', '" k"', '[k]', 'null']) {
    t.equal(
      refuse(t, keyFile(value)),
      `a.yaml:2:5: apiKeys[0].key: found another value, expected ${expected}${value === '12345678' ? '; put it in quotes' : ''}`,
      value,
    );
  }
});
