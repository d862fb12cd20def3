import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { type MockServerOptions, startMockServer } from '../../../src/index.js';
import { NGINX, NGINX_BODY } from '../../helper.js';

// A package of this folder, which the type check of the project does not need.
const { chromium } = require('playwright-core');

const CHROMIUM = '/usr/bin/chromium';

const skip = !existsSync(CHROMIUM) && 'chromium is not installed';

/** A page on another machine, for the browser. */
const FOREIGN_HOST = 'app.example';

const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--host-resolver-rules=MAP ${FOREIGN_HOST} 127.0.0.1`,
];

const TIMEOUT = 60_000;

/** Starts a browser; all pages close with the test. */
async function openBrowser(t: Test) {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS, timeout: TIMEOUT });
  t.teardown(() => browser.close());
  return browser;
}

async function start(t: Test, options: MockServerOptions = {}) {
  const server = await startMockServer(options);
  t.teardown(server.close);
  return server;
}

/** Serves an empty page on a port of its own; returns the port. */
async function servePage(t: Test): Promise<number> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>page</title>');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

interface Result {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  error?: string;
}

/** What a page reads when it fetches a URL. Runs in the browser. */
const fetchInPage = ([url, init]: [string, object]): Promise<Result> =>
  fetch(url, init).then(
    async (response) => ({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.json().catch(() => undefined),
    }),
    (error) => ({ error: String(error) }),
  );

t.test('a page on another port reads every answer of the call, but none of the admin API', { skip }, async (t) => {
  const browser = await openBrowser(t);
  const server = await start(t);
  const port = await servePage(t);
  const page = await browser.newPage();
  await page.goto(`http://localhost:${port}/`);
  const fetchFrom = (path: string, init: object = {}): Promise<Result> =>
    page.evaluate(fetchInPage, [server.url + path, init]);
  const headers = { 'x-api-key': server.apiKey, 'x-anything': '1' };

  const found = await fetchFrom(NGINX, { headers });
  t.equal(found.status, 200);
  t.strictSame(found.body, NGINX_BODY);
  t.ok(found.headers?.['x-request-id']);

  const unauthorized = await fetchFrom(NGINX);
  t.equal(unauthorized.status, 401);
  t.strictSame(unauthorized.body, { code: '401', message: 'unauthorized' });

  const missing = await fetchFrom(NGINX.replace('1.25.3', '9'), { headers });
  t.equal(missing.status, 404);
  t.strictSame(missing.body, { code: '404', message: 'Artifact version not found' });

  const prefer = 'code=429, retry-after=2';
  const fault = await fetchFrom(NGINX, { headers: { ...headers, prefer } });
  t.equal(fault.status, 429);
  t.strictSame(fault.body, { code: '429', message: 'Too Many Requests' });
  t.match(fault.headers, { 'retry-after': '2', 'preference-applied': /code=429/, 'x-request-id': /./ });

  const undecodable = await fetchFrom('/har/%ZZ', { headers });
  t.equal(undecodable.status, 400);
  const reason = 'is not percent-encoded UTF-8; write a percent sign as %25';
  const details = { field: 'target', value: '%ZZ', reason };
  t.strictSame(undecodable.body, { code: '400', message: 'malformed target', details });

  const other = await fetchFrom(NGINX, { method: 'DELETE', headers });
  t.equal(other.status, 405);
  t.strictSame(other.body, { code: '405', message: 'Method not allowed' });

  for (const [method, path] of [
    ['GET', '/__admin/faults'],
    ['DELETE', '/__admin/journal'],
    ['GET', '/__admin/openapi.json'],
  ] as const) {
    t.strictSame(await fetchFrom(path, { method }), { error: 'TypeError: Failed to fetch' }, path);
  }
  const recorded = server.journal.list().map(({ method, status }) => `${method} ${status}`);
  t.strictSame(recorded, ['GET 200', 'GET 401', 'GET 404', 'GET 429', 'GET 400', 'DELETE 405'], 'and no preflight');
});

