import type { FastifyInstance } from 'fastify';
import t, { type Test } from 'tap';
import { ask, askRaw, build, KEY, listen, makeControl, NGINX, NGINX_BODY, seedStore } from '../helper.js';

const PAGE = 'http://localhost:5173';
const EXPOSED = 'Retry-After, Preference-Applied, x-request-id';

/** The headers of an answer that matter to a browser and its cache. */
const corsOf = (headers: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name === 'vary' || name.startsWith('access-control-')));

/** What an answer that a page may read has. */
const readable = (origin: string) => ({
  vary: 'Origin',
  'access-control-allow-origin': origin,
  'access-control-expose-headers': EXPOSED,
});

/** Asks whether a page may send a request. */
const preflight = (app: FastifyInstance, url: string, origin = PAGE) =>
  app.inject({
    method: 'OPTIONS',
    url,
    headers: {
      origin,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'x-api-key, x-anything',
    },
  });

t.test('a page of this machine may read every answer except those of the admin API', async (t) => {
  const app = build(t);
  const rows: [url: string, status: number, headers?: Record<string, string>][] = [
    [NGINX, 200],
    [NGINX, 401, { 'x-api-key': '' }],
    [NGINX.replace('acme', 'other'), 403],
    [NGINX.replace('nginx', 'nope'), 404],
    [`${NGINX}?artifact_type=x`, 400],
    [NGINX, 503, { prefer: 'code=503, retry-after=2' }],
    ['/har/%ZZ', 400],
    ['/nope', 404],
    ['/docs/nope', 404],
  ];
  for (const [url, status, headers] of rows) {
    const answer = await ask(t, app, url, { headers: { origin: PAGE, ...headers } });
    t.equal(answer.status, status, url);
    t.strictSame(corsOf(answer.headers), readable(PAGE), url);
  }
  for (const url of ['/healthz', '/readyz', '/openapi.json', '/openapi.yaml', '/docs', '/docs/json']) {
    const { statusCode, headers } = await app.inject({ url, headers: { origin: PAGE } });
    t.equal(statusCode, 200, url);
    t.strictSame(corsOf(headers), readable(PAGE), url);
  }
  for (const url of ['/__admin/faults', '/__admin/docs', '/%5F%5fadmin/faults', '/__%61dmin/nope', '/__admin/%ZZ']) {
    for (const method of ['GET', 'OPTIONS', 'POST'] as const) {
      const headers = { origin: PAGE, 'access-control-request-method': 'GET' };
      const answer = await app.inject({ method, url, headers });
      t.strictSame(corsOf(answer.headers), {}, `${method} ${url}`);
    }
  }
});

t.test('a page may read the headers of a fault, and a 405', async (t) => {
  const app = build(t);
  const fault = await ask(t, app, NGINX, { headers: { origin: PAGE, prefer: 'code=429, retry-after=2' } });
  t.equal(fault.status, 429);
  t.match(fault.headers, { ...readable(PAGE), 'retry-after': '2', 'preference-applied': /429/ });
  const other = await ask(t, app, NGINX, { method: 'POST', headers: { origin: PAGE } });
  t.equal(other.status, 405);
  t.strictSame(corsOf(other.headers), readable(PAGE));
});

t.test('the local pages are those of http and https on localhost, 127.0.0.1 and [::1], with any port', async (t) => {
  const app = build(t);
  const hosts = ['localhost', '127.0.0.1', '[::1]'].flatMap((host) => [host, `${host}:1`, `${host}:65535`]);
  for (const origin of hosts.flatMap((host) => [`http://${host}`, `https://${host}`])) {
    const { headers } = await ask(t, app, NGINX, { headers: { origin } });
    t.strictSame(corsOf(headers), readable(origin), origin);
  }
  const foreign = [
    'https://app.example',
    'null',
    'http://localhost.evil.example',
    'http://evil-localhost',
    'http://127.0.0.2',
    'http://localhost:5173/',
    'http://localhost:x',
    'ftp://localhost',
    'http://localhost, http://localhost',
    '',
  ];
  for (const origin of foreign) {
    const answer = await ask(t, app, NGINX, { headers: { origin } });
    t.equal(answer.status, 200, 'the answer is for clients that are no pages');
    t.strictSame(corsOf(answer.headers), { vary: 'Origin' }, JSON.stringify(origin));
  }
  const { status, headers, body } = await ask(t, app, NGINX);
  t.equal(status, 200);
  t.strictSame(body, NGINX_BODY);
  t.strictSame(corsOf(headers), { vary: 'Origin' }, 'a cache must not give a page the answer to another client');
});

