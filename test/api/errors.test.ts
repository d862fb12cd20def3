import { once } from 'node:events';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { maxHeaderSize } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { ApiError, ERRORS, type ErrorName, errorOf, REASONS, STEPS, stepOf } from '../../src/api/errors.js';
import type { Control } from '../../src/control.js';
import { writeFixtures } from '../../src/seed/write.js';
import { openStore, type Store } from '../../src/store/store.js';
import { ask, askRaw, build, checkContract, KEY, listen, makeControl, NGINX, seedStore, sendRaw } from '../helper.js';

const at = (ref: string, artifact: string, version: string, query = '') =>
  `/har/api/v1/registry/${ref}/+/artifact/${artifact}/+/version/${version}/details${query}`;

/** Builds an app and the control whose journal shows why a request got no 200. */
function buildWithControl(t: Test, store = seedStore(t)) {
  const control = makeControl(store);
  return { app: build(t, { store, control }), control };
}

const lastReason = (control: Control) => control.journal.list().at(-1)?.reason;

/** A store whose lookups throw. */
const breakStore = (t: Test): Store =>
  Object.create(seedStore(t), {
    find: {
      value() {
        throw new Error('canary: disk on fire');
      },
    },
  });

/** A logger, and the lines that it has written. */
function collectLog(level: string) {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return { lines, logger: pino({ level }, stream) };
}

t.test('every row of the catalogue makes an envelope', async (t) => {
  for (const name of Object.keys(ERRORS) as ErrorName[]) {
    const { status, message } = ERRORS[name];
    const plain = new ApiError(name);
    t.equal(plain.reason, name);
    t.equal(plain.status, status, name);
    t.strictSame(plain.envelope, { code: String(status), message });
    t.strictSame(new ApiError(name, { a: 1 }).envelope, { code: String(status), message, details: { a: 1 } });
  }
});

t.test('every reason belongs to a step, and errors of the admin API are no reasons', async (t) => {
  for (const reason of REASONS) t.ok(STEPS.includes(stepOf(reason)), reason);
  t.equal(stepOf('fault'), 'fault');
  t.equal(stepOf('notReady'), 'fault', 'without a step, it is the last one');
  t.notOk((REASONS as readonly string[]).includes('invalidFixture'));
});

t.test('an error without details is created once', async (t) => {
  t.equal(errorOf('keyMissing'), errorOf('keyMissing'));
  t.not(errorOf('keyMissing'), errorOf('keyUnknown'));
});

