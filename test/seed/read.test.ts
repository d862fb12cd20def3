import * as fs from 'node:fs';
import { symlinkSync } from 'node:fs';
import t from 'tap';
import { FixtureText } from '../../src/seed/document.js';
import { listFixtureFiles, listSkipped } from '../../src/seed/files.js';
import { compareLater, listWarnings } from '../../src/seed/report.js';
import { listInputs, readInput } from '../../src/seed/sources.js';
import type { Store } from '../../src/store/store.js';
import { dataOf, messageOf } from '../store/support.js';
import { accept, bulkLine, refuse, seedStore, yamlVersion } from './support.js';

const EXTENSIONS = '.yaml, .yml, .json, .ndjson, .jsonl';

t.test('the files of a folder are in the order of names', async (t) => {
  const folder = t.testdir({
    'b.yaml': '',
    'a.json': '',
    'a.ndjson': '',
    'B.yml': '',
    '10.yaml': '',
    '9.yaml': '',
    'c.ndjson': '',
    deep: { 'z.yaml': '', deeper: { 'a.yml': '', 'a.ndjson': '' } },
    bulk: { 'a.ndjson': '' },
    'folder.yaml': { 'inside.json': '' },
    '.hidden.yaml': '',
    '.git': { 'config.yaml': '' },
    'fixture.schema.json': '',
    'README.md': '',
    'data.YAML': '',
    'b.JSONL': '',
    'lines.ndjson.gz': '',
    yaml: '',
    empty: {},
  });
  const { files, skipped } = listFixtureFiles([folder]);
  const listed = files.map(({ path }) => path.slice(folder.length + 1));
  t.strictSame(listed, [
    '10.yaml',
    '9.yaml',
    'B.yml',
    'a.json',
    'a.ndjson',
    'b.JSONL',
    'b.yaml',
    'bulk/a.ndjson',
    'c.ndjson',
    'data.YAML',
    'deep/deeper/a.ndjson',
    'deep/deeper/a.yml',
    'deep/z.yaml',
    'folder.yaml/inside.json',
  ]);
  const text = new FixtureText('lines', '', { isNdjson: true });
  const { inputs } = listInputs([text, `${folder}/deep`, {}]);
  const names = inputs.map(({ name }) => name.replace(`${folder}/`, ''));
  t.strictSame(
    names,
    ['document 2', 'deep/deeper/a.yml', 'deep/z.yaml', 'lines', 'deep/deeper/a.ndjson'],
    'NDJSON last',
  );
  const named = skipped.map(({ path, reason }) => `${path.slice(folder.length + 1)} (${reason})`);
  t.strictSame(named, [
    'README.md (not a fixture)',
    'fixture.schema.json (a JSON Schema)',
    'lines.ndjson.gz (not a fixture)',
    'yaml (not a fixture)',
  ]);
});

t.test('paths are in the given order, and a file is listed once', async (t) => {
  const folder = t.testdir({ one: { 'a.yaml': '', 'b.yaml': '' }, 'c.ndjson': '', 'd.schema.json': '', '.e.yml': '' });
  symlinkSync(`${folder}/one`, `${folder}/two`);
  const list = (...names: string[]) =>
    listFixtureFiles(names.map((name) => `${folder}/${name}`)).files.map(({ path }) => path.slice(folder.length + 1));
  t.strictSame(list('one/b.yaml', 'one/a.yaml'), ['one/b.yaml', 'one/a.yaml']);
  t.strictSame(list('c.ndjson', 'one'), ['c.ndjson', 'one/a.yaml', 'one/b.yaml']);
  t.strictSame(list('one', 'one/a.yaml').length, 2, 'a folder and a file in it');
  t.strictSame(list('one', 'two').length, 2, 'a folder and a link to it');
  t.strictSame(list('d.schema.json', '.e.yml'), ['d.schema.json', '.e.yml'], 'a named file is not skipped');
  t.strictSame(list(), []);
});

