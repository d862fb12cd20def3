import fc from 'fast-check';
import t from 'tap';
import { ArtifactDetailSchema } from '../../src/api/schema.js';
import { FixtureText, readDocument } from '../../src/seed/document.js';
import { exportFixtures } from '../../src/seed/export.js';
import type { FixtureDocument, FixtureVersion } from '../../src/seed/format.js';
import { atPath, formatSize, parseTime, toApiKey, toChildRows, toVersionRow } from '../../src/seed/rows.js';
import { dataOf } from '../store/support.js';
import { accept, bulkLine, emptyStore, refuse, seedStore, yamlVersion } from './support.js';

const documentWith = (version: FixtureVersion): FixtureDocument => ({
  registries: [{ ref: 'acme/images', packageType: 'DOCKER', artifacts: [{ name: 'app', versions: [version] }] }],
});

const KB = 1024;
const MB = KB * KB;
const GB = KB * MB;

t.test('a size is formatted as the vendor prints it', async (t) => {
  const rows: [bytes: number, expected: string][] = [
    [0, '0.00B'],
    [1, '1.00B'],
    [1023, '1023.00B'],
    [1024, '1.00KB'],
    [1029, '1.00KB'],
    [1030, '1.01KB'],
    [6973, '6.81KB'],
    [72939571, '69.56MB'],
    [MB - 1, '1024.00KB'],
    [MB, '1.00MB'],
    [GB, '1.00GB'],
    [KB * GB, '1.00TB'],
    [MB * GB, '1.00PB'],
    [Number.MAX_SAFE_INTEGER, '8.00PB'],
  ];
  for (const [bytes, expected] of rows) t.equal(formatSize(bytes), expected, String(bytes));
});

t.test('an exact half is rounded to the even neighbour, in every unit', async (t) => {
  const rows: [share: number, expected: string][] = [
    [1.125, '1.12'],
    [1.375, '1.38'],
    [1.625, '1.62'],
    [1.875, '1.88'],
    [1.25, '1.25'],
    [1.5, '1.50'],
    [1.75, '1.75'],
    [1023.125, '1023.12'],
    [1023.875, '1023.88'],
  ];
  t.equal(formatSize(1152), '1.12KB');
  t.equal(formatSize(1408), '1.38KB');
  for (const [share, expected] of rows) {
    t.equal(formatSize(share * KB), `${expected}KB`, `${share} KB`);
    t.equal(formatSize(share * MB), `${expected}MB`, `${share} MB`);
    t.equal(formatSize(share * GB), `${expected}GB`, `${share} GB`);
  }
});

t.test('a size changes by at most half a hundredth of its unit', async (t) => {
  const units: Record<string, number> = { B: 1, KB, MB, GB, TB: KB * GB, PB: MB * GB };
  const property = fc.property(fc.maxSafeNat(), (bytes) => {
    const [, number, unit = ''] = /^(\d+\.\d\d)([A-Z]+)$/.exec(formatSize(bytes)) ?? [];
    return Math.abs(Number(number) - bytes / (units[unit] ?? 0)) <= 0.00500001;
  });
  const { failed, counterexample, seed } = fc.check(property, { numRuns: 1_000 });
  t.notOk(failed, `seed ${seed}: ${JSON.stringify(counterexample)}`);
});

