import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { ask, build, KEY, listen, makeControl, NGINX, NGINX_BODY, seedStore } from '../helper.js';
import { askAdmin, sessionHeader } from './support.js';

const DOCUMENT = {
  registries: [
    {
      ref: 'acme/platform/web/images',
      packageType: 'DOCKER',
      artifacts: [{ name: 'library/nginx', versions: [{ version: '1.25.3', size: 1 }, { version: '9' }] }],
    },
  ],
  apiKeys: [{ key: 'canary-new-key', name: 'new', grants: ['acme'] }],
};

const at = (version: string) => NGINX.replace('1.25.3', version);

const bodyOf = (version: string, more: object = {}) => ({
  status: 'SUCCESS',
  data: { version, packageType: 'DOCKER', name: 'library/nginx', ...more, isQuarantined: false },
});

const exported = async (t: Test, app: ReturnType<typeof build>) => (await askAdmin(t, app, 'GET', '/fixtures')).text;

const YAML = { 'content-type': 'application/yaml' };

t.test('merges a document: existing data is replaced, and its key reaches control.apiKey', async (t) => {
  const store = seedStore(t);
  const control = makeControl(store);
  const app = build(t, { store, control });
  t.equal(control.apiKey, KEY);
  const merged = await askAdmin(t, app, 'PUT', '/fixtures', { body: DOCUMENT });
  t.equal(merged.status, 200);
  t.strictSame(merged.body, { registries: 1, artifacts: 1, versions: 2, keys: 1 });
  t.equal(control.apiKey, 'canary-new-key');

  const replaced = await ask(t, app, NGINX, { headers: { 'x-api-key': 'canary-new-key' } });
  t.equal(replaced.status, 200);
  t.strictSame(replaced.body, bodyOf('1.25.3', { size: '1.00B' }));
  const added = await ask(t, app, at('9'));
  t.equal(added.status, 200);
  t.strictSame(added.body, bodyOf('9'));
  t.equal((await ask(t, app, at('1.24.0'))).status, 200, 'data that the document does not have stays');
});

t.test('merges YAML too', async (t) => {
  const app = build(t);
  const body =
    'registries:\n  - ref: acme/fresh\n    packageType: GO\n    artifacts: [{ name: a, versions: [{ version: v1 }] }]\n';
  for (const type of ['application/yaml', 'application/x-yaml; charset=utf-8', 'text/yaml']) {
    const merged = await askAdmin(t, app, 'PUT', '/fixtures', { body, headers: { 'content-type': type } });
    t.equal(merged.status, 200, type);
    t.strictSame(merged.body, { registries: 1, artifacts: 1, versions: 1, keys: 0 });
  }
  const found = await ask(t, app, '/har/api/v1/registry/acme/fresh/+/artifact/a/version/v1/details');
  t.equal(found.status, 200);
  t.strictSame(found.body, {
    status: 'SUCCESS',
    data: { version: 'v1', packageType: 'GO', name: 'a', isQuarantined: false },
  });
});

const invalidFixture = (...problems: object[]) => ({ code: '400', message: 'invalid fixture', details: { problems } });