t.test('a path without fixtures is refused', async (t) => {
  const folder = t.testdir({
    'notes.md': '',
    'a.yaml.bak': '',
    noextension: '',
    'a.yaml.ZIP': '',
    empty: { '.a.yaml': '' },
    others: { 'a.md': '', 'b.txt': '' },
  });
  const rows: [name: string, message: string][] = [
    ['missing', 'does not exist; expected a fixture file or a folder of them'],
    ['missing.yaml', 'does not exist; expected a fixture file or a folder of them'],
    ['notes.md', `is not a fixture; expected files that end in ${EXTENSIONS}`],
    ['a.yaml.bak', `is not a fixture; expected files that end in ${EXTENSIONS}`],
    ['a.yaml.ZIP', `is not a fixture; expected files that end in ${EXTENSIONS}`],
    ['a.yaml.bak/b.yaml', 'does not exist; expected a fixture file or a folder of them'],
    ['noextension', `is not a fixture; expected files that end in ${EXTENSIONS}`],
    ['empty', `contains no fixture; expected files that end in ${EXTENSIONS}`],
    [
      'others',
      `contains no fixture; expected files that end in ${EXTENSIONS}; skipped ${folder}/others/a.md (not a fixture), ${folder}/others/b.txt (not a fixture)`,
    ],
  ];
  for (const [name, message] of rows) {
    const path = `${folder}/${name}`;
    t.equal(
      messageOf(() => listFixtureFiles([path])),
      `${path}: ${message}`,
      name,
    );
  }
});

t.test('a document that is not UTF-8 is refused', async (t) => {
  const bytes = Buffer.from('apiKeys:\n  - { key: k, name: Jérôme, grants: [] }\n', 'latin1');
  const folder = t.testdir({
    'a.yaml': bytes,
    'a.json': Buffer.from('{"registries": []}', 'utf16le').fill(0xff, 0, 1),
  });
  for (const name of ['a.yaml', 'a.json']) {
    const path = `${folder}/${name}`;
    t.equal(
      messageOf(() => seedStore(t, [path])),
      `${path}: is not UTF-8; save it as UTF-8`,
    );
  }
});

t.test('reads a YAML file with a byte order mark', async (t) => {
  const folder = t.testdir({ 'a.yaml': '\uFEFFregistries: [{ ref: acme/images, packageType: DOCKER }]\n' });
  t.equal(seedStore(t, [folder]).summarise().registries, 1);
});

const lookup = { ref: 'acme/images', artifact: 'app', version: '1' };

t.test('a line may be longer than the buffer, which may end inside a character', async (t) => {
  const createdBy = '🐳é'.repeat(200_000);
  for (const padding of ['', ' ', '  ', '   ', '    ', '     ']) {
    const content = `${padding}${bulkLine({ createdBy })}\n${bulkLine({ version: '2' })}`;
    const store = accept(t, { 'a.ndjson': content });
    t.ok(dataOf(store, lookup).createdBy === createdBy, `after ${padding.length} spaces`);
    t.equal(dataOf(store, { ...lookup, version: '2' }).version, '2');
  }
});

t.test('a problem in one of many lines has its line number', async (t) => {
  const lines = Array.from({ length: 2_000 }, (_, index) => bulkLine({ version: String(index + 1) }));
  const content = lines.join('\n');
  t.ok(content.length > 1 << 16, 'it is larger than the buffer');
  t.equal(accept(t, { 'a.ndjson': content }).summarise().versions, 2_000);
  t.equal(
    refuse(t, { 'a.ndjson': `${content}\n${bulkLine({ version: '' })}` }),
    'a.ndjson:2001: version: found "", expected the version\'s name',
  );
  t.equal(
    refuse(t, { 'a.ndjson': `${content}\n${lines[1_499]}` }),
    'a.ndjson:2001: version 1500 of artifact app of acme/images is already defined; define it once',
  );
});