t.test('a time becomes epoch milliseconds', async (t) => {
  const rows: [text: string, expected: string | undefined][] = [
    ['0', '0'],
    ['1704067200000', '1704067200000'],
    ['0001', '0001'],
    ['99999999999999999999', '99999999999999999999'],
    ['2024-01-01', '1704067200000'],
    ['2024-01-01T00:00Z', '1704067200000'],
    ['2024-01-01T00:00:00Z', '1704067200000'],
    ['2024-01-01T00:00:00.5Z', '1704067200500'],
    ['2024-01-01T00:00:00.123456Z', '1704067200123'],
    ['2024-01-01T02:00:00+02:00', '1704067200000'],
    ['2023-12-31T18:30:00-05:30', '1704067200000'],
    ['2024-01-01T24:00:00Z', '1704153600000'],
    ['2024-02-29', '1709164800000'],
    ['1969-12-31', '-86400000'],
    ['0000-01-01', '-62167219200000'],
    ['0000-01-01T00:00:00+00:01', undefined],
    ['2023-02-29', undefined],
    ['2024-02-30T00:00:00Z', undefined],
    ['2024-04-31', undefined],
    ['2024-13-01', undefined],
    ['2024-00-10', undefined],
    ['2024-01-00', undefined],
    ['2024-01-01T25:00:00Z', undefined],
    ['2024-01-01T23:60:00Z', undefined],
    ['2024-01-01T00:00:00+25:00', undefined],
  ];
  for (const [text, expected] of rows) t.equal(parseTime(text), expected, text);
});

const lookup = { ref: 'acme/images', artifact: 'app', version: '1' };

t.test('every field of a version is served', async (t) => {
  const store = accept(t, {
    'a.yaml': yamlVersion(
      'size: 72939571',
      'createdAt: 2024-01-01T00:00:00Z',
      'createdBy: me@example.com',
      'modifiedAt: "1704153600000"',
      'downloadCount: 9007199254740991',
      'quarantineReason: CVE-2024-0001',
      'extra: { pullCommand: docker pull app, tags: [a, { b: null }] }',
    ),
  });
  t.strictSame(dataOf(store, lookup), {
    version: '1',
    packageType: 'DOCKER',
    name: 'app',
    size: '69.56MB',
    createdAt: '1704067200000',
    createdBy: 'me@example.com',
    modifiedAt: '1704153600000',
    downloadCount: Number.MAX_SAFE_INTEGER,
    isQuarantined: true,
    quarantineReason: 'CVE-2024-0001',
    pullCommand: 'docker pull app',
    tags: ['a', { b: null }],
  });
});

t.test('YAML, JSON and NDJSON are served alike', async (t) => {
  const fields = { size: 'verbatim', createdAt: '2024-01-01', downloadCount: 0, extra: { a: [1.5, 'é🐳', {}] } };
  const artifacts = [{ name: 'app', versions: [{ version: '1', ...fields }] }];
  const json = JSON.stringify({ registries: [{ ref: 'acme/images', packageType: 'DOCKER', artifacts }] });
  const expected = dataOf(accept(t, { 'a.json': json }), lookup);
  t.equal(expected.size, 'verbatim');
  t.strictSame(dataOf(accept(t, { 'a.yaml': json }), lookup), expected);
  t.strictSame(dataOf(accept(t, { 'a.yaml': `# YAML\n${json}` }), lookup), expected);
  t.strictSame(dataOf(accept(t, { 'a.ndjson': bulkLine(fields) }), lookup), expected);
});

t.test('an empty reason is a quarantine, of a version and of an artifact', async (t) => {
  const ofVersion = yamlVersion('quarantineReason: ""');
  const ofArtifact = yamlVersion().replace('name: app', 'name: app\n        quarantineReason: ""');
  for (const content of [ofVersion, ofArtifact]) {
    const store = accept(t, { 'a.yaml': content });
    t.match(dataOf(store, lookup), { isQuarantined: true, quarantineReason: '' });
    const exported = [...exportFixtures(store)].join('');
    t.match(dataOf(accept(t, { 'a.yaml': exported }), lookup), { isQuarantined: true, quarantineReason: '' }, exported);
  }
});