t.test('a page of a foreign origin reads nothing unless its origin is listed', { skip }, async (t) => {
  const browser = await openBrowser(t);
  const port = await servePage(t);
  const origin = `http://${FOREIGN_HOST}:${port}`;
  const page = await browser.newPage();
  await page.goto(origin);
  const fetchFrom = async (options: MockServerOptions): Promise<Result> => {
    const server = await start(t, options);
    return page.evaluate(fetchInPage, [server.url + NGINX, { headers: { 'x-api-key': server.apiKey } }]);
  };
  const refused = { error: 'TypeError: Failed to fetch' };
  t.strictSame(await fetchFrom({}), refused);
  t.strictSame(await fetchFrom({ cors: 'off' }), refused);
  t.strictSame(await fetchFrom({ cors: [`http://${FOREIGN_HOST}`] }), refused, 'another port is another origin');
  for (const cors of [origin, 'any', ['local', origin]]) {
    const { status, body } = await fetchFrom({ cors });
    t.equal(status, 200, String(cors));
    t.strictSame(body, NGINX_BODY);
  }
});

t.test('the base URL is a page that follows the dark mode and breaks no policy of its own', { skip }, async (t) => {
  const browser = await openBrowser(t);
  const server = await start(t);
  for (const [colorScheme, color] of [
    ['light', 'rgb(243, 245, 247)'],
    ['dark', 'rgb(34, 39, 43)'],
  ]) {
    const page = await browser.newPage({ colorScheme });
    const problems: string[] = [];
    page.on('console', (message: { text(): string }) => problems.push(message.text()));
    await page.goto(server.url);
    t.equal(await page.title(), 'harness-registry-mock');
    t.equal(await page.evaluate(`getComputedStyle(document.querySelector('pre')).backgroundColor`), color);
    t.match(await page.locator('pre').textContent(), `'${server.url}${NGINX}'`);
    t.strictSame(problems, []);
    await page.click('text=Docs of the call');
    await page.waitForURL(/\/docs$/);
  }
});

t.test('the docs page keeps the key over a reload, is dark, and its first request gets a 200', { skip }, async (t) => {
  const browser = await openBrowser(t);
  const model = { name: 'bert', artifactType: 'model' as const, versions: [{ version: 'v1' }] };
  const fixtures = {
    registries: [{ ref: 'shop/hub', packageType: 'HUGGINGFACE' as const, artifacts: [model] }],
    apiKeys: [{ key: 'k', name: 'web', grants: ['shop'] }],
  };
  for (const [options, name] of [
    [{}, 'developer'],
    [{ fixtures }, 'web'],
    [{ spellings: 'portable' }, 'developer'],
  ] as [MockServerOptions, string][]) {
    const server = await start(t, options);
    const page = await browser.newPage({ colorScheme: 'dark' });
    page.setDefaultTimeout(TIMEOUT);
    await page.goto(`${server.url}/docs`);
    t.equal(await page.evaluate(`document.documentElement.className`), 'dark-mode');
    await page.emulateMedia({ colorScheme: 'light' });
    // The page hears of the change at its next frame.
    await page.waitForFunction(`document.documentElement.className === ''`);
    await page.click('.btn.authorize');
    t.match(await page.locator('.auth-container').textContent(), `such as the one named ${name}.`);
    await page.fill('.auth-container input', server.apiKey);
    await page.click('.auth-btn-wrapper .authorize');
    await page.reload();
    await page.click('.execute');
    const status = page.locator('.live-responses-table .response .response-col_status');
    t.equal((await status.textContent()).trim(), '200');
    const names = await page.locator('.parameter__name').allTextContents();
    t.match(names.join(), /^registry_ref.*artifact.*version.*artifact_type.*childVersion/);
    t.equal(await page.locator('.info a[href="/__admin/docs"]').count(), 1);
    await page.close();
  }
});