t.test('the journal says why a request got no 200, and the client does not learn it', async (t) => {
  const { app, control } = buildWithControl(t);
  const rows: [target: string, options: object, status: number, reason: string | undefined][] = [
    [NGINX, {}, 200, undefined],
    ['/nope', {}, 404, 'unknownRoute'],
    ['/__foo', {}, 404, 'unknownRoute'],
    ['/%ZZ', {}, 400, 'undecodable'],
    [NGINX, { method: 'POST' }, 405, 'methodNotAllowed'],
    [NGINX, { headers: { 'x-api-key': '' } }, 401, 'keyMissing'],
    [NGINX, { headers: { 'x-api-key': 'nobody' } }, 401, 'keyUnknown'],
    [NGINX, { headers: { 'x-api-key': 'pat.acme.old.local' } }, 401, 'keyExpired'],
    [NGINX, { headers: { 'x-api-key': 'pat.acme.lost.local' } }, 401, 'keyRevoked'],
    [NGINX, { headers: { 'x-api-key': '', authorization: `bearer ${KEY}` } }, 401, 'bearerOnly'],
    [`${NGINX}?artifact_type=`, {}, 400, 'invalidParameter'],
    [at('acme//x', 'x', '1'), {}, 400, 'invalidParameter'],
    [NGINX, { headers: { prefer: 'code=1' } }, 400, 'invalidPreference'],
    [NGINX, { headers: { 'x-mock-session': 'a,b' } }, 400, 'invalidParameter'],
    [at('other/reg', 'x', '1'), { headers: { 'x-api-key': 'sat.acme.web.local' } }, 403, 'scopeNotGranted'],
    [at('acme/nope', 'x', '1'), {}, 404, 'registryUnknown'],
    [at('acme/pypi', 'x', '1', '?artifact_type=model'), {}, 400, 'artifactTypeNotAllowed'],
    [at('acme/pypi', 'x', '1'), {}, 404, 'artifactUnknown'],
    [at('acme/labs/ml/hub', 'bert', 'v1'), {}, 404, 'artifactTypeMissing'],
    [NGINX.replace('1.25.3', '0'), {}, 404, 'versionUnknown'],
    [`${NGINX}?childVersion=x`, {}, 404, 'childUnknown'],
    [NGINX, { headers: { prefer: 'code=503' } }, 503, 'fault'],
    [NGINX, { headers: { prefer: 'status=FAILURE' } }, 200, undefined],
  ];
  for (const [target, options, status, reason] of rows) {
    const answer = await ask(t, app, target, options);
    t.equal(answer.status, status, target);
    t.match(control.journal.list().at(-1), { target, status, requestId: answer.headers['x-request-id'] });
    t.equal(lastReason(control), reason, target);
    t.notMatch(answer.text, /"reason":"[a-z]+[A-Z]/);
  }
  t.equal(control.journal.list({}).length, rows.length);
});

t.test('errors of the admin API are answered with the envelope, too', async (t) => {
  const { app, control } = buildWithControl(t);
  for (let count = 0; count < 1_000; count += 1) control.faults.arm({ fault: { code: 503 } });
  const post = (url: string, payload: string, method: 'POST' | 'PUT' = 'POST') =>
    ask(t, app, url, { method, payload, headers: { host: 'localhost', 'content-type': 'application/json' } });

  const limited = await post('/__admin/faults', '{"fault":{"code":503}}');
  t.equal(limited.status, 429);
  t.strictSame(limited.body, {
    code: '429',
    message: 'Limit reached',
    details: {
      field: 'armed faults',
      limit: 1_000,
      reason: 'limit of 1000 armed faults reached; disarm some or reset',
    },
  });

  const invalid = await post('/__admin/fixtures', '{\n "registries": [1]\n}', 'PUT');
  t.equal(invalid.status, 400);
  t.match(invalid.body, { message: 'invalid fixture', details: { problems: [{ line: 2, column: 17 }] } });

  const large = await post('/__admin/faults', ' '.repeat(2 ** 21));
  t.equal(large.status, 413);
  t.match(large.body, {
    message: 'Body too large',
    details: { limit: Number, reason: /^the body is larger than \d+ bytes$/ },
  });

  const unmet = await post('/__admin/verify', '{"requests":[{"count":1}]}');
  t.equal(unmet.status, 409);
  t.match(unmet.body, { message: 'Not as expected', details: { reasons: [/never hit/] } });

  const unknown = await ask(t, app, '/__admin/faults/4711', { headers: { host: 'localhost' } });
  t.equal(unknown.status, 404);
  t.match(unknown.body, { message: 'Armed fault not found' });

  const body = await post('/__admin/faults', '[]');
  t.equal(body.status, 400);
  t.match(body.body, { message: 'invalid parameter', details: { field: 'body' } });
});

t.test('the paths of the server itself are not recorded', async (t) => {
  const { app, control } = buildWithControl(t);
  for (const url of ['/healthz', '/openapi.json', '/docs', '/docs/nope', '/__admin/nope', '/__admin/%ZZ']) {
    await app.inject(url);
  }
  await app.inject({ method: 'POST', url: '/healthz' });
  t.equal(control.journal.list({}).length, 0);
});

t.test('a request that only a socket can send has its reason, too', async (t) => {
  const { app, control } = buildWithControl(t);
  const port = await listen(app);
  const rows: [lines: string[], status: number, reason: string][] = [
    [[`x-api-key: ${KEY}`], 400, 'hostMissing'],
    [['Host: x', ...Array(2_100).fill('a:b'), `x-api-key: ${KEY}`, 'x-api-key: another'], 401, 'keysDiffer'],
    [['Host: x', `x-api-key: ${KEY}`, 'x-api-key: another'], 401, 'keysDiffer'],
    [['Host: x', 'x-api-key:', 'x-api-key:'], 401, 'keyMissing'],
  ];
  for (const [lines, status, reason] of rows) {
    const head = [`GET ${NGINX} HTTP/1.1`, ...lines, 'Connection: close', '', ''].join('\r\n');
    const [answer] = await sendRaw(port, head);
    t.equal(answer?.status, status, reason);
    t.equal(lastReason(control), reason);
  }
  for (const version of ['0.9', '2.0']) {
    const [answer] = await sendRaw(port, `GET ${NGINX} HTTP/${version}\r\nHost: x\r\nx-api-key: ${KEY}\r\n\r\n`);
    t.equal(answer?.status, 505);
    t.strictSame(answer?.body, {
      code: '505',
      message: 'HTTP version not supported',
      details: { supported: ['1.0', '1.1'] },
    });
    t.equal(lastReason(control), 'versionNotSupported');
  }
});

t.test('an unforeseen error is a 500 with a constant message, and its cause is only logged', async (t) => {
  const { lines, logger } = collectLog('info');
  const store = breakStore(t);
  const control = makeControl(store);
  const answer = await ask(t, build(t, { store, control, logger }), NGINX);
  t.equal(answer.status, 500);
  t.strictSame(answer.body, { code: '500', message: 'Internal server error' });
  t.equal(lastReason(control), 'unforeseen');
  t.equal(lines.length, 1);
  t.match(JSON.parse(lines[0] as string), {
    level: 50,
    msg: 'request failed',
    reqId: answer.headers['x-request-id'],
    err: { message: 'canary: disk on fire' },
  });
  t.notMatch(lines.join(''), KEY);
});

t.test('a store file that is cut off is a 500 and a 503, logged once, until it is whole again', async (t) => {
  const file = `${t.testdir({})}/store.db`;
  const versions = Array.from({ length: 5_000 }, (_, index) => ({ version: `v${index}`, createdBy: 'x'.repeat(500) }));
  const registries = [{ ref: 'acme/go', packageType: 'GO' as const, artifacts: [{ name: 'a', versions }] }];
  const apiKeys = [{ key: KEY, name: 'k', grants: ['acme'] }];
  const seeded = openStore(file);
  writeFixtures([{ registries, apiKeys }], seeded.seed);
  seeded.close();
  const whole = readFileSync(file);
  const store = openStore(file);
  t.teardown(() => store.close());
  const { lines, logger } = collectLog('error');
  const app = build(t, { store, logger });
  const target = (index: number) => `/har/api/v1/registry/acme/go/+/artifact/a/version/v${index}/details`;

  for (const outage of [1, 2]) {
    truncateSync(file, 8_192);
    for (const index of [1_000 * outage, 1_500 * outage]) {
      const failed = await ask(t, app, target(index));
      t.equal(failed.status, 500);
      t.strictSame(failed.body, { code: '500', message: 'Internal server error' });
      const unready = await ask(t, app, '/readyz');
      t.equal(unready.status, 503);
      t.strictSame(unready.body, { code: '503', message: 'Not ready' });
    }
    t.equal(lines.length, outage, 'one line per outage');
    t.match(lines[outage - 1], 'store.db: ');
    writeFileSync(file, whole);
    const found = await ask(t, app, target(1_000 * outage));
    t.equal(found.status, 200, 'it recovers');
    t.match(found.body, { status: 'SUCCESS', data: { version: `v${1_000 * outage}` } });
    const ready = await app.inject('/readyz');
    t.equal(ready.statusCode, 200);
    t.strictSame(ready.json(), { status: 'ok' });
  }
});

t.test('an unsupported version of HTTP is no failure in the log', async (t) => {
  const { lines, logger } = collectLog('trace');
  const port = await listen(build(t, { logger }));
  const [answer] = await sendRaw(port, `GET ${NGINX} HTTP/0.9\r\nHost: x\r\n\r\n`);
  t.equal(answer?.status, 505);
  t.strictSame(lines, []);
});

t.test('the first TLS handshake on the HTTP port is logged, once', async (t) => {
  const { lines, logger } = collectLog('info');
  const port = await listen(build(t, { logger }));
  const garbage = await sendRaw(port, 'nonsense\r\n\r\n');
  t.equal(garbage[0]?.status, 400);
  t.strictSame(lines, []);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const tls = connectTls({ port, host: '127.0.0.1' });
    const [{ code }] = await once(tls, 'error');
    t.match(code, /^ERR_SSL_/);
  }
  const [first, ...more] = lines.map((text) => JSON.parse(text));
  const msg = 'a client sent a TLS handshake, and this port serves HTTP without TLS: use http:// and not https://';
  t.match(first, { level: 40, msg });
  t.strictSame(more, []);
});