t.test('a field of the contract inside extra is refused, with the place where it belongs', async (t) => {
  const beside = ['version', 'size', 'createdAt', 'createdBy', 'modifiedAt', 'downloadCount', 'quarantineReason'];
  const messages: Record<string, string> = {
    ...Object.fromEntries(beside.map((key) => [key, `${key} belongs beside extra, not inside it`])),
    packageType: 'packageType belongs to the registry, not inside extra',
    artifactType: 'artifactType belongs to the artifact, not inside extra',
    name: 'name belongs to the artifact, not inside extra',
    isQuarantined: 'isQuarantined follows from quarantineReason, which belongs beside extra',
  };
  t.strictSame(Object.keys(messages).sort(), Object.keys(ArtifactDetailSchema.properties).sort());
  for (const [key, message] of Object.entries(messages)) {
    const path = `extra.${key}: ${message}`;
    t.equal(
      refuse(t, { 'a.yaml': yamlVersion(`extra: { ok: 1, ${key}: x }`) }),
      `a.yaml:8:29: registries[0].artifacts[0].versions[0].${path}`,
    );
    t.equal(refuse(t, { 'a.ndjson': bulkLine({ extra: { [key]: null } }) }), `a.ndjson:1: ${path}`);
  }
});

t.test('a name that ends in a marker is refused', async (t) => {
  const reason = 'ends in the marker /+, which belongs to the URL';
  for (const name of ['app/+', 'a/b/+', '+', '/+']) {
    const content = yamlVersion().replace('name: app', `name: ${name}`);
    t.equal(refuse(t, { 'a.yaml': content }), `a.yaml:5:9: registries[0].artifacts[0].name: ${reason}`, name);
    t.equal(refuse(t, { 'a.ndjson': bulkLine({ artifact: name }) }), `a.ndjson:1: artifact: ${reason}`, name);
  }
  t.match(refuse(t, { 'a.ndjson': bulkLine({ registry: 'acme/images/+' }) }), /without the \/\+ marker/);
  for (const name of ['c++', 'a/b+', '+/a', 'a/++']) {
    const store = accept(t, { 'a.ndjson': bulkLine({ artifact: name, version: '1.0+' }) });
    t.equal(dataOf(store, { ...lookup, artifact: name, version: '1.0+' }).name, name);
  }
});

t.test('odd keys of extra are plain data', async (t) => {
  const expected = '{"1":"one","__proto__":{"polluted":true},"constructor":"x","":1}';
  const extra = '{ __proto__: { polluted: true }, constructor: x, "": 1, 1: one }';
  const line = bulkLine({ extra: 0 }).replace('"extra":0', `"extra":${expected}`);
  for (const folder of [{ 'a.yaml': yamlVersion(`extra: ${extra}`) }, { 'a.ndjson': line }]) {
    const found = accept(t, folder).find(lookup);
    t.ok('data' in found && found.data.endsWith(`,${expected.slice(1)}`));
  }
  t.notOk('polluted' in {}, 'no prototype is changed');
});

t.test('free-form data that JSON would lose or change is refused in a file', async (t) => {
  const refused = (extra: string) => refuse(t, { 'a.yaml': yamlVersion(`extra: ${extra}`) });
  const at = (column: number, path: string) =>
    `a.yaml:8:${column}: registries[0].artifacts[0].versions[0].extra${path}`;
  const found = (text: string, value: unknown) => `found ${text}, which YAML reads as ${value}; put it in quotes`;
  t.equal(refused('{ rank: .nan }'), `${at(22, '.rank')}: ${found('.nan', NaN)}`);
  t.equal(refused('{ rank: .inf }'), `${at(22, '.rank')}: ${found('.inf', Infinity)}`);
  t.equal(refused('{ a: { deep: [-.inf] } }'), `${at(34, '.a.deep[0]')}: ${found('-.inf', -Infinity)}`);
  t.equal(
    refused('{ id: 12345678901234567890 }'),
    `${at(22, '.id')}: ${found('12345678901234567890', '12345678901234567000')}`,
  );
  const deep = 'is nested deeper than 100, or refers to itself';
  t.equal(
    refused('&a { b: *a }'),
    'a.yaml:8:28: is not YAML: Unresolved alias (the anchor must be set before the alias)',
  );
  t.equal(refused(`{ a: ${'['.repeat(101)}${']'.repeat(101)} }`), `${at(13, '')}: ${deep}`);
});