t.test('line ends may be of any system, and empty lines are skipped', async (t) => {
  const one = bulkLine({ version: '1' });
  const two = bulkLine({ version: '2' });
  const rows: [name: string, content: string][] = [
    ['LF', `${one}\n${two}\n`],
    ['no LF at the end', `${one}\n${two}`],
    ['CRLF', `${one}\r\n${two}\r\n`],
    ['empty lines', `\n\n${one}\n  \n\t\n${two}\n\n`],
    ['empty lines with CRLF', `\r\n${one}\r\n\r\n${two}\r\n\r\n`],
  ];
  for (const [name, content] of rows) t.equal(accept(t, { 'a.ndjson': content }).summarise().versions, 2, name);
  t.match(refuse(t, { 'a.ndjson': `\r\n${one}\r\n\r\n{\r\n` }), /^a\.ndjson:4:2: is not JSON/, 'empty lines count');
});

t.test('an empty file has no versions', async (t) => {
  for (const content of ['', '\n', '\r\n \n']) {
    t.equal(accept(t, { 'a.ndjson': content }).isEmpty(), true, JSON.stringify(content));
  }
});

t.test('lines add to what documents declare, with their quarantine', async (t) => {
  const artifacts = [{ name: 'app', quarantineReason: 'end of life' }];
  const document = JSON.stringify({ registries: [{ ref: 'acme/images', packageType: 'DOCKER', artifacts }] });
  const children = [{ version: 'sha256:a', size: 1024 }];
  const store = accept(t, { 'a.ndjson': bulkLine({ children }), 'b.json': document });
  t.strictSame(dataOf(store, lookup).quarantineReason, 'end of life');
  t.equal(dataOf(store, { ...lookup, childVersion: 'sha256:a' }).size, '1.00KB');
  t.strictSame(store.summarise().artifacts, 1);
});

t.test('lines of a model and a dataset of one name are two artifacts', async (t) => {
  const hub = { registry: 'acme/hub', packageType: 'HUGGINGFACE', artifact: 'bert' };
  const lines = [bulkLine({ ...hub, artifactType: 'model' }), bulkLine({ ...hub, artifactType: 'dataset' })];
  const store = accept(t, { 'a.ndjson': lines.join('\n') });
  for (const artifactType of ['model', 'dataset'] as const) {
    t.equal(
      dataOf(store, { ref: 'acme/hub', artifact: 'bert', version: '1', artifactType }).artifactType,
      artifactType,
    );
  }
});

const BOM = '\uFEFF';

t.test('a byte order mark is ignored', async (t) => {
  for (const folder of [
    { 'a.json': `${BOM}{"registries":[{"ref":"acme/go","packageType":"GO"}]}` },
    { 'a.yaml': BOM + yamlVersion() },
    { 'a.ndjson': `${BOM}${bulkLine()}\n` },
  ]) {
    t.equal(accept(t, folder).summarise().registries, 1, JSON.stringify(Object.keys(folder)));
  }
});

t.test('NDJSON that is not UTF-8 is refused', async (t) => {
  const folder = t.testdir({ 'a.ndjson': Buffer.concat([Buffer.from(bulkLine()), Buffer.from([0x0a, 0xff])]) });
  const message = messageOf(() => seedStore(t, [folder]));
  t.equal(message, `${folder}/a.ndjson: is not UTF-8; save it as UTF-8`);

  const cut = t.testdir({ 'a.ndjson': Buffer.from([0x22, 0xc3]) });
  t.equal(
    messageOf(() => seedStore(t, [cut])),
    `${cut}/a.ndjson: is not UTF-8; save it as UTF-8`,
  );
});