t.test('every kind of answer has an x-request-id, and JSON has no charset', async (t) => {
  const app = build(t);
  const host = 'localhost';
  const rows: [name: string, request: object, status: number, type?: string][] = [
    ['a version', { url: NGINX }, 200],
    ['a HEAD request', { url: NGINX, method: 'HEAD' }, 200],
    ['a failed status', { url: NGINX, headers: { prefer: 'status=ERROR' } }, 200],
    ['a fault', { url: NGINX, headers: { prefer: 'code=503' } }, 503],
    ['an invalid preference', { url: NGINX, headers: { prefer: 'code=1' } }, 400],
    ['an invalid parameter', { url: `${NGINX}?artifact_type=` }, 400],
    ['an undecodable target', { url: '/%ZZ' }, 400],
    ['no key', { url: NGINX, headers: { 'x-api-key': '' } }, 401],
    ['no grant', { url: at('other/reg', 'x', '1') }, 403],
    ['an unknown version', { url: NGINX.replace('1.25.3', '0') }, 404],
    ['no route', { url: '/nope' }, 404],
    ['another method', { url: NGINX, method: 'POST' }, 405],
    ['health', { url: '/healthz' }, 200],
    ['readiness', { url: '/readyz' }, 200],
    ['the document', { url: '/openapi.json' }, 200],
    ['the document in YAML', { url: '/openapi.yaml' }, 200, 'application/yaml; charset=utf-8'],
    ['the docs', { url: '/docs' }, 200, 'text/html; charset=utf-8'],
    ['the document of the docs', { url: '/docs/json' }, 200],
    ['no file of the docs', { url: '/docs/nope' }, 404],
    ['an undecodable path of the docs', { url: '/docs/%ZZ' }, 400],
    ['the admin API', { url: '/__admin/faults', headers: { host } }, 200],
    ['an answer without content', { url: '/__admin/faults', method: 'DELETE', headers: { host } }, 204, ''],
    ['an invalid query of the admin API', { url: '/__admin/journal?x=1', headers: { host } }, 400],
    ['no route of the admin API', { url: '/__admin/nope', headers: { host } }, 404],
    ['a foreign host at the admin API', { url: '/__admin/faults', headers: { host: 'evil.test' } }, 403],
    ['the document of the admin API', { url: '/__admin/openapi.json', headers: { host } }, 200],
  ];
  for (const [name, request, status, type = 'application/json'] of rows) {
    const headers = { 'x-api-key': KEY, ...(request as { headers?: object }).headers, 'x-request-id': 'trace-1' };
    const answer = await app.inject({ ...request, headers });
    t.equal(answer.statusCode, status, name);
    t.equal(answer.headers['content-type'] ?? '', type, name);
    t.equal(answer.headers['x-request-id'], 'trace-1', name);
  }
});

