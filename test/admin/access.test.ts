import t from 'tap';
import { hasAdmin } from '../../src/admin/guard.js';
import type { Operation } from '../../src/admin/operation.js';
import { operations } from '../../src/admin/operations.js';
import { ask, build, NGINX, NGINX_BODY } from '../helper.js';
import { askAdmin } from './support.js';

const OPERATIONS = Object.entries<Operation>(operations);

const pathOf = ({ url }: Operation) => url.slice('/__admin'.length);

const elsewhere = (rule: string) => `${rule}; set --admin-token to use the admin API from elsewhere`;

const forbidden = (field: string, value: string, rule: string) => ({
  code: '403',
  message: 'forbidden',
  details: { field, value, reason: elsewhere(rule) },
});

t.test('a token opens the admin API anywhere; without one it is open on loopback only', async (t) => {
  for (const host of ['localhost', 'LocalHost', '127.0.0.1', '127.9.8.7', '::1', '[::1]']) {
    t.ok(hasAdmin({ host, adminToken: undefined }), host);
    t.ok(hasAdmin({ host, adminToken: 'secret' }));
  }
  for (const host of [
    '0.0.0.0',
    '::',
    '10.0.0.1',
    'localhost.example',
    'x127.0.0.1',
    '127.0.0.1.nip.io',
    '128.0.0.1',
    '',
  ]) {
    t.notOk(hasAdmin({ host, adminToken: undefined }), host);
    t.ok(hasAdmin({ host, adminToken: 'secret' }));
  }
});

t.test('open on loopback, it answers only to names of this machine', async (t) => {
  const app = build(t);
  for (const host of ['localhost', 'LOCALHOST:8650', '127.0.0.1:1', '[::1]:8650', '[::1]']) {
    const answer = await askAdmin(t, app, 'GET', '/faults', { headers: { host } });
    t.equal(answer.status, 200, host);
    t.strictSame(answer.body, { faults: [] });
  }
  for (const host of [
    'evil.example',
    'evil.example:8650',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    '10.0.0.1',
    '[::2]',
  ]) {
    const answer = await askAdmin(t, app, 'GET', '/faults', { headers: { host } });
    t.equal(answer.status, 403, host);
    t.strictSame(answer.body, forbidden('Host', host, 'must be a name of this machine, such as localhost'));
  }
});

t.test('open on loopback, it refuses pages of another origin', async (t) => {
  const app = build(t);
  const host = '127.0.0.1:8650';
  const reset = (origin: string) => askAdmin(t, app, 'POST', '/reset', { headers: { host, origin } });
  t.equal((await reset(`http://${host}`)).status, 204, 'its own page may use it');
  for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:3000', 'http://localhost:8650', 'file://']) {
    const answer = await reset(origin);
    t.equal(answer.status, 403, origin);
    t.strictSame(answer.body, forbidden('Origin', origin, 'must match the Host header, or be absent'));
  }
});

t.test('open on loopback, it refuses pages that send no Origin', async (t) => {
  const app = build(t);
  const list = (site: string) => askAdmin(t, app, 'GET', '/journal', { headers: { 'sec-fetch-site': site } });
  for (const site of ['same-origin', 'none']) t.equal((await list(site)).status, 200, site);
  for (const site of ['cross-site', 'same-site', '', 'none, cross-site']) {
    const answer = await list(site);
    t.equal(answer.status, 403, site);
    const rule = 'must be same-origin or none: pages of other sites are refused';
    t.strictSame(answer.body, forbidden('Sec-Fetch-Site', site, rule));
  }
});

t.test('with a token, every operation requires it, whatever the host', async (t) => {
  const app = build(t, { adminToken: 'open-sesame' });
  const details = { field: 'Authorization', reason: 'must be "Bearer" followed by the token of --admin-token' };
  for (const [name, operation] of OPERATIONS) {
    for (const authorization of [
      '',
      'Bearer',
      'Bearer open-sesam',
      'Bearer open-sesame2',
      'Basic open-sesame',
      'open-sesame',
    ]) {
      const headers = { host: 'mock.test', ...(authorization !== '' && { authorization }) };
      const answer = await askAdmin(t, app, operation.method, pathOf(operation), { headers });
      t.equal(answer.status, 401, `${name} ${authorization}`);
      t.strictSame(answer.body, { code: '401', message: 'unauthorized', details });
      t.equal(answer.headers['www-authenticate'], 'Bearer');
    }
  }
  for (const authorization of ['Bearer open-sesame', 'bearer  open-sesame']) {
    const headers = {
      host: 'evil.example',
      origin: 'http://evil.example',
      'sec-fetch-site': 'cross-site',
      authorization,
    };
    const answer = await askAdmin(t, app, 'GET', '/faults', { headers });
    t.equal(answer.status, 200);
    t.strictSame(answer.body, { faults: [] });
  }
});