t.test('a broken link is refused if it has the name of a fixture, and a loop of links ends', async (t) => {
  const folder = t.testdir({});
  symlinkSync('nowhere', `${folder}/a.yaml`);
  t.equal(
    messageOf(() => seedStore(t, [folder])),
    `${folder}/a.yaml: does not exist; expected a fixture file or a folder of them`,
  );
  const circle = t.testdir({ 'a.yaml': '', one: { 'b.yaml': '' }, two: { 'c.yaml': '' } });
  symlinkSync('.', `${circle}/loop`);
  symlinkSync('../two', `${circle}/one/other`);
  symlinkSync('../one', `${circle}/two/other`);
  symlinkSync('self', `${circle}/self`);
  symlinkSync('nowhere', `${circle}/wide`);
  const { files, skipped } = listFixtureFiles([circle]);
  t.strictSame(
    files.map(({ path }) => path.slice(circle.length + 1)),
    ['a.yaml', 'one/b.yaml', 'one/other/c.yaml'],
  );
  t.strictSame(
    skipped.map(({ path, reason }) => [path.slice(circle.length + 1), reason]),
    [
      ['loop', 'a link to a folder that is already read'],
      ['one/other/other', 'a link to a folder that is already read'],
      ['self', 'unreadable: ELOOP'],
      ['two', 'a link to a folder that is already read'],
      ['wide', 'unreadable: ENOENT'],
    ],
  );
  symlinkSync('self', `${circle}/self.yaml`);
  t.equal(
    messageOf(() => listFixtureFiles([circle])),
    `${circle}/self.yaml: cannot be read (ELOOP)`,
  );
  t.equal(
    messageOf(() => listFixtureFiles([`${circle}/self.yaml`])),
    `${circle}/self.yaml: cannot be read (ELOOP)`,
  );
  t.match(
    messageOf(() => seedStore(t, ['a\0b'])),
    /does not exist/,
  );
});

t.test('files after the last reported problem are not read', async (t) => {
  const bad = `apiKeys: [${'{},'.repeat(30)}]`;
  const message = refuse(t, { 'a.yaml': bad, 'b.yaml': 'registries: 5', 'c.ndjson': 'nonsense' });
  t.equal(message.split('\n').length, 20);
  t.notMatch(message, /b\.yaml|c\.ndjson/);
});

