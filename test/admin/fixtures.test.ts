import { join } from 'node:path';
import t, { type Test } from 'tap';
import { ask, build, KEY, NGINX, NGINX_BODY, seedStore } from '../helper.js';
import { control } from './support.js';

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

const exported = async (t: Test, app: ReturnType<typeof build>) => (await control(t, app, 'GET', '/fixtures')).text;

t.test('merges a document: what is there already is replaced', async (t) => {
  const app = build(t);
  const merged = await control(t, app, 'PUT', '/fixtures', { body: DOCUMENT });
  t.equal(merged.status, 200);
  t.strictSame(merged.body, { registries: 1, artifacts: 1, versions: 2, keys: 1 });

  const replaced = await ask(t, app, NGINX, { headers: { 'x-api-key': 'canary-new-key' } });
  t.equal(replaced.status, 200);
  t.match(replaced.body, { data: { size: '1.00B', isQuarantined: false } });
  t.equal((await ask(t, app, at('9'))).status, 200);
  t.equal((await ask(t, app, at('1.24.0'))).status, 200, 'what is not in the document stays');
});

t.test('takes YAML as well', async (t) => {
  const app = build(t);
  const yaml =
    'registries:\n  - ref: acme/fresh\n    packageType: GO\n    artifacts: [{ name: a, versions: [{ version: v1 }] }]\n';
  for (const type of ['application/yaml', 'application/x-yaml; charset=utf-8', 'text/yaml']) {
    const merged = await control(t, app, 'PUT', '/fixtures', { body: yaml, headers: { 'content-type': type } });
    t.equal(merged.status, 200, type);
  }
  t.equal((await ask(t, app, '/har/api/v1/registry/acme/fresh/+/artifact/a/version/v1/details')).status, 200);
});

t.test('refuses a document as a start refuses a file, and changes nothing', async (t) => {
  const app = build(t);
  const before = await exported(t, app);
  const broken = 'registries:\n  - ref: acme/x\n    packageType: DOKCER\n    artefacts: []\n';
  const headers = { 'content-type': 'application/yaml' };
  const answer = await control(t, app, 'PUT', '/fixtures', { body: broken, headers });
  t.equal(answer.status, 400);
  t.equal(answer.body.message, 'invalid fixture');
  const [second, first, ...others] = answer.body.details.problems;
  t.match(first, {
    line: 3,
    column: 5,
    reason: /^registries\[0\]\.packageType: found "DOKCER", .*; did you mean "DOCKER"\?$/,
  });
  t.match(second, { line: 4, column: 5, reason: /^registries\[0\]\.artefacts: unknown key/ });
  t.strictSame(others, []);

  const rows: [body: string, reason: RegExp | string][] = [
    ['', /^found (null|nothing), expected a mapping/],
    ['[', /^is not YAML: /],
    [
      '{"registries":[{"ref":"acme/pypi","packageType":"NPM"}]}',
      'registry acme/pypi is stored as PYTHON, not NPM; delete it first to change its type',
    ],
  ];
  for (const [body, reason] of rows) {
    const refused = await control(t, app, 'PUT', '/fixtures', { body, headers });
    t.equal(refused.status, 400, body);
    t.match(refused.body.details.problems[0].reason, reason);
  }
  const none = await control(t, app, 'PUT', '/fixtures');
  t.equal(none.status, 400, 'no body at all');
  const twice = { registries: [DOCUMENT.registries[0], DOCUMENT.registries[0]] };
  t.equal((await control(t, app, 'PUT', '/fixtures', { body: twice })).status, 400);
  t.equal(
    (await control(t, app, 'PUT', '/fixtures', { body: DOCUMENT, headers: { 'content-type': 'text/plain' } })).status,
    415,
  );
  const large = ' '.repeat(10_485_761);
  t.equal((await control(t, app, 'PUT', '/fixtures', { body: large, headers })).status, 413);
  t.equal(await exported(t, app), before);
});

t.test('a large document must be JSON, and its mistakes are told without lines', async (t) => {
  const app = build(t);
  const comment = '#'.repeat(262_145);
  const headers = { 'content-type': 'application/yaml' };
  const yaml = await control(t, app, 'PUT', '/fixtures', { body: comment, headers });
  t.equal(yaml.status, 400);
  t.strictSame(yaml.body.details, {
    field: 'body',
    reason: "is not JSON: Unexpected token '#'; one of more than 262144 characters must be JSON",
  });

  const numbers = `{"registries":[${'0,'.repeat(1_000_000)}0]}`;
  const broken = await control(t, app, 'PUT', '/fixtures', { body: numbers });
  t.equal(broken.status, 400);
  t.equal(broken.body.message, 'invalid fixture');
  t.match(broken.body.details.problems[0], { reason: /^registries\[0\]: found 0, expected a registry/ });

  const versions = Array.from({ length: 20_000 }, (_, index) => ({ version: `1.0.${index}` }));
  const large = { registries: [{ ref: 'acme/large', packageType: 'GO', artifacts: [{ name: 'a', versions }] }] };
  const merged = await control(t, app, 'PUT', '/fixtures', { body: large });
  t.equal(merged.status, 200);
  t.strictSame(merged.body, { registries: 1, artifacts: 1, versions: 20_000, keys: 0 });
});