t.test('free-form data that JSON would lose or change is refused in a document', async (t) => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const json = 'expected a JSON value';
  const half = 'contains half of a surrogate pair, which UTF-8 cannot encode';
  const deep = 'is nested deeper than 100, or refers to itself';
  const toJSON = () => 'x';
  const rows: [value: unknown, path: string, reason: string][] = [
    [() => 1, '.x', `found [Function (anonymous)], ${json}`],
    [Symbol('s'), '.x', `found Symbol(s), ${json}`],
    [1n, '.x', `found 1n, ${json}`],
    [new Date(0), '.x', `found 1970-01-01T00:00:00.000Z, ${json}`],
    [{ toJSON }, '.x', `found a mapping, ${json}`],
    [Object.assign(Object.create(null), { toJSON }), '.x', `found a mapping, ${json}`],
    [Object.assign([], { toJSON }), '.x', `found a list, ${json}`],
    [new Map(), '.x', `found Map(0) {}, ${json}`],
    [Object.create(Object.create(Object.create(null))), '.x', `found a mapping, ${json}`],
    [new (class Own {})(), '.x', `found Own {}, ${json}`],
    [[1, undefined], '.x[1]', `found nothing, ${json}`],
    [Array(1), '.x[0]', `found nothing, ${json}`],
    [{ deep: [Number.NaN] }, '.x.deep[0]', 'found NaN, expected a number that JSON holds exactly; put it in quotes'],
    ['\ud800', '.x', half],
    [{ '\udfff': 1 }, '.x', half],
    [cycle, '', deep],
    [[cycle], '', deep],
  ];
  for (const [x, path, reason] of rows) {
    for (const [field, version] of [
      ['extra', { extra: { x } }],
      ['fault.details', { fault: { code: 500, details: { x } } }],
    ] as const) {
      const of = reason === deep ? field : field + path;
      const message = `document 1: registries[0].artifacts[0].versions[0].${of}: ${reason}`;
      const load = () => seedStore(t, [documentWith({ version: '1', ...version })]);
      t.throws(load, { message }, message);
    }
  }
});

t.test('undefined members of free-form data are left out, as in JSON', async (t) => {
  const free = Object.assign(Object.create(null), { c: 1 });
  const extra = { a: undefined, size: undefined, b: { d: undefined, e: [{ f: undefined }], free } };
  const fault = { code: 500, message: undefined, details: { g: undefined, h: 1 } };
  const store = seedStore(t, [documentWith({ version: '1', extra, fault: fault as object })]);
  t.match(store.find(lookup), {
    data: /"isQuarantined":false,"b":\{"e":\[\{\}\],"free":\{"c":1\}\}\}$/,
    fault: '{"code":500,"details":{"h":1}}',
  });
  for (const empty of [{}, { a: undefined }]) {
    t.equal(toVersionRow({ version: '1', extra: empty }).extra, undefined);
  }
  t.equal(toVersionRow({ version: '1' }).extra, undefined);
});

t.test('a version outside DOCKER may have an empty list of children', async (t) => {
  t.strictSame(toChildRows({ version: '1', children: [] }, 'MAVEN'), []);
  t.strictSame(toChildRows({ version: '1' }, 'MAVEN'), []);
});

t.test('an API key is converted', async (t) => {
  const key = { key: 'k', name: 'dev', grants: ['acme'] };
  const read = { name: 'dev', grants: ['acme'], expiresAt: undefined, revoked: false };
  t.strictSame(toApiKey(key), read);
  t.strictSame(toApiKey({ ...key, expiresAt: '2020-01-01' }), { ...read, expiresAt: 1577836800000 });
  t.strictSame(toApiKey({ ...key, expiresAt: '0', revoked: true }), { ...read, expiresAt: 0, revoked: true });
});

t.test('other errors are thrown on', async (t) => {
  const bug = new TypeError('a bug');
  const fail = () => {
    throw bug;
  };
  t.throws(() => atPath(['children', 0], fail), bug);
  const store = emptyStore(t);
  t.throws(() => store.seed(fail), bug);
  const text = Object.defineProperty(new FixtureText('body', '{}'), 'options', { get: fail });
  t.throws(() => readDocument(text, () => {}), bug);
});

