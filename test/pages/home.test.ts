import { createHash } from 'node:crypto';
import t from 'tap';
import type { FixtureDocument } from '../../src/index.js';
import { isBrowser } from '../../src/pages/home.js';
import { openStore } from '../../src/store/store.js';
import { VERSION } from '../../src/util/package.js';
import { codesIn, readTable } from '../docs/page.js';
import { ask, askRaw, build, listen, makeControl, NGINX, seedStore, sendRaw } from '../helper.js';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8';

const HOME = {
  name: 'harness-registry-mock',
  version: VERSION,
  description: 'Mock server of one call of the Harness Artifact Registry: Describe Artifact Details',
  serves: {
    registries: 1,
    artifacts: 1,
    versions: 1,
    versionsByType: { GO: 1 },
  },
  example: {
    target: '/har/api/v1/registry/shop/go/+/artifact/a%26%27b/version/1/details',
    curl: `curl -H "x-api-key: $HARNESS_API_KEY" 'http://mock.test:8650/har/api/v1/registry/shop/go/+/artifact/a%26%27b/version/1/details'`,
    keyName: '<script>',
  },
  links: { docs: '/docs', openapi: '/openapi.json', health: '/healthz', ready: '/readyz', admin: '/__admin/docs' },
};

const SHOP: FixtureDocument = {
  registries: [{ ref: 'shop/go', packageType: 'GO', artifacts: [{ name: "a&'b", versions: [{ version: '1' }] }] }],
  apiKeys: [
    { key: 'secret-1', name: 'other', grants: ['elsewhere'] },
    { key: 'secret-2', name: 'old', grants: ['shop'], expiresAt: '2020-01-01T00:00:00Z' },
    { key: 'secret-3', name: '<script>', grants: ['shop/go'] },
  ],
};

/** Builds the app of a fixture that records its requests. */
function buildShop(t: Parameters<typeof build>[0], document: FixtureDocument, options = {}) {
  const store = openStore();
  t.teardown(() => store.close());
  const control = makeControl(store, { fixtures: [document] });
  control.fixtures.seed();
  return { control, app: build(t, { store, control, ...options }) };
}

t.test('the base URL answers with JSON: what is served, a request that gets a 200, links', async (t) => {
  const { app, control } = buildShop(t, SHOP);
  const host = 'mock.test:8650';
  const response = await app.inject({ url: '/', headers: { host } });
  t.equal(response.statusCode, 200);
  t.equal(response.headers['content-type'], 'application/json');
  t.equal(response.headers.vary, 'Accept, Origin');
  t.strictSame(response.json(), HOME);
  t.notMatch(response.body, 'secret');
  t.equal((await ask(t, app, HOME.example.target, { headers: { 'x-api-key': 'secret-3' } })).status, 200);
  for (const link of Object.values(HOME.links)) t.equal((await app.inject(link)).statusCode, 200, link);

  const head = await app.inject({ method: 'HEAD', url: '/?x', headers: { host } });
  t.equal(head.statusCode, 200);
  t.equal(head.headers['content-length'], String(Buffer.byteLength(response.body)));
  t.equal(head.body, '');
  for (const url of ['/', '/favicon.ico']) {
    const post = await ask(t, app, url, { method: 'POST' });
    t.equal(post.status, 405);
    t.equal(post.headers.allow, 'GET, HEAD');
  }
  t.equal(control.journal.list({ target: '/*' }).length, 1, 'only the call is recorded');
});