t.test('refuses a document as a start refuses a file, and changes nothing', async (t) => {
  const app = build(t);
  const before = await exported(t, app);
  const types = 'DOCKER, MAVEN, PYTHON, GENERIC, HELM, NUGET, NPM, RPM, CARGO, GO, HUGGINGFACE';
  const rows: [body: string, ...problems: { line?: number; column?: number; reason: string }[]][] = [
    [
      'registries:\n  - ref: acme/x\n    packageType: DOKCER\n    artefacts: []\n',
      {
        line: 4,
        column: 5,
        reason: 'registries[0].artefacts: unknown key "artefacts"; did you mean "artifacts"?',
      },
      {
        line: 3,
        column: 5,
        reason: `registries[0].packageType: found "DOKCER", expected one of ${types}; did you mean "DOCKER"?`,
      },
    ],
    ['', { line: 1, column: 1, reason: 'found null, expected a mapping with the keys registries, apiKeys and faults' }],
    [
      '{"registries":[{"ref":"acme/pypi","packageType":"NPM"}]}',
      {
        line: 1,
        column: 16,
        reason: 'registry acme/pypi is stored as PYTHON, not NPM; delete it first to change its type',
      },
    ],
  ];
  for (const [body, ...problems] of rows) {
    const refused = await askAdmin(t, app, 'PUT', '/fixtures', { body, headers: YAML });
    t.equal(refused.status, 400, body);
    t.strictSame(refused.body, invalidFixture(...problems));
  }
  const bad = await askAdmin(t, app, 'PUT', '/fixtures', { body: '{"registries": [],}' });
  t.equal(bad.status, 400);
  const reason = 'is not JSON: property name expected; send YAML as application/yaml';
  t.strictSame(bad.body, invalidFixture({ line: 1, column: 19, reason }));
  const broken = await askAdmin(t, app, 'PUT', '/fixtures', { body: '[', headers: YAML });
  t.equal(broken.status, 400);
  t.equal(broken.body.details.problems.length, 1);
  t.match(broken.body.details.problems[0].reason, /^is not YAML: /);
  const none = await askAdmin(t, app, 'PUT', '/fixtures');
  t.equal(none.status, 400, 'no body at all');
  t.equal(none.body.message, 'invalid fixture');
  const twice = { registries: [DOCUMENT.registries[0], DOCUMENT.registries[0]] };
  const repeated = await askAdmin(t, app, 'PUT', '/fixtures', { body: twice });
  t.equal(repeated.status, 400);
  t.match(
    repeated.body.details.problems[0].reason,
    /^registry acme\/platform\/web\/images is already defined; define it once/,
  );
  const text = await askAdmin(t, app, 'PUT', '/fixtures', {
    body: DOCUMENT,
    headers: { 'content-type': 'text/plain' },
  });
  t.equal(text.status, 415);
  const type = 'must be application/json, which curl --json sends, or application/yaml for a fixture';
  t.strictSame(text.body, {
    code: '415',
    message: 'Media type not supported',
    details: { field: 'Content-Type', value: 'text/plain', reason: type },
  });
  const large = await askAdmin(t, app, 'PUT', '/fixtures', { body: ' '.repeat(10_485_761), headers: YAML });
  t.equal(large.status, 413);
  const details = { limit: 10_485_760, reason: 'the body is larger than 10485760 bytes' };
  t.strictSame(large.body, { code: '413', message: 'Body too large', details });
  t.equal(await exported(t, app), before);
});

t.test('a long document must be JSON, and only its errors of syntax have lines', async (t) => {
  const app = build(t);
  const yaml = await askAdmin(t, app, 'PUT', '/fixtures', { body: '#'.repeat(262_145), headers: YAML });
  t.equal(yaml.status, 400);
  const reason = 'is not JSON: invalid symbol; a fixture of more than 262144 characters must be JSON';
  t.strictSame(yaml.body, invalidFixture({ line: 1, column: 1, reason }));
  const padding = ' '.repeat(262_145);
  const twice = await askAdmin(t, app, 'PUT', '/fixtures', { body: `{"apiKeys":[],\n"apiKeys":[]${padding}}` });
  t.equal(twice.status, 400);
  t.strictSame(twice.body, invalidFixture({ line: 2, column: 1, reason: 'is not JSON: Map keys must be unique' }));

  const numbers = `{"registries":[${'0,'.repeat(140_000)}0]}`;
  const broken = await askAdmin(t, app, 'PUT', '/fixtures', { body: numbers });
  t.equal(broken.status, 400);
  t.match(broken.body.details.problems[0], { reason: /^registries\[0\]: found 0, expected a registry/ });
  t.strictSame(Object.keys(broken.body.details.problems[0]), ['reason']);

  const versions = Array.from({ length: 12_000 }, (_, index) => ({ version: `1.0.${index}` }));
  const large = { registries: [{ ref: 'acme/large', packageType: 'GO', artifacts: [{ name: 'a', versions }] }] };
  const merged = await askAdmin(t, app, 'PUT', '/fixtures', { body: large });
  t.equal(merged.status, 200);
  t.strictSame(merged.body, { registries: 1, artifacts: 1, versions: 12_000, keys: 0 });
});