t.test('a large body names no file to read, and is never shown', async (t) => {
  const file = join(t.testdir({ 'a.yaml': 'registries: [{ ref: acme/own, packageType: GO }]' }), 'a.yaml');
  const app = build(t);
  const before = await exported(t, app);
  const padding = ' '.repeat(262_145);
  const named = await control(t, app, 'PUT', '/fixtures', { body: JSON.stringify(file) + padding });
  t.equal(named.status, 400);
  t.strictSame(named.body, {
    code: '400',
    message: 'invalid fixture',
    details: { problems: [{ reason: 'found another value, expected a mapping with the keys registries and apiKeys' }] },
  });
  for (const body of ['{"apiKeys":[{"key":canary', 'canary', '{"a":"canary', '["canary" "canary"]']) {
    const broken = await control(t, app, 'PUT', '/fixtures', { body: body + padding });
    t.equal(broken.status, 400);
    t.notMatch(broken.text, /canar/);
  }
  t.equal(await exported(t, app), before);
});

t.test('a body is UTF-8, with a byte order mark or without, however large', async (t) => {
  const app = build(t);
  for (const size of [0, 262_145]) {
    const put = (text: string, encoding: BufferEncoding) =>
      app.inject({
        method: 'PUT',
        url: '/__admin/fixtures',
        headers: { 'content-type': 'application/json' },
        payload: Buffer.from(text + ' '.repeat(size), encoding),
      });
    const marked = await put('\ufeff{"registries":[]}', 'utf8');
    t.equal(marked.statusCode, 200);
    const latin1 = await put('{"apiKeys":[{"key":"clé","name":"x","grants":[]}]}', 'latin1');
    t.equal(latin1.statusCode, 400);
    const details = { field: 'body', reason: 'is not UTF-8; send it in that encoding' };
    t.strictSame(latin1.json(), { code: '400', message: 'invalid parameter', details });
  }
  const armed = await control(t, app, 'POST', '/faults', { body: '\ufeff{"fault":{"code":503}}' });
  t.equal(armed.status, 201);
});

t.test('an export that fails is the envelope', async (t) => {
  const store = {
    ...seedStore(t),
    listRegistries(): never {
      throw new Error('canary: disk on fire');
    },
  };
  const answer = await control(t, build(t, { store }), 'GET', '/fixtures');
  t.equal(answer.status, 500);
  t.strictSame(answer.body, { code: '500', message: 'Internal server error' });
});

t.test('deletes a version, an artifact, a registry, and says how much that was', async (t) => {
  const app = build(t);
  const rows: [query: string, deleted: object, target: string, message: string][] = [
    [
      'ref=acme/platform/web/images&artifact=library/nginx&version=1.25.3',
      { registries: 0, artifacts: 0, versions: 1 },
      NGINX,
      'Artifact version not found',
    ],
    [
      'ref=acme/platform/web/images&artifact=library/nginx',
      { registries: 0, artifacts: 1 },
      NGINX,
      'Artifact not found',
    ],
    ['ref=acme/platform/web/images', { registries: 1 }, NGINX, 'Registry not found'],
    [
      'ref=acme/labs/ml/hub&artifact=bert&artifact_type=model',
      { registries: 0, artifacts: 1 },
      '/har/api/v1/registry/acme/labs/ml/hub/+/artifact/bert/version/v1/details?artifact_type=model',
      'Artifact not found',
    ],
  ];
  for (const [query, deleted, target, message] of rows) {
    const answer = await control(t, app, 'DELETE', `/fixtures?${query}`);
    t.equal(answer.status, 200, query);
    t.match(answer.body, deleted);
    t.strictSame((await ask(t, app, target)).body, { code: '404', message });
    t.equal((await control(t, app, 'DELETE', `/fixtures?${query}`)).status, 404, 'it is gone');
  }
});

