import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import createClient from 'openapi-fetch';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { API_PATH } from '../../src/api/operation.js';
import type { AppOptions } from '../../src/app.js';
import type { FixtureDocument } from '../../src/index.js';
import { writeFixtures } from '../../src/seed/write.js';
import { openStore } from '../../src/store/store.js';
import { BUNDLED_FIXTURES } from '../../src/util/package.js';
import type { paths } from '../api/openapi.types.js';
import { ask, build, KEY, listen, makeControl, NGINX_BODY, seedStore } from '../helper.js';

t.test('health is answered without a key', async (t) => {
  const store = seedStore(t);
  const app = build(t, { store });
  for (const url of ['/healthz', '/readyz']) {
    const response = await app.inject(url);
    t.equal(response.statusCode, 200, url);
    t.equal(response.headers['content-type'], 'application/json');
    t.strictSame(response.json(), { status: 'ok' });
  }

  store.close();
  const alive = await app.inject('/healthz');
  t.equal(alive.statusCode, 200);
  t.strictSame(alive.json(), { status: 'ok' });
  const unready = await ask(t, app, '/readyz');
  t.equal(unready.status, 503);
  t.strictSame(unready.body, { code: '503', message: 'Not ready' });
});

/** The document as a client of a host gets it. */
async function readDocument(app: FastifyInstance, host = '127.0.0.1:8650') {
  const response = await app.inject({ url: '/openapi.json', headers: { host } });
  return response.json();
}

t.test('openapi.yaml is up to date, and is the document that is served', async (t) => {
  const app = build(t);
  const yaml = await app.inject({ url: '/openapi.yaml', headers: { host: '127.0.0.1:8650' } });
  t.equal(yaml.statusCode, 200);
  t.equal(yaml.headers['content-type'], 'application/yaml; charset=utf-8');
  t.equal(yaml.body, readFileSync(join(BUNDLED_FIXTURES, '..', 'openapi.yaml'), 'utf8'), 'npm run openapi updates it');

  const json = await app.inject({ url: '/openapi.json', headers: { host: '127.0.0.1:8650' } });
  t.equal(json.statusCode, 200);
  t.equal(json.headers['content-type'], 'application/json');
  t.strictSame(Object.keys(json.json().paths), [API_PATH], 'the contract and nothing else');
  t.strictSame(json.json(), parse(yaml.body));
});

t.test('the first server of the document is this one, as the client reached it', async (t) => {
  const app = build(t);
  const usual = 'localhost:8650';
  const rows: [host: string, shown: string][] = [
    ['registry.test', 'registry.test'],
    ['localhost:80', 'localhost:80'],
    ['mock-1.ci_net:65535', 'mock-1.ci_net:65535'],
    ['[::1]:8650', '[::1]:8650'],
    ['a b', usual],
    ['localhost:65536', usual],
    ['user@localhost', usual],
    ['localhost/x', usual],
    ['[::1', usual],
    ['[:::]', usual],
    ['999.1.1.1', usual],
    ['"><script>', usual],
  ];
  for (const [host, shown] of rows) {
    const { servers } = await readDocument(app, host);
    t.strictSame(
      servers,
      [
        { url: `http://${shown}`, description: 'This server' },
        { url: 'https://app.harness.io', description: 'Harness' },
      ],
      host,
    );
  }
});

t.test('every parameter has a description and a rule', async (t) => {
  const document = await readDocument(build(t));
  const { parameters, responses, security, operationId } = document.paths[API_PATH].get;
  t.equal(operationId, 'GetArtifactDetails');
  t.strictSame(
    parameters.map(({ name, in: place, required }: Record<string, unknown>) => [name, place, required]),
    [
      ['registry_ref', 'path', true],
      ['artifact', 'path', true],
      ['version', 'path', true],
      ['artifact_type', 'query', false],
      ['childVersion', 'query', false],
    ],
  );
  for (const { name, description, schema } of parameters) {
    t.ok(description, name);
    t.ok(schema.enum !== undefined || schema.minLength === 1, name);
  }
  const pattern = new RegExp(parameters[0].schema.pattern);
  for (const ref of ['acc/reg/+', 'acc/org/reg/+', 'acc/org/proj/reg/+', 'acc/org/proj/reg', 'acc/c++', 'acc/+x/+'])
    t.match(ref, pattern);
  for (const ref of ['', 'acc', 'acc/+', '/reg/+', 'acc//reg', 'acc/reg/', 'a/b/c/d/e/+'])
    t.notMatch(ref, pattern, ref);
  for (const status of [429, 502, 503, 504]) t.match(responses[status].description, /; only when a fault asks for it$/);
  t.strictSame(security, [{ 'x-api-key': [] }]);
  t.ok(document.info.contact.url);
  t.equal(document.components.schemas.ArtifactDetail.additionalProperties, true, 'more fields may come');
});

