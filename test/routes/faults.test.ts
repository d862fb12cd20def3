import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import t, { type Test } from 'tap';
import type { Fault } from '../../src/faults/fault.js';
import { ask, build, KEY, listen, makeControls, NGINX, NGINX_BODY, seedStore } from '../helper.js';

const at = (artifact: string, version: string) =>
  `/har/api/v1/registry/acme/labs/unreliable/+/artifact/${artifact}/version/${version}/details`;

const bodyOf = (name: string, version: string, status = 'SUCCESS') => ({
  status,
  data: { version, packageType: 'GENERIC', name, size: '1.00KB', isQuarantined: false },
});

/** Builds an app together with what arms a fault for its next request. */
function buildWithFaults(t: Test) {
  const store = seedStore(t);
  const controls = makeControls(store);
  const arm = (fault: Fault) => controls.faults.arm({ fault, times: 1 });
  return { app: build(t, { store, controls }), arm };
}

const preferring = (prefer: string) => ({ headers: { prefer } });

const ERRORS: [code: number, body: object, retryAfter?: string][] = [
  [400, { message: 'Bad Request', details: { field: 'version', value: '400', reason: 'as you wished' } }],
  [401, { message: 'unauthorized' }],
  [403, { message: 'forbidden' }],
  [404, { message: 'Artifact not found' }],
  [429, { message: 'Too Many Requests' }, '2'],
  [500, { message: 'Internal server error' }],
  [502, { message: 'Bad Gateway' }],
  [503, { message: 'down for maintenance' }, '30'],
  [504, { message: 'Gateway Timeout' }],
];

t.test('a fixture answers with its error', async (t) => {
  const app = build(t);
  for (const [code, body, retryAfter] of ERRORS) {
    const answer = await ask(t, app, at('error', String(code)));
    t.equal(answer.status, code);
    t.strictSame(answer.body, { code: String(code), ...body }, String(code));
    t.equal(answer.headers['retry-after'], retryAfter);
    t.equal(answer.headers['preference-applied'], undefined);
  }
});

t.test('a request gets the error that it prefers, of data or of none', async (t) => {
  const app = build(t);
  const nowhere = '/har/api/v1/registry/acme/nowhere/+/artifact/x/version/1/details';
  const rows: [code: number, message: string, retryAfter?: string][] = [
    [400, 'Bad Request'],
    [404, 'Not Found'],
    [429, 'Too Many Requests', '1'],
    [503, 'Service Unavailable', '1'],
    [599, 'Fault'],
  ];
  for (const target of [NGINX, nowhere, at('error', '502')]) {
    for (const [code, message, retryAfter] of rows) {
      const answer = await ask(t, app, target, preferring(`code=${code}`));
      t.equal(answer.status, code);
      t.strictSame(answer.body, { code: String(code), message });
      t.equal(answer.headers['retry-after'], retryAfter);
      t.equal(answer.headers['preference-applied'], `code=${code}`);
    }
  }
});

t.test('a request gets the error that is armed for it', async (t) => {
  const { app, arm } = buildWithFaults(t);
  for (const [code, , retryAfter] of ERRORS) {
    const own = { message: 'own words', details: { a: [1] } };
    arm({ code, ...own, ...(retryAfter && { retryAfter: Number(retryAfter) }) });
    const answer = await ask(t, app, NGINX);
    t.equal(answer.status, code);
    t.strictSame(answer.body, { code: String(code), ...own });
    t.equal(answer.headers['retry-after'], retryAfter);
  }
});

t.test('keys, syntax and grants come first', async (t) => {
  const app = build(t);
  const rows: [target: string, key: string, status: number][] = [
    [NGINX, 'unknown', 401],
    [NGINX.replace('acme/', 'other/'), KEY, 403],
    [`${NGINX}?artifact_type=`, KEY, 400],
  ];
  for (const [target, key, status] of rows) {
    const answer = await ask(t, app, target, { headers: { prefer: 'code=503', 'x-api-key': key } });
    t.equal(answer.status, status);
    t.equal(answer.headers['preference-applied'], undefined);
  }
});