t.test('a long body cannot name a file to read, and is never shown', async (t) => {
  const file = join(t.testdir({ 'a.yaml': 'registries: [{ ref: acme/own, packageType: GO }]' }), 'a.yaml');
  const app = build(t);
  const before = await exported(t, app);
  const padding = ' '.repeat(262_145);
  const named = await askAdmin(t, app, 'PUT', '/fixtures', { body: JSON.stringify(file) + padding });
  t.equal(named.status, 400);
  const reason = 'found another value, expected a mapping with the keys registries, apiKeys and faults';
  t.strictSame(named.body, invalidFixture({ reason }));
  for (const body of ['{"apiKeys":[{"key":canary', 'canary', '{"a":"canary', '["canary" "canary"]']) {
    const broken = await askAdmin(t, app, 'PUT', '/fixtures', { body: body + padding });
    t.equal(broken.status, 400);
    t.notMatch(broken.text, /canar/);
  }
  t.equal(await exported(t, app), before);
});

t.test('a body must be UTF-8, with a byte order mark or without, however long', async (t) => {
  const app = build(t);
  for (const size of [0, 262_145]) {
    const put = (text: string, encoding: BufferEncoding) =>
      askAdmin(t, app, 'PUT', '/fixtures', { body: Buffer.from(text + ' '.repeat(size), encoding) });
    const marked = await put('\ufeff{"registries":[]}', 'utf8');
    t.equal(marked.status, 200);
    t.strictSame(marked.body, { registries: 0, artifacts: 0, versions: 0, keys: 0 });
    const latin1 = await put('{"apiKeys":[{"key":"clé","name":"x","grants":[]}]}', 'latin1');
    t.equal(latin1.status, 400);
    const details = { field: 'body', reason: 'is not UTF-8; send it as UTF-8' };
    t.strictSame(latin1.body, { code: '400', message: 'invalid parameter', details });
    t.equal(latin1.headers.connection, 'keep-alive');
  }
  const armed = await askAdmin(t, app, 'POST', '/faults', { body: '\ufeff{"fault":{"code":503}}' });
  t.equal(armed.status, 201);
  t.strictSame(armed.body, { id: 1, fault: { code: 503 }, hits: 0 });
});

t.test('an export that fails is a 500 in the envelope', async (t) => {
  const store = {
    ...seedStore(t),
    listRegistries(): never {
      throw new Error('canary: disk on fire');
    },
  };
  const answer = await askAdmin(t, build(t, { store, control: makeControl(store) }), 'GET', '/fixtures');
  t.equal(answer.status, 500);
  t.strictSame(answer.body, { code: '500', message: 'Internal server error' });
});