interface Documented {
  status: string;
  name: string;
  target: string;
  note: string | undefined;
  body: unknown;
}

type Document = Awaited<ReturnType<typeof readDocument>>;

/** The examples of a document, in their order. */
function listExamples(document: Document): Documented[] {
  type Media = { examples?: Record<string, { description: string; value: unknown }> };
  const { responses } = document.paths[API_PATH].get;
  return Object.entries<{ content: Record<string, Media> }>(responses).flatMap(([status, { content }]) => {
    t.strictSame(Object.keys(content), ['application/json']);
    const { examples = {} } = content['application/json'] as Media;
    return Object.entries(examples).map(([name, { description, value }]) => {
      t.match(description, /^GET /);
      const [target = '', note] = description.replace('GET ', '').split(', ');
      return { status, name, target, note, body: value };
    });
  });
}

/** The target of the parameters' examples, as a generated client writes it. */
function targetOfParameters(document: Document): string {
  const query = new URLSearchParams();
  let path = API_PATH;
  for (const { name, in: place, example } of document.paths[API_PATH].get.parameters) {
    if (place === 'path') path = path.replace(`{${name}}`, encodeURIComponent(example));
    else if (example !== undefined) query.set(name, example);
  }
  return `${path}?${query}`;
}

/** Requests every example of an app's document, and compares the answers; returns the statuses and names. */
async function checkExamples(t: Test, app: FastifyInstance, key = KEY): Promise<string[]> {
  const document = await readDocument(app);
  const examples = listExamples(document);
  for (const { status, name, target, note, body } of examples) {
    const prefer = note?.replace(/^with Prefer: /, '') ?? '';
    const headers = { 'x-api-key': note === 'without a key' ? '' : key, prefer };
    const answer = await ask(t, app, target, { headers });
    t.equal(String(answer.status), status, name);
    t.strictSame(answer.body, body, name);
  }
  const first = await ask(t, app, targetOfParameters(document), { headers: { 'x-api-key': key } });
  t.equal(first.status, 200, 'the examples of the parameters are one request');
  t.strictSame(first.body, examples[0]?.body);
  return examples.map(({ status, name }) => `${status} ${name}`);
}

const FAULTS = [429, 500, 502, 503, 504].map((status) => `${status} fault${status}`);

t.test('every example of the document is what the server answers', async (t) => {
  const app = build(t);
  t.strictSame(await checkExamples(t, app), [
    '200 model',
    '200 namespaced',
    '200 flat',
    '200 child',
    '400 fault400',
    '400 artifactType',
    '401 noKey',
    '403 noGrant',
    '404 unknown',
    ...FAULTS,
  ]);
  for (const { example, name } of (await readDocument(app)).paths[API_PATH].get.parameters) t.ok(example, name);
});