t.test('a 200 can say that it has failed', async (t) => {
  const { app, arm } = buildWithFaults(t);
  for (const status of ['FAILURE', 'ERROR'] as const) {
    const carried = await ask(t, app, at('status', status));
    t.equal(carried.status, 200);
    t.strictSame(carried.body, bodyOf('status', status, status));
    const preferred = await ask(t, app, NGINX, preferring(`status=${status}`));
    t.equal(preferred.status, 200);
    t.strictSame(preferred.body, { ...NGINX_BODY, status });
    arm({ status });
    const armed = await ask(t, app, NGINX);
    t.equal(armed.status, 200);
    t.strictSame(armed.body, { ...NGINX_BODY, status });
  }
});

t.test('what needs details does not happen where there are none, and is not counted', async (t) => {
  const store = seedStore(t);
  const controls = makeControls(store);
  const app = build(t, { store, controls });
  const nowhere = NGINX.replace('1.25.3', '0');
  const missing = { code: '404', message: 'Artifact version not found' };
  for (const fault of [{ status: 'ERROR' }, { network: 'truncated' }] satisfies Fault[]) {
    controls.faults.arm({ fault, times: 1 });
    const missed = await ask(t, app, nowhere);
    t.equal(missed.status, 404);
    t.strictSame(missed.body, missing);
    t.match(controls.faults.list(), [{ hits: 0, left: 1 }]);
    controls.faults.clear();
  }
  for (const prefer of ['status=ERROR', 'fault=truncated']) {
    const missed = await ask(t, app, nowhere, preferring(prefer));
    t.equal(missed.status, 404);
    t.strictSame(missed.body, missing);
    t.equal(missed.headers['preference-applied'], undefined);
  }
  t.strictSame(
    controls.journal.list().map(({ fault }) => fault),
    [undefined, undefined, undefined, undefined],
  );
});

t.test('a delay alone takes no other fault away', async (t) => {
  const { app, arm } = buildWithFaults(t);
  arm({ delay: 1 });
  const carried = await ask(t, app, at('error', '502'), preferring('delay=1'));
  t.equal(carried.status, 502);
  t.strictSame(carried.body, { code: '502', message: 'Bad Gateway' });
  arm({ code: 500 });
  const armed = await ask(t, app, NGINX, preferring('delay=1'));
  t.equal(armed.status, 500);
  t.strictSame(armed.body, { code: '500', message: 'Internal server error' });
  t.equal(armed.headers['preference-applied'], 'delay=1');
  const missed = await ask(t, app, NGINX.replace('1.25.3', '0'), preferring('delay=1'));
  t.equal(missed.status, 404);
  t.strictSame(missed.body, { code: '404', message: 'Artifact version not found' });
});

t.test('an answer can be late, and is then the same', async (t) => {
  const { app, arm } = buildWithFaults(t);
  for (const version of ['fixed', 'uniform', 'log-normal']) {
    const answer = await ask(t, app, at('slow', version));
    t.equal(answer.status, 200);
    t.strictSame(answer.body, bodyOf('slow', version));
  }
  const late = await ask(t, app, NGINX, preferring('delay=20'));
  t.equal(late.status, 200);
  t.strictSame(late.body, NGINX_BODY);
  for (const delay of [20, { min: 1, max: 2 }, { median: 2, sigma: 1 }]) {
    arm({ delay });
    const armed = await ask(t, app, NGINX);
    t.equal(armed.status, 200);
    t.strictSame(armed.body, NGINX_BODY);
  }
  const missing = await ask(t, app, at('slow', 'nothing'), preferring('delay=1-2'));
  t.equal(missing.status, 404);
  t.strictSame(missing.body, { code: '404', message: 'Artifact version not found' });
});

t.test('a bad preference is a 400, and the switch turns all of them off', async (t) => {
  const bad = await ask(t, build(t), NGINX, preferring('code=teapot'));
  t.equal(bad.status, 400);
  const details = { field: 'Prefer', value: 'code=teapot', reason: 'code must be a status from 400 to 599' };
  t.strictSame(bad.body, { code: '400', message: 'invalid parameter', details });

  const off = build(t, { prefer: false });
  for (const prefer of ['code=teapot', 'code=503']) {
    const answer = await ask(t, off, NGINX, preferring(prefer));
    t.equal(answer.status, 200);
    t.strictSame(answer.body, NGINX_BODY);
  }
  const carried = await ask(t, off, at('error', '502'));
  t.equal(carried.status, 502);
  t.strictSame(carried.body, { code: '502', message: 'Bad Gateway' }, 'data keeps its faults');
});