t.test('deletes a version, an artifact or a registry, and counts what it deleted', async (t) => {
  const app = build(t);
  const bert = '/har/api/v1/registry/acme/labs/ml/hub/+/artifact/bert/version/v1/details?artifact_type=';
  const rows: [query: string, deleted: object, target: string, message: string][] = [
    [
      'ref=acme/platform/web/images&artifact=library/nginx&version=1.25.3',
      { registries: 0, artifacts: 0, versions: 1 },
      NGINX,
      'Artifact version not found',
    ],
    [
      'ref=acme/platform/web/images&artifact=library/nginx',
      { registries: 0, artifacts: 1, versions: 1 },
      NGINX,
      'Artifact not found',
    ],
    ['ref=acme/platform/web/images', { registries: 1, artifacts: 2, versions: 2 }, NGINX, 'Registry not found'],
    [
      'ref=acme/labs/ml/hub&artifact=bert&artifact_type=model',
      { registries: 0, artifacts: 1, versions: 1 },
      `${bert}model`,
      'Artifact not found',
    ],
  ];
  for (const [query, deleted, target, message] of rows) {
    const answer = await askAdmin(t, app, 'DELETE', `/fixtures?${query}`);
    t.equal(answer.status, 200, query);
    t.strictSame(answer.body, deleted);
    t.strictSame((await ask(t, app, target)).body, { code: '404', message });
    const again = await askAdmin(t, app, 'DELETE', `/fixtures?${query}`);
    t.equal(again.status, 404);
    t.strictSame(again.body, { code: '404', message });
  }
  t.equal((await ask(t, app, `${bert}dataset`)).status, 200, 'the data set of the same name stays');
});

t.test('deletes nothing for an invalid query', async (t) => {
  const app = build(t);
  const before = await exported(t, app);
  const typeMissing = 'an artifact of a HUGGINGFACE registry needs artifact_type: model or dataset';
  const typeNotAllowed = 'only artifacts of a HUGGINGFACE registry have a type';
  const rows: [query: string, status: number, message: string, details?: object][] = [
    [
      '',
      400,
      'invalid parameter',
      { field: 'ref', reason: 'missing key "ref"; expected the ref of a registry, without its marker' },
    ],
    [
      'ref=',
      400,
      'invalid parameter',
      { field: 'ref', reason: 'found "", expected the ref of a registry, without its marker' },
    ],
    [
      'ref=acme/pypi&version=1',
      400,
      'invalid parameter',
      { field: 'artifact', reason: 'set artifact if version or artifactType is set' },
    ],
    [
      'ref=acme/pypi&artefact=x',
      400,
      'invalid parameter',
      { field: 'artefact', reason: 'unknown key "artefact"; did you mean "artifact"?' },
    ],
    ['ref=acme/labs/ml/hub&artifact=bert', 404, 'Artifact not found', { field: 'artifact_type', reason: typeMissing }],
    [
      'ref=acme/pypi&artifact=acme-metrics&artifact_type=model',
      400,
      'invalid package type',
      { field: 'artifact_type', value: 'model', reason: typeNotAllowed },
    ],
    ['ref=acme/nope', 404, 'Registry not found'],
    ['ref=acme/pypi&artifact=nope', 404, 'Artifact not found'],
    ['ref=acme/pypi&artifact=acme-metrics&version=0.9.0%20local.3', 404, 'Artifact version not found'],
  ];
  for (const [query, status, message, details] of rows) {
    const answer = await askAdmin(t, app, 'DELETE', `/fixtures?${query}`);
    t.equal(answer.status, status, query);
    t.strictSame(answer.body, { code: String(status), message, ...(details && { details }) });
  }
  t.equal(await exported(t, app), before);
  const plus = await askAdmin(t, app, 'DELETE', '/fixtures?ref=acme/pypi&artifact=acme-metrics&version=0.9.0+local.3');
  t.equal(plus.status, 200, 'a plus is a plus');
  t.strictSame(plus.body, { registries: 0, artifacts: 0, versions: 1 });
});

t.test('an export can be loaded by a start, which exports the same', async (t) => {
  const app = build(t);
  await askAdmin(t, app, 'PUT', '/fixtures', { body: DOCUMENT });
  const first = await askAdmin(t, app, 'GET', '/fixtures');
  t.equal(first.status, 200);
  t.equal(first.headers['content-type'], 'application/yaml; charset=utf-8');
  t.notMatch(first.text, /canary|pat\.acme/, 'keys are not exported');
  const folder = t.testdir({ 'export.yaml': first.text });
  const second = build(t, { store: seedStore(t, [folder]), auth: 'any' });
  t.equal(await exported(t, second), first.text);
  const served = await ask(t, second, NGINX);
  t.equal(served.status, 200);
  t.strictSame(served.body, bodyOf('1.25.3', { size: '1.00B' }));
});