t.test('when it is off, it only says how to open it', async (t) => {
  const app = build(t, { host: '0.0.0.0' });
  const hint = 'the admin API is off because the server listens beyond this machine; set --admin-token';
  const off = { code: '404', message: 'Route not found', details: { hint } };
  for (const [name, operation] of OPERATIONS) {
    const headers = { authorization: 'Bearer x' };
    const answer = await askAdmin(t, app, operation.method, pathOf(operation), { headers });
    t.equal(answer.status, 404, name);
    t.strictSame(answer.body, off);
  }
  for (const path of ['', '/', '/nope', '/docs', '/openapi.json']) {
    const answer = await askAdmin(t, app, 'GET', path);
    t.equal(answer.status, 404, path);
    t.strictSame(answer.body, off);
  }
  const call = await ask(t, app, NGINX);
  t.equal(call.status, 200);
  t.strictSame(call.body, NGINX_BODY);
});

t.test('no answer allows another origin to read it', async (t) => {
  const answer = await askAdmin(t, build(t), 'GET', '/faults', { headers: { origin: 'http://localhost:8650' } });
  t.equal(answer.status, 200);
  t.strictSame(answer.body, { faults: [] });
  t.notOk(Object.keys(answer.headers).some((name) => name.startsWith('access-control-')));
});

t.test('another method is a 405 with the allowed ones', async (t) => {
  const app = build(t);
  const rows: [method: 'PUT' | 'POST', path: string, allow: string][] = [
    ['PUT', '/faults', 'GET, HEAD, POST, DELETE'],
    ['POST', '/faults/1', 'GET, HEAD, DELETE'],
    ['PUT', '/reset', 'POST'],
    ['POST', '/docs/static/swagger-ui.css', 'GET, HEAD'],
  ];
  for (const [method, path, allow] of rows) {
    const answer = await askAdmin(t, app, method, path);
    t.equal(answer.status, 405, path);
    t.strictSame(answer.body, { code: '405', message: 'Method not allowed' });
    t.equal(answer.headers.allow, allow);
  }
});

t.test('an unknown path of the admin API is a 404 that names its page', async (t) => {
  const app = build(t);
  for (const path of ['', '/', '/nope', '/faults/1/2']) {
    const answer = await askAdmin(t, app, 'GET', path);
    t.equal(answer.status, 404, path);
    const details = { hint: 'GET /__admin/docs shows the admin API' };
    t.strictSame(answer.body, { code: '404', message: 'Route not found', details });
  }
});

t.test('the document has every operation, and the contract has none of them', async (t) => {
  const app = build(t);
  const { status, body } = await askAdmin(t, app, 'GET', '/openapi.json');
  t.equal(status, 200);
  t.equal(body.openapi, '3.1.0');
  const documented = Object.entries<Record<string, { operationId: string }>>(body.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => `${operationId} ${method.toUpperCase()} ${path}`),
  );
  const known = OPERATIONS.map(([name, { method, url }]) => `${name} ${method} ${url.replace(':id', '{id}')}`);
  t.strictSame(documented.sort(), known.sort());

  const contract = (await app.inject('/openapi.json')).json();
  t.notOk(Object.keys(contract.paths).some((path) => path.startsWith('/__admin')));
});

t.test('every operation documents its input, its answer and its errors', async (t) => {
  const app = build(t);
  const { body } = await askAdmin(t, app, 'GET', '/openapi.json');
  for (const [name, operation] of OPERATIONS) {
    const { method, url, summary, status, errors = [], example } = operation;
    const documented = body.paths[url.replace(':id', '{id}')][method.toLowerCase()];
    t.equal(documented.summary, summary);
    t.strictSame(Object.keys(documented.responses), [status, 400, 401, 403, ...errors].map(String));
    t.equal('requestBody' in documented, 'body' in operation, name);
    if (example !== undefined) {
      t.strictSame(documented.requestBody.content['application/json'].example, example);
      const answer = await askAdmin(t, app, method, pathOf(operation), { body: example });
      t.equal(answer.status, name === 'verify' ? 409 : status, `the example of ${name} works`);
    }
    const names = documented.parameters.map((parameter: { name: string }) => parameter.name);
    t.ok(names.includes('x-mock-session'));
    for (const parameter of documented.parameters) t.ok(parameter.description, `${name}: ${parameter.name}`);
  }
  t.ok(body.components.schemas.Error, 'errors are the envelope of the contract');
});

t.test('the document is also YAML, and a page that loads nothing from elsewhere', async (t) => {
  const app = build(t);
  const yaml = await askAdmin(t, app, 'GET', '/openapi.yaml');
  t.equal(yaml.status, 200);
  t.match(yaml.text, /^openapi: 3\.1\.0$/m);
  const page = await askAdmin(t, app, 'GET', '/docs');
  t.equal(page.status, 200);
  t.match(page.text, '<title>Admin API</title>');
  for (const [, source] of page.text.matchAll(/(?:src|href)="([^"]+)"/g))
    t.match(source, /^\.?\//, 'is of this server');
  const shown = await askAdmin(t, app, 'GET', '/docs/json');
  t.equal(shown.status, 200);
  const { servers, paths } = JSON.parse(shown.text);
  t.strictSame(servers, [{ url: '/', description: 'This server' }]);
  t.ok(paths['/__admin/faults']);
});