t.test("the client's x-request-id is sent back if it is valid; otherwise the server makes one", async (t) => {
  const { app, control } = buildWithControl(t);
  const ours = /^[0-9a-f]{6}-[0-9a-z]+$/;
  const idFor = async (id: string | undefined, url = NGINX) => {
    const answer = await ask(t, app, url, { headers: id === undefined ? {} : { 'x-request-id': id } });
    return answer.headers['x-request-id'] as string;
  };
  for (const id of ['a', '!"#$%&~', 'x'.repeat(128), '0f8fad5b-d9cb-469f-a165-70867728950e']) {
    for (const url of [NGINX, '/nope', '/%ZZ']) t.equal(await idFor(id, url), id, `${url} ${id}`);
  }
  const made = new Set<string>();
  for (const id of [undefined, '', 'two words', 'x'.repeat(129), 'é', 'a\tb']) {
    for (const url of [NGINX, '/nope', '/%ZZ', '/docs/nope', '/docs/%ZZ']) {
      const found = await idFor(id, url);
      t.match(found, ours, `${url} ${JSON.stringify(id)}`);
      made.add(found);
    }
  }
  t.equal(made.size, 30, 'no id is made twice');
  t.equal(control.journal.list().at(-1)?.requestId.length, [...made].at(-3)?.length);

  const port = await listen(app);
  const twice = await askRaw(port, NGINX, 'GET', ['x-request-id: a', 'x-request-id: b']);
  t.equal(twice.status, 200);
  t.match(twice.headers['x-request-id'], ours, 'two ids are no id');
  const refused = await askRaw(port, '/a b', 'GET', ['x-request-id: trace-1']);
  t.equal(refused.status, 400);
  t.match(refused.headers['x-request-id'], ours, 'the parser has not read the headers');
});