t.test('a registry name has at most 255 characters', async (t) => {
  const named = (length: number) => ({
    'a.json': JSON.stringify({ registries: [{ ref: `acme/${'i'.repeat(length)}`, packageType: 'GO' }] }),
  });
  t.equal(accept(t, named(255)).summarise().registries, 1);
  t.match(refuse(t, named(256)), /^a\.json:1:\d+: registries\[0\]\.ref: found ".*…, expected account/);
});

t.test('an expiry is at most a safe integer', async (t) => {
  const digits = '9'.repeat(23);
  const message = refuse(t, { 'a.yaml': `apiKeys:\n  - { key: k, name: k, grants: [a], expiresAt: "${digits}" }\n` });
  t.equal(message, `a.yaml:2:37: apiKeys[0].expiresAt: found "${digits}", expected at most 9007199254740991`);
});

t.test('YAML in a JSON file is refused where it stops being JSON', async (t) => {
  const rows: [string, RegExp][] = [
    ['{"registries": [x]}', /^a\.json:1:17: is not JSON: invalid symbol; rename/],
    ["{'registries': []}", /^a\.json:1:2: is not JSON: invalid symbol; rename/],
    ['{"apiKeys": *a}', /^a\.json:1:13: is not JSON: invalid symbol; rename/],
    ['registries: []', /^a\.json:1:1: is not JSON: invalid symbol; rename/],
    ['{"registries": [] # none\n}', /^a\.json:\d+:\d+: is not JSON: invalid symbol; rename/],
  ];
  for (const [text, message] of rows) t.match(refuse(t, { 'a.json': text }), message, text);
});

t.test('an alias without an anchor has its place', async (t) => {
  t.equal(
    refuse(t, { 'a.yaml': 'registries: []\napiKeys: *none\n' }),
    'a.yaml:2:10: is not YAML: Unresolved alias (the anchor must be set before the alias)',
  );
});

t.test('names that no URL can express are refused', async (t) => {
  const half = '\\ud800';
  const reason = 'contains half of a surrogate pair, which UTF-8 cannot encode';
  const document = (ref: string, name: string, version: string) =>
    `{"registries":[{"ref":"${ref}","packageType":"GO","artifacts":[{"name":"${name}","versions":[{"version":"${version}"}]}]}]}`;
  const line = (registry: string, artifact: string, version: string) =>
    `{"registry":"${registry}","packageType":"GO","artifact":"${artifact}","version":"${version}"}`;
  const names: [string, string, string][] = [
    [`${half}/go`, 'a', '1'],
    ['acme/go', half, '1'],
    ['acme/go', 'a', half],
  ];
  for (const [at, row] of names.entries()) {
    t.match(refuse(t, { 'a.json': document(...row) }), `${['ref', 'name', 'version'][at]}: ${reason}`);
    t.equal(
      refuse(t, { 'a.ndjson': line(...row) }),
      `a.ndjson:1: ${['registry', 'artifact', 'version'][at]}: ${reason}`,
    );
  }
  const whole = accept(t, { 'a.json': document('acme/go', '🐳', '🐳') });
  t.equal(dataOf(whole, { ref: 'acme/go', artifact: '🐳', version: '🐳' }).version, '🐳');
});

t.test('aliases are resolved', async (t) => {
  const content = yamlVersion('createdBy: &me me@example.com', 'extra: { owner: *me }');
  t.strictSame(dataOf(accept(t, { 'a.yaml': content }), lookup).owner, 'me@example.com');
});

t.test('a problem behind an alias has the place of its text', async (t) => {
  const content = [
    'registries:',
    '  - ref: acme/go',
    '    packageType: GO',
    '    artifacts:',
    '      - name: a',
    '        versions: &all [{ version: "1" }]',
    '      - name: b',
    '        artifactType: &type model',
    '      - name: c',
    '        versions: *all',
    '      - name: c',
    '        artifactType: *type',
    '  - ref: acme/images',
    '    packageType: DOCKER',
    '    artifacts:',
    '      - name: d',
    '        versions: &bad [{ version: "1", createdAt: 2023-02-29 }]',
    '      - name: e',
    '        versions: *bad',
    '',
  ].join('\n');
  const day = 'found "2023-02-29", expected an existing date and time';
  const only = 'artifactType: only a HUGGINGFACE artifact has a type, and this registry is GO';
  t.strictSame(refuse(t, { 'a.yaml': content }).split('\n'), [
    `a.yaml:8:9: registries[0].artifacts[1].${only}`,
    `a.yaml:12:9: registries[0].artifacts[3].${only}`,
    `a.yaml:17:41: registries[1].artifacts[0].versions[0].createdAt: ${day}`,
    `a.yaml:17:41: registries[1].artifacts[1].versions[0].createdAt: ${day}`,
  ]);
});

t.test('an alias bomb is refused before it expands', async (t) => {
  const nine = (name: string) => `[${Array.from({ length: 9 }, () => `*${name}`).join(', ')}]`;
  const names = [...'abcdefghi'];
  const levels = names.slice(1).map((name, index) => `${name}: &${name} ${nine(String(names[index]))}`);
  const bomb = `extra: { a: &a [lol], ${levels.join(', ')} }`;
  t.match(
    refuse(t, { 'a.yaml': yamlVersion(bomb) }),
    /^a\.yaml:\d+:\d+: is not YAML: Excessive alias count indicates a resource exhaustion attack$/,
  );
});

t.test('an unresolved alias is refused', async (t) => {
  t.match(refuse(t, { 'a.yaml': yamlVersion('createdBy: *me') }), /^a\.yaml:\d+:\d+: is not YAML: Unresolved alias/);
});

t.test('a list that contains itself is refused', async (t) => {
  t.equal(
    refuse(t, { 'a.yaml': 'registries: &all [*all]\n' }),
    'a.yaml:1:19: is not YAML: Unresolved alias (the anchor must be set before the alias)',
  );
});

t.test('__proto__ is an unknown key', async (t) => {
  const message = 'unknown key "__proto__"; expected one of $schema, registries, apiKeys, faults';
  t.equal(refuse(t, { 'a.yaml': '__proto__: { registries: [] }\n' }), `a.yaml:1:1: __proto__: ${message}`);
  t.equal(refuse(t, { 'a.json': '{"__proto__": {"registries": []}}' }), `a.json:1:2: __proto__: ${message}`);
  const line = bulkLine({ version: undefined }).replace('{', '{"__proto__":{"version":"1"},');
  t.match(refuse(t, { 'a.ndjson': line }), /^a\.ndjson:1: version: missing key "version"/);
});

t.test('too deep a nesting is refused', async (t) => {
  const nested: Record<string, string> = {
    lists: `[${'['.repeat(20_000)}a${']'.repeat(20_001)}`,
    mappings: `{a: ${'{"a":'.repeat(20_000)}1${'}'.repeat(20_001)}`,
    'lists that are not closed': '['.repeat(20_000),
    aliases: `{a: &a ${'['.repeat(300)}${']'.repeat(300)}, b: ${'['.repeat(300)}*a${']'.repeat(300)}}`,
  };
  for (const [name, deep] of Object.entries(nested)) {
    t.match(refuse(t, { 'a.yaml': deep }), /^a\.yaml:1:\d+: is nested too deeply$/, name);
  }
  const json = '['.repeat(20_000) + ']'.repeat(20_000);
  for (const file of ['a.yaml', 'a.json']) t.equal(refuse(t, { [file]: json }), `${file}:1:502: is nested too deeply`);
  for (const mark of ['- ', '? '])
    t.match(refuse(t, { 'a.yaml': mark.repeat(20_000) }), /^a\.yaml:1:\d+: is nested too deeply$/, mark);
});

t.test('an unknown tag is ignored', async (t) => {
  const tags = '!!js/function x, b: !python/object [y], c: !!set { z }, d: !!timestamp 2024-01-01';
  const store = accept(t, { 'a.yaml': yamlVersion(`extra: { a: ${tags} }`) });
  t.match(store.find(lookup), { data: '"a":"x","b":["y"],"c":{"z":null},"d":"2024-01-01"}' });
});

t.test(
  'a file that becomes a device while it is opened is refused',
  { skip: process.platform === 'win32' },
  async (t) => {
    const file = `${t.testdir({ 'a.yaml': '' })}/a.yaml`;
    const fstatSync = () => fs.statSync('/dev/null');
    const sources = t.mockRequire('../../src/seed/sources.js', { 'node:fs': { ...fs, fstatSync } });
    t.throws(() => sources.readInput({ name: file, source: file, isNdjson: false }, () => {}), {
      message: `${file}: is not a regular file`,
    });
  },
);

t.test('a file or a line that needs more than the heap is refused in one sentence', async (t) => {
  const getHeapStatistics = () => ({ heap_size_limit: 66 << 20 });
  const memory = t.mockRequire('../../src/seed/sources.js', { 'node:v8': { getHeapStatistics } });
  const refusal = (what: string, needs: number) => ({
    message: `${what} needs about ${needs} MiB of memory, and this process has 2; split it, use NDJSON, or set NODE_OPTIONS=--max-old-space-size=MEBIBYTES`,
    exitCode: 1,
  });
  t.throws(() => memory.requireSize('a.json', 1 << 20), refusal('a.json:', 4));
  t.throws(() => memory.requireHeap('a.ndjson: a line', (2 << 20) + 1), refusal('a.ndjson: a line', 3));
  memory.requireHeap('a.json:', 2 << 20);
  const text = Buffer.from('[1, {"a": [2]}]');
  t.equal(memory.estimateHeap('JSON', text), text.length * 4 + 500);
  t.equal(memory.estimateHeap('YAML', text), text.length * 4 + 6_000);
});

t.test('warnings and reports name a few things, and count the others', async (t) => {
  const skipped = Array.from({ length: 22 }, (_, index) => ({ path: `${index}\n.md`, reason: 'not a fixture' }));
  t.ok(listSkipped(skipped).endsWith('19\\n.md (not a fixture) and 2 more, which validate lists'));
  const store = {
    listKeys: () => [{ name: 'k', grants: ['b'], revoked: false }],
    listRegistries: () => ['a/1', 'a/2', 'b/1', 'c/1', 'd/1', 'e/1'].map((ref) => ({ ref })),
    summarise: () => ({ versions: 100_001, keys: 1 }),
  } as unknown as Store;
  t.strictSame(listWarnings(store, 'strict', []), [
    'no usable key has a grant for a/1, a/2, c/1 and 2 more: every request for it gets 403',
  ]);
  t.strictSame(listWarnings(store, 'any', []), []);
  t.equal(compareLater(store)(), '100001 versions (before: 100001), 1 key');
});

t.test('merge keys are merged, and keys of their own win', async (t) => {
  const content = [
    'x-base: &base { owner: ops, tier: { a: 1 } }',
    'x-more: &more { owner: dev, region: eu }',
    'x-both: &both [*base, *more]',
    yamlVersion(
      'extra: { <<: [*base, *more], own: 1, region: us, in: { <<: { x: 1 }, <<x: 2 } }',
      'fault: { code: 500, details: { <<: *more, "<<": data } }',
    ),
    ...Array.from({ length: 200 }, (_, index) => `          - { <<: *v, version: "v${index}" }`),
    '          - { version: "2", extra: { <<: *both } }',
  ].join('\n');
  const store = accept(t, { 'a.yaml': content.replace('- version: "1"', '- &v\n            version: "1"') });
  const merged = { owner: 'ops', tier: { a: 1 }, own: 1, region: 'us', in: { x: 1, '<<x': 2 } };
  t.match(dataOf(store, lookup), merged);
  t.match(store.find(lookup), { fault: '{"code":500,"details":{"<<":"data","owner":"dev","region":"eu"}}' });
  t.match(dataOf(store, { ...lookup, version: 'v199' }), merged);
  t.match(dataOf(store, { ...lookup, version: '2' }), { owner: 'ops', region: 'eu' });
});

t.test('a problem behind a merge key has the place of its text', async (t) => {
  const at = 'registries[0].artifacts[0].versions[0]';
  const by = 'expected who created it, a string; put it in quotes';
  const rows: [lines: string[], message: string][] = [
    [['<<: { createdBy: 7 }'], `a.yaml:8:19: ${at}.createdBy: found 7, ${by}`],
    [['<<: [{ x: 1 }]'], `a.yaml:8:20: ${at}.x: unknown key "x"`],
    [['extra: { <<: 5 }'], 'a.yaml:8:22: is not YAML: Merge sources must be maps or map aliases'],
    [['extra: { <<: [[]] }'], 'a.yaml:8:22: is not YAML: Merge sources must be maps or map aliases'],
    [['extra: &e { a: { <<: *e } }'], 'a.yaml:8:34: is not YAML: Unresolved alias'],
    [['extra: { <<: {}, <<: {} }'], 'a.yaml:8:30: is not YAML: Map keys must be unique; merge several mappings'],
    [
      ['<<: { size: 1 }'.replace('size: 1', 'extra: {}'), 'children: [{}]'],
      `a.yaml:9:24: ${at}.children[0].version: missing`,
    ],
  ];
  for (const [lines, message] of rows) t.match(refuse(t, { 'a.yaml': yamlVersion(...lines) }), message, message);
  const aliased = `x-a: &a\n  createdBy: 7.0\n${yamlVersion('<<: *a')}`;
  t.equal(refuse(t, { 'a.yaml': aliased }), `a.yaml:2:3: ${at}.createdBy: found 7.0, ${by}`);
});

t.test('keys for anchors and comments are ignored where keys of ours are expected', async (t) => {
  const comment = { _comment: 'why', $schema: ['any'] };
  const delay = { min: 1, max: 2, ...comment };
  const fault = { code: 500, delay, details: { _comment: 'data' }, ...comment };
  const version = { version: '1', extra: { _comment: 'data', 'x-a': 1 }, fault, ...comment };
  const children = [{ version: 'c', ...comment }];
  const document = {
    'x-anything': { a: [1] },
    $schema: './fixture.schema.json',
    _comment: 1,
    registries: [
      {
        ref: 'acme/images',
        packageType: 'DOCKER',
        ...comment,
        artifacts: [{ name: 'app', versions: [{ ...version, children }], ...comment }],
      },
    ],
    apiKeys: [{ key: 'k', name: 'n', grants: [], ...comment }],
  };
  const json = JSON.stringify(document);
  const line = bulkLine({ ...version, children });
  for (const source of [
    document as object,
    t.testdir({ 'a.json': json }),
    t.testdir({ 'a.yaml': `# YAML\n${json}` }),
    t.testdir({ 'a.ndjson': line }),
  ]) {
    const store = seedStore(t, [source]);
    t.match(store.find(lookup), {
      data: /"isQuarantined":false,"_comment":"data","x-a":1\}$/,
      fault: '{"code":500,"delay":{"min":1,"max":2},"details":{"_comment":"data"}}',
    });
  }
  t.match(refuse(t, { 'a.ndjson': bulkLine({ 'x-a': 1 }) }), 'unknown key "x-a"');
  t.match(refuse(t, { 'a.yaml': yamlVersion('fault: { _comment: x }') }), 'fault: found a mapping, expected a fault');
});

