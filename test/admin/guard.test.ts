import t from 'tap';
import { operations } from '../../src/admin/operations.js';
import { build } from '../helper.js';
import { control } from './support.js';

const elsewhere = (rule: string) => `${rule}; set --admin-token to use the admin API from elsewhere`;

t.test('open on loopback, it answers to names of this machine only', async (t) => {
  const app = build(t, { access: { kind: 'open', host: 'Mock.test' } });
  for (const host of ['localhost', 'LOCALHOST:8650', '127.0.0.1:1', '[::1]:8650', '[::1]', 'mock.test:80']) {
    t.equal((await control(t, app, 'GET', '/faults', { headers: { host } })).status, 200, host);
  }
  for (const host of [
    'evil.example',
    'evil.example:8650',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    '10.0.0.1',
    '[::2]',
  ]) {
    const answer = await control(t, app, 'GET', '/faults', { headers: { host } });
    t.equal(answer.status, 403, host);
    t.strictSame(answer.body, {
      code: '403',
      message: 'forbidden',
      details: { field: 'Host', value: host, reason: elsewhere('must be of this machine, such as localhost') },
    });
  }
});

t.test('open on loopback, no page of another origin gets anything done', async (t) => {
  const app = build(t);
  const host = '127.0.0.1:8650';
  const ask = (origin: string) => control(t, app, 'POST', '/reset', { headers: { host, origin } });
  t.equal((await ask(`http://${host}`)).status, 204, 'its own page may');
  for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:3000', 'http://localhost:8650', 'file://']) {
    const answer = await ask(origin);
    t.equal(answer.status, 403, origin);
    const details = {
      field: 'Origin',
      value: origin,
      reason: elsewhere('must be this server, as its Host says, or left out'),
    };
    t.strictSame(answer.body, { code: '403', message: 'forbidden', details });
  }
});

t.test('open on loopback, a page that sends no Origin gets nothing done either', async (t) => {
  const app = build(t);
  const ask = (site: string) => control(t, app, 'GET', '/journal', { headers: { 'sec-fetch-site': site } });
  for (const site of ['same-origin', 'none']) t.equal((await ask(site)).status, 200, site);
  for (const site of ['cross-site', 'same-site', '', 'none, cross-site']) {
    const answer = await ask(site);
    t.equal(answer.status, 403, site);
    const reason = elsewhere('must be same-origin or none, as no page of another site may ask');
    const details = { field: 'Sec-Fetch-Site', value: site, reason };
    t.strictSame(answer.body, { code: '403', message: 'forbidden', details });
  }
});

t.test('with a token, every operation asks for it, whatever the host', async (t) => {
  const app = build(t, { access: { kind: 'token', token: 'open-sesame' } });
  const reason = 'must be Bearer and the token that the server was started with, by --admin-token or its variable';
  for (const { method, url } of Object.values(operations)) {
    for (const authorization of [
      '',
      'Bearer',
      'Bearer open-sesam',
      'Bearer open-sesame2',
      'Basic open-sesame',
      'open-sesame',
    ]) {
      const path = url.slice('/__admin'.length);
      const headers = { host: 'mock.test', ...(authorization !== '' && { authorization }) };
      const answer = await control(t, app, method, path, { headers });
      t.equal(answer.status, 401, `${method} ${url} ${authorization}`);
      t.strictSame(answer.body, { code: '401', message: 'unauthorized', details: { field: 'Authorization', reason } });
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
    t.equal((await control(t, app, 'GET', '/faults', { headers })).status, 200);
  }
});

t.test('off, it answers nothing but how to open it', async (t) => {
  const app = build(t, { access: { kind: 'off' } });
  const hint = 'the admin API is off, as the server listens beyond this machine: give it a token by --admin-token';
  for (const { method, url } of Object.values(operations)) {
    const answer = await control(t, app, method, url.slice('/__admin'.length), {
      headers: { authorization: 'Bearer x' },
    });
    t.equal(answer.status, 404, `${method} ${url}`);
    t.strictSame(answer.body, { code: '404', message: 'Route not found', details: { hint } });
  }
  for (const path of ['', '/', '/nope', '/docs', '/openapi.json']) {
    const answer = await control(t, app, 'GET', path);
    t.equal(answer.status, 404, path);
    t.strictSame(answer.body, { code: '404', message: 'Route not found', details: { hint } });
  }
});

t.test('no answer allows another origin to read it', async (t) => {
  const app = build(t);
  const headers = { origin: 'http://localhost:8650' };
  const answer = await control(t, app, 'GET', '/faults', { headers });
  t.equal(answer.status, 200);
  t.notOk(Object.keys(answer.headers).some((name) => name.startsWith('access-control-')));
});