t.test('a version carries a fault, from YAML and from NDJSON', async (t) => {
  const fault = { code: 503, message: 'down', details: { a: [1] }, retryAfter: 3, delay: { min: 1, max: 2 } };
  const expected = JSON.stringify(fault);
  t.match(accept(t, { 'a.ndjson': bulkLine({ fault }) }).find(lookup), { fault: expected });
  t.match(accept(t, { 'a.yaml': yamlVersion(`fault: ${expected}`) }).find(lookup), { fault: expected });
});

t.test('a child has a fault of its own', async (t) => {
  const yaml = yamlVersion(
    'fault: { code: 500 }',
    'children:',
    '  - { version: c, fault: { code: 502 } }',
    '  - { version: d }',
  );
  const store = accept(t, { 'a.yaml': yaml });
  t.match(store.find({ ...lookup, childVersion: 'c' }), { fault: '{"code":502}' });
  t.match(store.find({ ...lookup, childVersion: 'd' }), { fault: null });
});

t.test('an invalid fault is refused', async (t) => {
  const at = 'registries[0].artifacts[0].versions[0].fault';
  const delay =
    'milliseconds up to 600000, or {min, max} (100-500 in Prefer), or {median, sigma} for a log-normal delay';
  const rows: [fault: string, message: string][] = [
    [
      '{}',
      `: found a mapping, expected a fault, as a mapping with at least one of code, status, network, raw, gateway, delay`,
    ],
    [
      'down',
      `: found "down", expected a fault, as a mapping with at least one of code, status, network, raw, gateway, delay`,
    ],
    ['{ cod: 500 }', `.cod: unknown key "cod"; did you mean "code"?`],
    ['{ code: 399 }', `.code: found 399, expected the HTTP status of an error, from 400 to 599`],
    ['{ status: SUCCESS }', `.status: found "SUCCESS", expected one of FAILURE, ERROR`],
    [
      '{ network: rest }',
      `.network: found "rest", expected one of reset, empty, truncated, garbage, stall; did you mean "reset"?`,
    ],
    ['{ delay: -1 }', `.delay: found -1, expected ${delay}`],
    ['{ delay: { min: 1 } }', `.delay: found a mapping, expected ${delay}`],
    ['{ delay: { min: 2, max: 1 } }', ': the min of delay is above its max'],
    ['{ code: 500, network: reset }', ': set at most one of code, status, network, raw and gateway'],
    ['{ delay: 1, message: x }', ': message, details and retryAfter need a code'],
  ];
  for (const [fault, message] of rows) {
    const found = refuse(t, { 'a.yaml': yamlVersion(`fault: ${fault}`) });
    t.equal(found.replace(/^a\.yaml:\d+:\d+: /, ''), at + message, fault);
  }
});