t.test('a preflight is answered before keys, with the headers that it asks for, and is not recorded', async (t) => {
  const store = seedStore(t);
  const control = makeControl(store);
  const app = build(t, { store, control, spellings: 'portable' });
  for (const url of [
    NGINX,
    NGINX.replace('/+/', '/%2B/'),
    '/healthz',
    '/openapi.json',
    '/',
    '/nope',
    '/har/%ZZ',
    '*',
  ]) {
    const { statusCode, headers, body } = await preflight(app, url);
    t.equal(statusCode, 204, url);
    t.equal(body, '');
    t.strictSame(corsOf(headers), {
      ...readable(PAGE),
      vary: 'Origin, Access-Control-Request-Headers',
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': 'x-api-key, x-anything',
    });
  }
  const foreign = await preflight(app, NGINX, 'https://app.example');
  t.equal(foreign.statusCode, 204);
  t.notOk('access-control-allow-origin' in foreign.headers);
  t.equal(foreign.headers.vary, 'Origin, Access-Control-Request-Headers');
  t.strictSame(control.journal.list(), []);
});

async function checkNoPreflight(t: Test, app: FastifyInstance, headers: Record<string, string>): Promise<void> {
  const rows: [url: string, status: number, allow?: string][] = [
    [NGINX, 405, 'GET, HEAD'],
    ['/healthz', 405, 'GET, HEAD'],
    ['/__admin/faults', 405, 'GET, HEAD, POST, DELETE'],
    ['/nope', 404],
    ['/har/%ZZ', 400],
  ];
  for (const [url, status, allow] of rows) {
    const answer = await ask(t, app, url, { method: 'OPTIONS', headers });
    t.equal(answer.status, status, url);
    t.equal(answer.headers.allow, allow, url);
  }
}

t.test('OPTIONS without a preflight is answered like any other method', async (t) => {
  const store = seedStore(t);
  const control = makeControl(store);
  const app = build(t, { store, control });
  await checkNoPreflight(t, app, {});
  await checkNoPreflight(t, app, { origin: PAGE });
  await checkNoPreflight(t, app, { 'access-control-request-method': 'GET' });
  t.equal(control.journal.list({ method: 'OPTIONS', status: 405 }).length, 3, 'it is recorded');
  const off = build(t, { store, control, host: '0.0.0.0' });
  t.equal((await ask(t, off, '/__admin/faults', { method: 'OPTIONS' })).status, 404);
});

t.test('off: there is no CORS', async (t) => {
  const app = build(t, { cors: ['off'] });
  const { status, headers } = await ask(t, app, NGINX, { headers: { origin: PAGE } });
  t.equal(status, 200);
  t.strictSame(corsOf(headers), {});
  await checkNoPreflight(t, app, { origin: PAGE, 'access-control-request-method': 'GET' });
});

t.test('any: every page may read answers', async (t) => {
  const app = build(t, { cors: ['any'] });
  const any = { 'access-control-allow-origin': '*', 'access-control-expose-headers': EXPOSED };
  for (const origin of ['https://app.example', 'null']) {
    const { headers } = await ask(t, app, NGINX, { headers: { origin } });
    t.strictSame(corsOf(headers), any, 'the same for all, so it does not vary');
    const asked = await preflight(app, NGINX, origin);
    t.equal(asked.statusCode, 204);
    t.match(asked.headers, { ...any, vary: 'Access-Control-Request-Headers' });
  }
  t.strictSame(corsOf((await ask(t, app, NGINX)).headers), any);
  t.strictSame(corsOf((await preflight(app, '/__admin/faults')).headers), {});
});

t.test('a list: pages of these origins may read answers', async (t) => {
  const app = build(t, { cors: ['https://app.example', 'capacitor://localhost'] });
  for (const origin of ['https://app.example', 'capacitor://localhost']) {
    t.strictSame(corsOf((await ask(t, app, NGINX, { headers: { origin } })).headers), readable(origin));
    t.equal((await preflight(app, NGINX, origin)).headers['access-control-allow-origin'], origin);
  }
  for (const origin of [PAGE, 'https://app.example:8443', 'http://app.example', 'https://an-app.example']) {
    t.strictSame(corsOf((await ask(t, app, NGINX, { headers: { origin } })).headers), { vary: 'Origin' }, origin);
    t.notOk('access-control-allow-origin' in (await preflight(app, NGINX, origin)).headers, origin);
  }
});

t.test('a truncated answer has the headers too', async (t) => {
  const port = await listen(build(t));
  const response = await fetch(`http://127.0.0.1:${port}${NGINX}`, {
    headers: { 'x-api-key': KEY, prefer: 'fault=truncated', origin: PAGE },
  });
  t.equal(response.status, 200);
  t.strictSame(corsOf(Object.fromEntries(response.headers)), readable(PAGE));
  await t.rejects(response.text());
  const raw = await askRaw(port, '/har/%FF', 'OPTIONS', [`Origin: ${PAGE}`, 'Access-Control-Request-Method: GET']);
  t.equal(raw.status, 204, 'over a socket');
});