t.test('a reset restores data, faults, journal and generators', async (t) => {
  const app = build(t);
  const before = await exported(t, app);
  const draw = async () => {
    await askAdmin(t, app, 'POST', '/faults', { body: { fault: { code: 503 }, percentage: 50 } });
    const statuses: number[] = [];
    for (let asked = 0; asked < 20; asked += 1) statuses.push((await ask(t, app, NGINX)).status);
    return statuses;
  };
  const drawn = await draw();
  await askAdmin(t, app, 'PUT', '/fixtures', { body: DOCUMENT });
  await askAdmin(t, app, 'DELETE', '/fixtures?ref=acme/pypi');

  const reset = await askAdmin(t, app, 'POST', '/reset');
  t.equal(reset.status, 204);
  t.equal(reset.text, '');
  t.equal(await exported(t, app), before);
  const restored = await ask(t, app, NGINX);
  t.equal(restored.status, 200);
  t.strictSame(restored.body, NGINX_BODY);
  const keyless = await ask(t, app, NGINX, { headers: { 'x-api-key': 'canary-new-key' } });
  t.equal(keyless.status, 401);
  t.strictSame(keyless.body, { code: '401', message: 'unauthorized' });
  t.strictSame((await askAdmin(t, app, 'GET', '/faults')).body, { faults: [] });
  t.strictSame((await askAdmin(t, app, 'GET', '/journal/count')).body, { count: 2 });
  await askAdmin(t, app, 'POST', '/reset');
  t.strictSame(await draw(), drawn);
});

t.test('the reset of a session keeps the data and other sessions', async (t) => {
  const app = build(t);
  await askAdmin(t, app, 'PUT', '/fixtures', { body: DOCUMENT });
  for (const session of ['a', 'b']) {
    await askAdmin(t, app, 'POST', '/faults', { body: { fault: { code: 503 } }, headers: sessionHeader(session) });
    t.equal((await ask(t, app, at('9'), { headers: sessionHeader(session) })).status, 503);
  }
  t.equal((await askAdmin(t, app, 'POST', '/reset', { headers: sessionHeader('a') })).status, 204);
  const ofReset = await ask(t, app, at('9'), { headers: sessionHeader('a') });
  t.equal(ofReset.status, 200);
  t.strictSame(ofReset.body, bodyOf('9'));
  t.equal((await ask(t, app, at('9'), { headers: sessionHeader('b') })).status, 503);
  const count = async (session: string) =>
    (await askAdmin(t, app, 'GET', '/journal/count', { headers: sessionHeader(session) })).body;
  t.strictSame(await count('b'), { count: 2 });
  t.strictSame(await count('a'), { count: 1 });
});

t.test('an export that a change cuts off ends without its end, and is logged', async (t) => {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const store = seedStore(t);
  const control = makeControl(store);
  const fixtures = {
    ...control.fixtures,
    *export() {
      const chunks = control.fixtures.export();
      yield chunks.next().value as string;
      store.merge(() => {});
      yield* chunks;
    },
  };
  const versions = Array.from({ length: 2_000 }, (_, index) => ({ version: `${index}-${'x'.repeat(50)}` }));
  const [registry] = DOCUMENT.registries;
  control.fixtures.merge({ registries: [{ ...registry, artifacts: [{ name: 'large', versions }] }] } as never);
  const app = build(t, { store, control: { ...control, fixtures }, logger: pino({ level: 'info' }, stream) });
  const port = await listen(app);
  const response = await fetch(`http://127.0.0.1:${port}/__admin/fixtures`);
  t.equal(response.status, 200);
  await t.rejects(response.text());
  const [line, ...more] = lines.map((text) => JSON.parse(text));
  t.match(line, { level: 40, msg: 'export: the data changed during the export; try again; its answer was cut off' });
  t.strictSame(more, []);
});