t.test('deletes nothing by a query that does not fit', async (t) => {
  const app = build(t);
  const before = await exported(t, app);
  const rows: [query: string, status: number, field?: string][] = [
    ['', 400, 'ref'],
    ['ref=', 400, 'ref'],
    ['ref=acme/pypi&version=1', 400, 'artifact'],
    ['ref=acme/pypi&artefact=x', 400, 'artefact'],
    ['ref=acme/labs/ml/hub&artifact=bert', 400, 'artifact'],
    ['ref=acme/pypi&artifact=acme-metrics&artifact_type=model', 400, 'artifact_type'],
    ['ref=acme/nope', 404],
    ['ref=acme/pypi&artifact=nope', 404],
  ];
  for (const [query, status, field] of rows) {
    const answer = await control(t, app, 'DELETE', `/fixtures?${query}`);
    t.equal(answer.status, status, query);
    t.equal(answer.body.details?.field, field);
  }
  t.equal(await exported(t, app), before);
});

t.test('says which name is ambiguous', async (t) => {
  const app = build(t);
  const artifacts = ['model', 'dataset'].map((artifactType) => ({ name: 'a+b c', artifactType }));
  const body = { registries: [{ ref: 'acme/hub', packageType: 'HUGGINGFACE', artifacts }] };
  t.equal((await control(t, app, 'PUT', '/fixtures', { body })).status, 200);
  const answer = await control(t, app, 'DELETE', '/fixtures?ref=acme/hub&artifact=a+b%20c');
  t.equal(answer.status, 400);
  t.strictSame(answer.body, {
    code: '400',
    message: 'ambiguous artifact',
    details: {
      field: 'artifact',
      value: 'a+b c',
      reason: 'names both a model and a dataset: add artifact_type=model or artifact_type=dataset',
    },
  });
});

t.test('exports what is served, which a start takes to export the same', async (t) => {
  const app = build(t);
  await control(t, app, 'PUT', '/fixtures', { body: DOCUMENT });
  const first = await control(t, app, 'GET', '/fixtures');
  t.equal(first.status, 200);
  t.equal(first.headers['content-type'], 'application/yaml; charset=utf-8');
  t.notMatch(first.text, /canary|pat\.acme/, 'no key is in it');
  const folder = t.testdir({ 'export.yaml': first.text });
  const second = build(t, { store: seedStore(t, [folder]), auth: 'any' });
  t.equal(await exported(t, second), first.text);
  t.equal((await ask(t, second, NGINX)).status, 200);
});

t.test('reset returns data, faults, journal and generator to the start', async (t) => {
  const app = build(t);
  const before = await exported(t, app);
  const draw = async () => {
    await control(t, app, 'POST', '/faults', { body: { fault: { code: 503 }, percentage: 50 } });
    const statuses: number[] = [];
    for (let asked = 0; asked < 20; asked += 1) statuses.push((await ask(t, app, NGINX)).status);
    return statuses;
  };
  const drawn = await draw();
  await control(t, app, 'PUT', '/fixtures', { body: DOCUMENT });
  await control(t, app, 'DELETE', '/fixtures?ref=acme/pypi');

  const reset = await control(t, app, 'POST', '/reset');
  t.equal(reset.status, 204);
  t.equal(await exported(t, app), before);
  t.strictSame((await ask(t, app, NGINX)).body, NGINX_BODY);
  t.equal((await ask(t, app, NGINX, { headers: { 'x-api-key': 'canary-new-key' } })).status, 401);
  t.strictSame((await control(t, app, 'GET', '/faults')).body, { faults: [] });
  t.equal((await control(t, app, 'GET', '/journal')).body.total, 2);
  await control(t, app, 'POST', '/reset');
  t.strictSame(await draw(), drawn);
});

t.test('the reset of a session leaves data and other sessions alone', async (t) => {
  const app = build(t);
  const of = (session: string) => ({ 'x-mock-session': session, 'x-api-key': KEY });
  await control(t, app, 'PUT', '/fixtures', { body: DOCUMENT });
  for (const session of ['a', 'b']) {
    await control(t, app, 'POST', '/faults', { body: { fault: { code: 503 } }, headers: of(session) });
    await ask(t, app, at('9'), { headers: of(session) });
  }
  t.equal((await control(t, app, 'POST', '/reset', { headers: of('a') })).status, 204);
  t.equal((await ask(t, app, at('9'), { headers: of('a') })).status, 200);
  t.equal((await ask(t, app, at('9'), { headers: of('b') })).status, 503);
  t.equal((await control(t, app, 'GET', '/journal/count', { headers: of('b') })).body.count, 2);
  t.equal((await control(t, app, 'GET', '/journal/count', { headers: of('a') })).body.count, 1);
});