t.test('the examples come from the served data', async (t) => {
  const key = 'pat.other.key.local';
  const registry = (ref: string, packageType: string, artifacts: object[]) => ({ ref, packageType, artifacts });
  const version = { version: '1' };
  const rows: [registries: object[], options: Partial<AppOptions>, names: string[]][] = [
    [
      [registry('other/npm', 'NPM', [{ name: 'flat', versions: [{ ...version, quarantineReason: 'x' }] }])],
      { auth: 'strict', prefer: 'off' },
      ['200 flat', '400 artifactType', '401 noKey', '403 noGrant', '404 unknown'],
    ],
    [
      [
        registry('other/hub', 'HUGGINGFACE', [
          { name: 'twin', artifactType: 'dataset', versions: [version] },
          { name: 'twin', artifactType: 'model', versions: [version] },
          { name: 'single', artifactType: 'model', versions: [version] },
        ]),
      ],
      { auth: 'any', prefer: 'off' },
      ['200 model', '200 typed', '401 noKey', '404 unknown'],
    ],
    [
      [
        registry('other/raw', 'GENERIC', [{ name: 'c', versions: [{ version: '2', fault: { code: 503 } }] }]),
        registry('other/maven', 'MAVEN', [{ name: 'a/b', versions: [version] }]),
      ],
      { auth: 'off' },
      ['200 namespaced', '400 fault400', '400 artifactType', '404 unknown', ...FAULTS],
    ],
  ];
  for (const [registries, options, names] of rows) {
    const store = seedStore(t, []);
    const app = build(t, { store, ...options });
    t.strictSame(listExamples(await readDocument(app)), [], 'without data, there are none');
    const data = { registries, apiKeys: [{ key, name: 'k', grants: ['other'] }] };
    writeFixtures([join(t.testdir({ 'own.json': JSON.stringify(data) }), 'own.json')], store.seed);
    t.strictSame(await checkExamples(t, app, key), names);
    t.match(listExamples(await readDocument(app))[0]?.target, '/registry/other/');
  }
});

t.test('the examples are of the served data, but beyond loopback of the bundled fixtures', async (t) => {
  const versions = [{ version: '1' }];
  const own = { registries: [{ ref: 'own/npm', packageType: 'NPM' as const, artifacts: [{ name: 'x', versions }] }] };
  for (const [host, target] of [
    ['127.0.0.1', '/registry/own/npm/+/'],
    ['0.0.0.0', '/registry/acme/labs/ml/hub/+/'],
  ] as const) {
    const app = build(t, { store: seedStore(t, [own]), host });
    t.match(listExamples(await readDocument(app))[0]?.target, target);
  }
});

// The types are generated by `npm run lint`, which then checks this file against them.
t.test('a client that is generated from the document works', async (t) => {
  const port = await listen(build(t));
  const client = createClient<paths>({ baseUrl: `http://127.0.0.1:${port}`, headers: { 'x-api-key': KEY } });
  for (const marker of ['', '/+']) {
    const path = {
      registry_ref: `acme/platform/web/images${marker}`,
      artifact: `library/nginx${marker}`,
      version: '1.25.3',
    };
    const { data, error, response } = await client.GET(API_PATH, { params: { path } });
    t.equal(response.status, 200);
    t.equal(error, undefined);
    t.strictSame(data, NGINX_BODY);
    t.equal(data?.data.size, '69.56MB');
  }

  const path = { registry_ref: 'acme/labs/ml/hub/+', artifact: 'bert', version: 'v1' };
  const query = { artifact_type: 'dataset' } as const;
  const typed = await client.GET(API_PATH, { params: { path, query } });
  t.equal(typed.response.status, 200);
  t.equal(typed.data?.data.artifactType, 'dataset');

  const missing = await client.GET(API_PATH, { params: { path: { ...path, artifact: 'nope' }, query } });
  t.equal(missing.response.status, 404);
  t.strictSame(missing.error, { code: '404', message: 'Artifact not found' });
});

t.test('a docs page and everything that it loads come from this server', async (t) => {
  const app = build(t);
  for (const [url, title] of [
    ['/docs', 'Describe Artifact Details'],
    ['/__admin/docs', 'Admin API'],
  ] as const) {
    const page = await app.inject(url);
    t.equal(page.statusCode, 200, url);
    t.equal(page.headers['content-type'], 'text/html; charset=utf-8');
    t.match(page.body, `<title>${title}</title>`);
    const links = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link as string);
    t.equal(links.length, 3);
    for (const link of links) {
      t.notMatch(link, /^(https?:)?\/\//, 'nothing from elsewhere');
      const loaded = await app.inject(new URL(link, `http://localhost${url}`).pathname);
      t.equal(loaded.statusCode, 200, link);
    }
  }
});