t.test('the base URL shows a browser a page without scripts, in which all data is escaped', async (t) => {
  const { app } = buildShop(t, SHOP);
  const { statusCode, headers, body } = await app.inject({ url: '/', headers: { accept: BROWSER, host: 'h' } });
  t.equal(statusCode, 200);
  t.equal(headers['content-type'], 'text/html; charset=utf-8');
  const [, style = ''] = /<style>(.*?)<\/style>/s.exec(body) ?? [];
  const hash = createHash('sha256').update(style).digest('base64');
  t.equal(
    headers['content-security-policy'],
    `default-src 'none'; style-src 'sha256-${hash}'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  t.equal(headers['x-frame-options'], 'DENY');
  t.equal(headers['x-content-type-options'], 'nosniff');
  t.notMatch(body, /<script|style=|\son\w+=/);
  t.match(body, 'named <b>&#60;script&#62;</b>');
  t.match(body, `curl -H &#34;x-api-key: $HARNESS_API_KEY&#34; &#39;http://h${HOME.example.target}&#39;`);
  t.match(body, '<p>1 version of 1 artifact in 1 registry\n<table><tr><td>GO<td>1</table>');
  for (const link of ['/docs', '/openapi.json', '/__admin/docs']) t.match(body, `<a href="${link}">`);
  t.notMatch(body, 'secret');
});

t.test('the table of the base URL has its members', async (t) => {
  const rows = readTable('home members').map(([names, content]) => [codesIn(names), codesIn(content)]);
  const { serves, example, links } = HOME;
  t.strictSame(
    rows.flatMap(([names]) => names),
    Object.keys(HOME),
  );
  t.strictSame(
    rows.slice(1).map(([, members]) => members),
    [serves, example, links].map(Object.keys),
  );
});

t.test('the page says if nothing answers 200', async (t) => {
  const { app } = buildShop(t, {});
  const { body } = await app.inject({ url: '/', headers: { accept: 'text/html' } });
  t.match(body, 'No version that is served answers 200.');
  const { example: _, ...rest } = HOME;
  const serves = { registries: 0, artifacts: 0, versions: 0, versionsByType: {} };
  t.strictSame((await app.inject('/')).json(), { ...rest, serves });
});

t.test('the page says if the admin API is off', async (t) => {
  const { app } = buildShop(t, SHOP, { host: '0.0.0.0' });
  const { body } = await app.inject({ url: '/', headers: { accept: 'text/html' } });
  t.match(body, 'The admin API is off; --admin-token enables it');
  t.notMatch(body, 'href="/__admin');
  const { admin: _, ...links } = HOME.links;
  t.strictSame((await app.inject('/')).json().links, links);
});

t.test('a version without a key that may read it is shown without a name', async (t) => {
  const { app } = buildShop(t, { ...SHOP, apiKeys: [] });
  t.notOk('keyName' in (await app.inject('/')).json().example);
  const { body } = await app.inject({ url: '/', headers: { accept: 'text/html' } });
  t.match(body, 'to a key of the fixtures.');
});

t.test('beyond loopback, an example of the bundled fixtures is shown', async (t) => {
  const { app } = buildShop(t, SHOP, { host: '0.0.0.0', adminToken: 'x' });
  const { example, serves } = (await app.inject({ url: '/', headers: { host: 'h' } })).json();
  t.strictSame(serves, HOME.serves, 'counts are no names');
  t.strictSame(example, {
    target: NGINX,
    curl: `curl -H "x-api-key: $HARNESS_API_KEY" 'http://h${NGINX}'`,
    keyName: 'developer',
  });
});

t.test('the counts follow the data', async (t) => {
  const { app, control } = buildShop(t, SHOP);
  const count = async () => (await app.inject('/')).json().serves.registries;
  t.equal(await count(), 1);
  control.fixtures.merge({ registries: [{ ref: 'shop/rust', packageType: 'CARGO' }] });
  t.equal(await count(), 2);
  control.reset();
  t.equal(await count(), 1);
});

t.test('an unusual Host header does not reach the command', async (t) => {
  const app = build(t, { store: seedStore(t) });
  const port = await listen(app);
  for (const head of [`Host: x';id;'\r\n`, 'Host: "><b>\r\n', 'Host:\r\n', 'Host: $(id)\r\n']) {
    const { status, body } = await askRaw(port, '/', 'GET', [head.trim(), 'Connection: close']);
    t.equal(status, 200);
    const { curl } = (body as typeof HOME).example;
    t.match(curl, /^curl -H "x-api-key: \$HARNESS_API_KEY" 'http:\/\/localhost[:\d]*\/har\/[^' ]*'$/, head);
  }
});

t.test('a request without a Host header gets a command too, and an answer without CORS varies by Accept', async (t) => {
  const port = await listen(build(t, { cors: ['off'] }));
  const [answer] = await sendRaw(port, 'GET / HTTP/1.0\r\n\r\n');
  t.equal(answer?.status, 200);
  t.equal(answer?.headers.vary, 'Accept');
  t.match((answer?.body as typeof HOME | undefined)?.example.curl, `'http://localhost:${port}${NGINX}'`);
});

t.test('the request for a model has its type', async (t) => {
  const artifacts = [{ name: 'bert', artifactType: 'model' as const, versions: [{ version: 'v1' }] }];
  const { app } = buildShop(t, { ...SHOP, registries: [{ ref: 'shop/hub', packageType: 'HUGGINGFACE', artifacts }] });
  const { target } = (await app.inject('/')).json().example;
  t.equal(target, '/har/api/v1/registry/shop/hub/+/artifact/bert/version/v1/details?artifact_type=model');
});

t.test('the icon of the page is answered', async (t) => {
  const app = build(t);
  for (const method of ['GET', 'HEAD'] as const) {
    const { statusCode, headers } = await app.inject({ method, url: '/favicon.ico' });
    t.equal(statusCode, 200);
    t.equal(headers['content-type'], 'image/svg+xml');
  }
});

t.test('HTML is for clients that accept it by name, and not JSON', async (t) => {
  const rows: [accept: string, isHtml: boolean][] = [
    [BROWSER, true],
    ['text/html', true],
    ['TEXT/HTML;level=1', true],
    ['image/png, text/html', true],
    ['', false],
    ['text/*', false],
    ['*/*', false],
    ['application/json', false],
    ['application/json, text/plain, */*', false],
    ['text/html, application/json', false],
    ['image/png', false],
    [',;,', false],
  ];
  for (const [accept, isHtml] of rows) t.equal(isBrowser(accept), isHtml, JSON.stringify(accept));
});