t.test('a repeated key of a line of NDJSON is refused', async (t) => {
  const unique = 'is not JSON: Map keys must be unique';
  for (const [text, column] of [
    ['{"a": 1, "a": 1}', 10],
    ['{"a":1,"a":":"}', 8],
    ['{"b":[{"c":1,"\\u0063":2}]}', 14],
    ['{"a" :1,"a":1,"b":"\\":"}', 9],
  ] as [string, number][]) {
    const line = bulkLine({ extra: 0 }).replace('"extra":0', `"extra":${text}`);
    const start = line.indexOf(text);
    t.equal(refuse(t, { 'a.ndjson': `${bulkLine()}\n ${line}` }), `a.ndjson:2:${start + column + 1}: ${unique}`, text);
  }
  const similar = bulkLine({ extra: { a: '":"', b: '\\":', c: { a: 1, b: [{ a: 1 }, { a: 2 }] } } });
  t.equal(accept(t, { 'a.ndjson': similar }).summarise().versions, 1);
});

t.test('an open quote has the place where it opens', async (t) => {
  const quoted = yamlVersion('createdBy: "me', 'quarantineReason: "x"');
  t.equal(refuse(t, { 'a.yaml': quoted }), 'a.yaml:8:24: is not YAML: Missing closing "quote');
  const single = yamlVersion("createdBy: 'me", 'size: 1');
  t.equal(refuse(t, { 'a.yaml': single }), "a.yaml:8:24: is not YAML: Missing closing 'quote");
  const hint = '; rename it to .yaml if it is YAML';
  const json = '{"registries": [\n{"ref": "acme/go,\n"packageType": "GO"}]}';
  t.equal(refuse(t, { 'a.json': json }), `a.json:2:9: is not JSON: unexpected end of string${hint}`);
  t.equal(refuse(t, { 'a.json': '{"a": "\t"}' }), `a.json:1:7: is not JSON: invalid character${hint}`);
  t.equal(refuse(t, { 'a.json': '{"a": "\\x"}' }), `a.json:1:7: is not JSON: invalid escape character${hint}`);
  t.match(refuse(t, { 'a.yaml': 'registries: "a\n  b"\nx: [' }), /^a\.yaml:3:5: is not YAML: Flow/);
});

t.test('a long text has no places of invalid values', async (t) => {
  const text = '{"registries": [{ "ref": "A" }]}';
  for (const [isLocated, place] of [
    [true, 'body:1:19: '],
    [false, 'body: '],
  ] as const) {
    const source = new FixtureText('body', text, { isLocated });
    t.match(
      messageOf(() => seedStore(t, [source])),
      `${place}registries[0].ref: found "A"`,
    );
  }
});

t.test('a file that is gone is a message', async (t) => {
  const file = `${t.testdir({})}/a.yaml`;
  t.throws(() => readInput({ name: file, source: file, isNdjson: false }, () => {}), {
    message: `${file}: does not exist; expected a fixture file or a folder of them`,
  });
});