t.test('no page of another site may show the docs in a frame', async (t) => {
  const app = build(t);
  for (const url of ['/docs', '/docs/', '/__admin/docs', '/__admin/docs/']) {
    const { headers } = await app.inject(url);
    t.equal(headers['content-security-policy'], "frame-ancestors 'none'", url);
    t.equal(headers['x-frame-options'], 'DENY', url);
  }
});

t.test('"Try it out" calls this server', async (t) => {
  const response = await build(t).inject('/docs/json');
  t.equal(response.statusCode, 200);
  t.equal(response.headers['content-type'], 'application/json');
  t.strictSame(response.json().servers, [{ url: '/', description: 'This server' }]);
});

interface Page {
  info: { description: string };
  components: { securitySchemes: Record<string, { description: string }> };
  paths: Record<string, Record<string, { parameters: { name: string; required: boolean; example?: string }[] }>>;
}

/** Builds an app with a fixture, and reads the document of its page. */
async function readDocsPage(t: Test, options: Partial<AppOptions>, ...documents: FixtureDocument[]) {
  const store = openStore();
  t.teardown(() => store.close());
  const fixtures = documents.length > 0 ? documents : [BUNDLED_FIXTURES];
  const control = makeControl(store, { fixtures });
  control.fixtures.seed();
  const app = build(t, { store, control, ...options });
  const readPage = async () => (await app.inject('/docs/json')).json() as Page;
  return { app, control, readPage, page: await readPage() };
}

/** The examples of the call's parameters. */
const examplesOf = ({ paths }: Page) =>
  Object.fromEntries(paths[API_PATH]?.get?.parameters.map(({ name, example }) => [name, example]) ?? []);

const BUNDLED_VALUES = {
  registry_ref: 'acme/platform/web/images/+',
  artifact: 'library/nginx/+',
  version: '1.25.3',
  artifact_type: undefined,
  childVersion: undefined,
};

/** Sends the request that the page starts with; the page encodes the names. */
async function tryOut(t: Test, app: FastifyInstance, page: Page, key: string): Promise<number> {
  const { registry_ref: ref = '', artifact = '', version = '', artifact_type: type } = examplesOf(page);
  const path = [ref, 'artifact', artifact, 'version', version].map(encodeURIComponent).join('/');
  const url = `/har/api/v1/registry/${path}/details${type === undefined ? '' : `?artifact_type=${type}`}`;
  return (await ask(t, app, url, { headers: { 'x-api-key': key } })).status;
}

t.test('the docs page starts with a request that gets a 200 from the data', async (t) => {
  const { app, page } = await readDocsPage(t, {});
  t.strictSame(examplesOf(page), BUNDLED_VALUES);
  t.equal(await tryOut(t, app, page, KEY), 200);

  const apiKeys = [{ key: 'k', name: 'web', grants: ['shop'] }];
  const version = { version: '1 0/%+b' };
  const broken = { version: '0', fault: { code: 503 } };
  const artifacts = [{ name: 'a/b', versions: [broken, version] }];
  const rows: FixtureDocument[] = [
    { apiKeys, registries: [{ ref: 'shop/go', packageType: 'GO', artifacts }] },
    { apiKeys, registries: [{ ref: 'shop/go', packageType: 'GO', artifacts: [{ name: 'c++', versions: [version] }] }] },
    {
      apiKeys,
      registries: [
        {
          ref: 'shop/hub',
          packageType: 'HUGGINGFACE',
          artifacts: [{ name: 'bert', artifactType: 'dataset', versions: [version] }],
        },
      ],
    },
    {
      apiKeys,
      registries: [
        { ref: 'shop/go', packageType: 'GO', artifacts: [{ name: 'a', quarantineReason: 'x', versions: [version] }] },
      ],
    },
  ];
  for (const document of rows) {
    for (const spellings of ['all', 'portable'] as const) {
      const { app, page } = await readDocsPage(t, { spellings }, document);
      t.equal(examplesOf(page).version, version.version);
      t.equal(await tryOut(t, app, page, 'k'), 200, JSON.stringify(document));
      t.match(page.components.securitySchemes['x-api-key']?.description, /named \*\*web\*\*\.$/);
    }
  }
});