t.test('a number of YAML whose text JSON would change is refused in free-form data', async (t) => {
  const rows: [text: string, value: string][] = [
    ['3.10', '3.1'],
    ['0123', '123'],
    ['0x1F', '31'],
    ['0o17', '15'],
    ['1e3', '1000'],
    ['+1', '1'],
    ['.5', '0.5'],
    ['1.', '1'],
    ['1.0', '1'],
    ['-0', '0'],
    ['1e400', 'Infinity'],
    ['9007199254740993', '9007199254740992'],
  ];
  for (const [text, value] of rows) {
    const reason = `found ${text}, which YAML reads as ${value}; put it in quotes`;
    for (const extra of [`{ a: [{ b: ${text} }] }`, `{ a: { ${text}: b } }`, `{ a: &x { b: ${text} }, c: *x }`]) {
      const message = refuse(t, { 'a.yaml': yamlVersion(`extra: ${extra}`) });
      t.ok(message.endsWith(reason) && message.startsWith('a.yaml:8:'), message);
    }
    const details = yamlVersion('fault:', '  code: 500', '  details:', `    - ${text}`).replace('- ', '- ');
    t.match(refuse(t, { 'a.yaml': details.replace(`    - ${text}`, `    x: ${text}`) }), reason);
  }
  t.match(refuse(t, { 'a.yaml': yamlVersion('extra: { True: 1 }') }), 'found True, which YAML reads as true');
  t.match(refuse(t, { 'a.yaml': yamlVersion('extra: { ~: 1 }') }), 'A key must be a text');
  const behind = `x-v: &v { w: 1.10 }\n${yamlVersion('extra: { a: *v }')}`;
  t.equal(
    refuse(t, { 'a.yaml': behind }),
    'a.yaml:1:11: registries[0].artifacts[0].versions[0].extra.a.w: found 1.10, which YAML reads as 1.1; put it in quotes',
  );
  t.match(
    refuse(t, { 'a.yaml': yamlVersion('').replace('"1"', '1.10') }),
    "version: found 1.10, expected the version's name",
  );
  const kept = '{"a":1,"b":1.5,"c":-3,"d":1e+21,"e":"1_000","yes":"yes","1.5":0,"g":9007199254740992}';
  const extra = '{ a: 1, b: 1.5, c: -3, d: 1e+21, e: 1_000, yes: yes, 1.5: 0, g: 9007199254740992 }';
  const store = accept(t, { 'a.yaml': yamlVersion('size: 1e3', `extra: ${extra}`) });
  t.match(store.find(lookup), { data: kept.slice(1) });
  const json = JSON.stringify(documentWith({ version: '1', extra: { v: 0 } }));
  t.match(refuse(t, { 'a.yaml': json.replace('"v":0', '"v":1.10') }), 'found 1.10, which YAML reads as 1.1');
});

t.test('a number of JSON is refused in free-form data only if it loses its value', async (t) => {
  const json = JSON.stringify(documentWith({ version: '1', extra: { v: 0 } }));
  for (const text of ['9007199254740993', '1e400', '1e-400', '1.00000000000000000001', '12345678901234567890.5']) {
    const reason = `v: found ${text}, which JSON reads as ${Number(text)}; put it in quotes`;
    t.match(refuse(t, { 'a.json': json.replace('"v":0', `"v":${text}`) }), reason);
    t.match(refuse(t, { 'a.ndjson': bulkLine({ extra: { v: 0 } }).replace('"v":0', `"v":${text}`) }), reason);
  }
  for (const text of ['1.0', '0.1', '1E5', '-0', '0e999', '9007199254740992', '12345678901234567000', '-1.50e-7']) {
    const store = accept(t, { 'a.json': json.replace('"v":0', `"v":${text}`) });
    t.match(store.find(lookup), { data: `"v":${JSON.stringify(Number(text))}}` }, text);
  }
  const size = refuse(t, { 'a.ndjson': bulkLine({ size: 0 }).replace('"size":0', '"size":9007199254740993') });
  t.match(size, 'a.ndjson:1: size: found 9007199254740993, expected a whole number of bytes');
  const version = refuse(t, { 'a.ndjson': bulkLine().replace('"version":"1"', '"version":1.10') });
  t.equal(version, "a.ndjson:1: version: found 1.10, expected the version's name; put it in quotes");
});

t.test('half of a surrogate pair is refused in every text', async (t) => {
  const half = '\ud800';
  const reason = 'contains half of a surrogate pair, which UTF-8 cannot encode';
  const rows: [version: object, path: string][] = [
    [{ createdBy: half }, 'createdBy'],
    [{ size: half }, 'size'],
    [{ quarantineReason: half }, 'quarantineReason'],
    [{ fault: { code: 500, message: half } }, 'fault.message'],
    [{ children: [{ version: half }] }, 'children[0].version'],
  ];
  for (const [version, path] of rows) {
    const load = () => seedStore(t, [documentWith({ version: '1', ...version })]);
    t.throws(load, { message: `document 1: registries[0].artifacts[0].versions[0].${path}: ${reason}` }, path);
  }
  const key = { key: 'k', name: 'n', grants: ['acme'] };
  t.throws(() => toApiKey({ ...key, name: half }), { message: `name: ${reason}` });
  t.throws(() => toApiKey({ ...key, grants: [`acme/${half}`] }), { message: `grants[0]: ${reason}` });
});