/** Waits for the next connection of an app, on its side. */
async function nextConnection(app: ReturnType<typeof build>): Promise<Socket> {
  const [socket] = await once(app.server, 'connection');
  return socket as Socket;
}

t.test('a request that does not arrive in time is a 408, wherever it stops', async (t) => {
  const { app } = buildWithControl(t);
  const port = await listen(app);
  t.equal(app.server.requestTimeout, 60_000);
  t.equal(app.server.headersTimeout, 60_000);
  const put = 'PUT /__admin/fixtures HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
  const rows = {
    'half a line': 'GET / HTTP/1.1\r\nHost',
    'half a head': put,
    'half a body': `${put}Content-Length: 9\r\n\r\n{`,
  };
  for (const [name, bytes] of Object.entries(rows)) {
    const connected = nextConnection(app);
    const answers = sendRaw(port, bytes);
    const socket = await connected;
    if (name === 'half a body') await once(app.server, 'request');
    app.server.emit('clientError', Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket);
    const [answer] = await answers;
    t.equal(answer?.status, 408, name);
    t.strictSame(answer?.body, { code: '408', message: 'Request timeout' });
    if (answer !== undefined) checkContract(t, answer);
  }
});

t.test('a client that breaks off in the middle of a request gets no answer, and the server lives', async (t) => {
  const { app } = buildWithControl(t);
  const port = await listen(app);
  const failed = once(app.server, 'clientError');
  const connected = nextConnection(app);
  const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost'));
  await once(await connected, 'data');
  socket.resetAndDestroy();
  const [error] = await failed;
  t.match(error, { code: 'ECONNRESET' });
  t.equal((await askRaw(port, NGINX)).status, 200);
});

t.test('the limits of connections and of headers are constants', async (t) => {
  const { app } = buildWithControl(t);
  const port = await listen(app);
  t.equal(app.server.maxConnections, 16_384);
  const long = 'x'.repeat(maxHeaderSize);
  const target = await askRaw(port, `/${long}`);
  t.equal(target.status, 414);
  t.strictSame(target.body, { code: '414', message: 'Target too long', details: { limit: maxHeaderSize } });
  checkContract(t, target);
  const header = await askRaw(port, NGINX, 'GET', [`x: ${long}`]);
  t.equal(header.status, 431);
  t.strictSame(header.body, {
    code: '431',
    message: 'Request header fields too large',
    details: { limit: maxHeaderSize },
  });
  checkContract(t, header);
  t.equal((await askRaw(port, `/${long.slice(1_000)}`)).status, 404);
});

t.test('a request that arrives while the server closes is served, on a connection that then closes', async (t) => {
  const { app } = buildWithControl(t);
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  app.get('/held', async () => {
    await held;
    return { status: 'held' };
  });
  const port = await listen(app);
  const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`;
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk;
  });
  const ended = once(socket, 'close');
  const first = once(app.server, 'request');
  socket.write(get('/held'));
  await first;
  const closed = app.close();
  const second = once(app.server, 'request');
  socket.write(get('/healthz'));
  await second;
  release();
  await closed;
  await ended;
  t.match(received, /^HTTP\/1\.1 200 OK\r\n.*\{"status":"held"\}HTTP\/1\.1 200 OK\r\n.*\{"status":"ok"\}$/s);
  t.match(received, /connection: close\r\n.*\{"status":"ok"\}$/is);
});

t.test('closing does not wait for idle connections', async (t) => {
  const { app } = buildWithControl(t);
  const port = await listen(app);
  const socket = connect(port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.write(`GET ${NGINX} HTTP/1.1\r\nHost: x\r\nx-api-key: ${KEY}\r\n\r\n`);
  const [answer] = await once(socket, 'data');
  t.match(String(answer), /^HTTP\/1\.1 200 OK\r\n.*connection: keep-alive\r\n/is);
  const ended = once(socket, 'close');
  await app.close();
  await ended;
  t.pass('the server closed the connection');
});