t.test('the docs page follows the data', async (t) => {
  const { control, readPage } = await readDocsPage(t, {});
  control.fixtures.replace([
    { registries: [{ ref: 'a/go', packageType: 'GO', artifacts: [{ name: 'b', versions: [{ version: '1' }] }] }] },
  ]);
  const page = await readPage();
  t.match(examplesOf(page), { registry_ref: 'a/go/+', artifact: 'b', version: '1' });
  t.notMatch(page.components.securitySchemes['x-api-key']?.description, 'This server', 'no key may read it');
  control.fixtures.replace([{}]);
  const empty = await readPage();
  t.match(
    examplesOf(empty),
    { registry_ref: undefined, artifact: undefined, version: undefined },
    'nothing gets a 200',
  );
  t.notMatch(empty.components.securitySchemes['x-api-key']?.description, 'This server');
});

t.test('beyond loopback, the docs page shows the bundled fixtures instead of served names', async (t) => {
  const document = {
    registries: [
      { ref: 'secret/go', packageType: 'GO' as const, artifacts: [{ name: 'secret', versions: [{ version: '1' }] }] },
    ],
    apiKeys: [{ key: 'k', name: 'secret', grants: ['secret'] }],
  };
  const { app, page } = await readDocsPage(t, { host: '0.0.0.0', adminToken: 'x' }, document);
  t.strictSame(examplesOf(page), BUNDLED_VALUES);
  for (const url of ['/', '/docs/json', '/openapi.json', '/openapi.yaml'])
    for (const accept of ['text/html', '*/*'])
      t.notMatch((await app.inject({ url, headers: { accept } })).body, 'secret', url);
});

t.test('the docs page names a key, or says that none is needed, and links to the admin API', async (t) => {
  const rows = [
    ['strict', /\. This server: a key of the fixtures, such as the one named \*\*developer\*\*\.$/],
    ['any', /\. This server: any key is accepted\.$/],
    ['off', /\. This server: no key is needed\.$/],
  ] as const;
  for (const [auth, description] of rows) {
    const { page } = await readDocsPage(t, { auth });
    t.match(page.components.securitySchemes['x-api-key']?.description, description);
    t.notMatch(JSON.stringify(page), KEY);
    t.match(page.info.description, /\n\n\[Admin API\]\(\/__admin\/docs\)/);
  }
  const { page } = await readDocsPage(t, { host: '0.0.0.0' });
  t.notMatch(page.info.description, '__admin');
});

t.test('the docs pages keep the key, follow the dark mode, and list optional parameters last', async (t) => {
  const app = build(t);
  for (const docs of ['/docs', '/__admin/docs']) {
    const { body } = await app.inject(docs);
    t.match(body, '"persistAuthorization":true');
    t.match(body, "matchMedia('(prefers-color-scheme: dark)')");
    const { paths } = (await app.inject(`${docs}/json`)).json() as Page;
    for (const [path, operations] of Object.entries(paths)) {
      for (const [method, { parameters = [] }] of Object.entries(operations)) {
        const required = parameters.map(({ required = false }) => required);
        t.strictSame(required, [...required].sort().reverse(), `${method} ${path}`);
      }
    }
  }
});

t.test('an unknown file of the docs is a 404, and no file outside of them is served', async (t) => {
  const app = build(t);
  for (const url of ['/docs/nope', '/docs/static/nope.js', '/docs/static/..%2f..%2fpackage.json']) {
    const answer = await ask(t, app, url);
    t.equal(answer.status, 404, url);
    t.match(answer.body, { code: '404', message: 'Route not found', details: { expected: `GET ${API_PATH}` } });
  }
});

t.test('if the admin API is off, its docs are a 404', async (t) => {
  const store = seedStore(t);
  const app = build(t, { store, control: makeControl(store), host: '0.0.0.0' });
  for (const url of ['/__admin', '/__admin/docs', '/__admin/openapi.json', '/__admin/faults']) {
    const answer = await ask(t, app, url);
    t.equal(answer.status, 404, url);
    t.match(answer.body, { code: '404', message: 'Route not found', details: { hint: /set --admin-token$/ } });
  }
  const page = await app.inject('/docs');
  t.equal(page.statusCode, 200);
});