/** Asks over a socket; resolves with all bytes, and with how the connection ended. */
function receive(port: number, target: string, ...headers: string[]): Promise<{ text: string; end: string }> {
  return new Promise((resolve) => {
    let text = '';
    const lines = [`GET ${target} HTTP/1.1`, 'Host: localhost', `x-api-key: ${KEY}`, ...headers, '', ''];
    const socket = connect(port, '127.0.0.1', () => socket.write(lines.join('\r\n')));
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk;
    });
    socket.on('end', () => resolve({ text, end: 'end' }));
    socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve({ text, end: String(code) }));
  });
}

t.test('the connection breaks as the fault says', async (t) => {
  const { app, arm } = buildWithFaults(t);
  const port = await listen(app);
  const forEachTrigger = async (
    network: 'reset' | 'empty' | 'truncated' | 'garbage',
    check: (t: Test, got: { text: string; end: string }) => void,
  ) => {
    await t.test(`${network} by data`, async (t) => check(t, await receive(port, at('network', network))));
    await t.test(`${network} by preference`, async (t) =>
      check(t, await receive(port, NGINX, `Prefer: fault=${network}`)),
    );
    await t.test(`${network} by arming`, async (t) => {
      arm({ network });
      check(t, await receive(port, NGINX));
    });
  };
  await forEachTrigger('reset', (t, got) => t.strictSame(got, { text: '', end: 'ECONNRESET' }));
  await forEachTrigger('empty', (t, got) => t.strictSame(got, { text: '', end: 'end' }));
  await forEachTrigger('truncated', (t, { text, end }) => {
    const [head = '', body = ''] = text.split('\r\n\r\n');
    t.match(head, /^HTTP\/1\.1 200 OK\r\n/);
    const length = Number(/content-length: (\d+)/.exec(head)?.[1]);
    t.equal(body.length, Math.floor(length / 2));
    t.match(body, /^\{"status":"SUCCESS"/);
    t.equal(end, 'end');
  });
  await forEachTrigger('garbage', (t, { text, end }) => {
    t.notMatch(text, /^HTTP/);
    t.match(text, 'this is not HTTP');
    t.equal(end, 'end');
  });
  const other = await fetch(`http://127.0.0.1:${port}${NGINX}`, { headers: { 'x-api-key': KEY } });
  t.equal(other.status, 200, 'the server lives');
});

t.test('a client sees an error of its network', async (t) => {
  const { app, arm } = buildWithFaults(t);
  const url = `http://127.0.0.1:${await listen(app)}`;
  const read = async (target: string, headers = {}) =>
    (await fetch(url + target, { headers: { 'x-api-key': KEY, ...headers } })).text();
  for (const network of ['reset', 'empty', 'truncated', 'garbage'] as const) {
    await t.rejects(read(at('network', network)), TypeError, `${network} by data`);
    await t.rejects(read(NGINX, { prefer: `fault=${network}` }), TypeError, `${network} by preference`);
    arm({ network });
    await t.rejects(read(NGINX), TypeError, `${network} by arming`);
  }
});

t.test('a stall lasts until the client gives up', async (t) => {
  const { app, arm } = buildWithFaults(t);
  const url = `http://127.0.0.1:${await listen(app)}`;
  const armed = '?armed';
  for (const [target, prefer] of [
    [NGINX + armed, 'wait=1'],
    [at('network', 'stall'), 'wait=1'],
    [NGINX, 'fault=stall'],
    // The process of this test would wait for it, were the wait not given up with the client.
    [NGINX, 'delay=600000'],
  ] as const) {
    if (target.endsWith(armed)) arm({ network: 'stall' });
    const signal = AbortSignal.timeout(100);
    await t.rejects(fetch(url + target, { headers: { 'x-api-key': KEY, prefer }, signal }), { name: 'TimeoutError' });
  }
  const health = await fetch(`${url}/healthz`);
  t.equal(health.status, 200);
  t.strictSame(await health.json(), { status: 'ok' }, 'the server lives');
});

t.test('without a socket a network fault is an error', async (t) => {
  const app: FastifyInstance = build(t);
  const asked = app.inject({ url: NGINX, headers: { 'x-api-key': KEY, prefer: 'fault=reset' } });
  await t.rejects(asked, { message: 'network fault: reset' });
});
