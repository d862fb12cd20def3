import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { GATEWAY_NAMES, type GatewayName } from '../../src/faults/answers.js';
import type { Fault } from '../../src/faults/fault.js';
import type { FaultRule } from '../../src/faults/rule.js';
import { ask, build, KEY, listen, makeControl, NGINX, NGINX_BODY, seedStore } from '../helper.js';

const at = (artifact: string, version: string) =>
  `/har/api/v1/registry/acme/labs/unreliable/+/artifact/${artifact}/version/${version}/details`;

const UNKNOWN_VERSION = NGINX.replace('1.25.3', '0');
const VERSION_NOT_FOUND = { code: '404', message: 'Artifact version not found' };
const BAD_GATEWAY = { code: '502', message: 'Bad Gateway' };

const bodyOf = (name: string, version: string, status = 'SUCCESS') => ({
  status,
  data: { version, packageType: 'GENERIC', name, isQuarantined: false },
});

/** Builds an app with its control, and a function that arms a fault for the next request. */
function buildWithControl(t: Test) {
  const store = seedStore(t);
  const control = makeControl(store);
  const armOnce = (fault: Fault) => control.faults.arm({ fault, times: 1 });
  return { app: build(t, { store, control }), control, armOnce };
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

t.test('a version of a fixture answers with its error', async (t) => {
  const app = build(t);
  for (const [code, body, retryAfter] of ERRORS) {
    const answer = await ask(t, app, at('error', String(code)));
    t.equal(answer.status, code);
    t.strictSame(answer.body, { code: String(code), ...body }, String(code));
    t.equal(answer.headers['retry-after'], retryAfter);
    t.equal(answer.headers['preference-applied'], undefined);
  }
});

t.test('a request gets the error in its Prefer header, whether the version exists or not', async (t) => {
  const app = build(t);
  const nowhere = '/har/api/v1/registry/acme/nowhere/+/artifact/x/version/1/details';
  const rows: [prefer: string, code: number, message: string, retryAfter?: string][] = [
    ['code=400', 400, 'Bad Request'],
    ['code=404', 404, 'Not Found'],
    ['code=429', 429, 'Too Many Requests'],
    ['code=429, retry-after=2', 429, 'Too Many Requests', '2'],
    ['code=503', 503, 'Service Unavailable'],
    ['code=599', 599, 'Fault'],
  ];
  for (const target of [NGINX, nowhere, at('error', '502')]) {
    for (const [prefer, code, message, retryAfter] of rows) {
      const answer = await ask(t, app, target, preferring(prefer));
      t.equal(answer.status, code);
      t.strictSame(answer.body, { code: String(code), message });
      t.equal(answer.headers['retry-after'], retryAfter);
      t.equal(answer.headers['preference-applied'], prefer);
    }
  }
});

t.test('a request gets the error that is armed for it', async (t) => {
  const { app, armOnce } = buildWithControl(t);
  for (const [code, , retryAfter] of ERRORS) {
    const own = { message: 'own words', details: { a: [1] } };
    armOnce({ code, ...own, ...(retryAfter && { retryAfter: Number(retryAfter) }) });
    const answer = await ask(t, app, NGINX);
    t.equal(answer.status, code);
    t.strictSame(answer.body, { code: String(code), ...own });
    t.equal(answer.headers['retry-after'], retryAfter);
  }
});

t.test('key, grant and syntax are checked before any fault', async (t) => {
  const { app, control } = buildWithControl(t);
  control.faults.arm({ fault: { code: 502 } });
  const invalid = { field: 'artifact_type', value: '', reason: 'must be given once and be exactly model or dataset' };
  const rows: [target: string, key: string, body: object][] = [
    [NGINX, 'unknown', { code: '401', message: 'unauthorized' }],
    [NGINX.replace('acme/', 'other/'), KEY, { code: '403', message: 'forbidden' }],
    [`${NGINX}?artifact_type=`, KEY, { code: '400', message: 'invalid parameter', details: invalid }],
  ];
  for (const [target, key, body] of rows) {
    const answer = await ask(t, app, target, { headers: { prefer: 'code=503', 'x-api-key': key } });
    t.strictSame(answer.body, body);
    t.equal(answer.headers['preference-applied'], undefined);
  }
  t.strictSame(control.faults.list(), [{ id: 1, fault: { code: 502 }, hits: 0 }]);
});

t.test('the Prefer header comes first, then armed faults, then the fault of the fixture', async (t) => {
  const { app, control } = buildWithControl(t);
  control.faults.arm({ fault: { code: 502 } });
  const rows: [target: string, prefer: string | undefined, status: number, message: string][] = [
    [NGINX, 'code=503', 503, 'Service Unavailable'],
    [at('error', '504'), undefined, 502, 'Bad Gateway'],
    [UNKNOWN_VERSION, undefined, 502, 'Bad Gateway'],
  ];
  for (const [target, prefer, status, message] of rows) {
    const answer = await ask(t, app, target, prefer === undefined ? {} : preferring(prefer));
    t.equal(answer.status, status);
    t.strictSame(answer.body, { code: String(status), message });
  }
  t.strictSame(control.faults.list(), [{ id: 1, fault: { code: 502 }, hits: 2 }]);
  control.faults.clear();
  const carried = await ask(t, app, at('error', '502'));
  t.equal(carried.status, 502);
  t.strictSame(carried.body, BAD_GATEWAY);
});

t.test('a 200 can say that it failed', async (t) => {
  const { app, armOnce } = buildWithControl(t);
  for (const status of ['FAILURE', 'ERROR'] as const) {
    const carried = await ask(t, app, at('status', status));
    t.equal(carried.status, 200);
    t.strictSame(carried.body, bodyOf('status', status, status));
    const preferred = await ask(t, app, NGINX, preferring(`status=${status}`));
    t.equal(preferred.status, 200);
    t.strictSame(preferred.body, { ...NGINX_BODY, status });
    armOnce({ status });
    const armed = await ask(t, app, NGINX);
    t.equal(armed.status, 200);
    t.strictSame(armed.body, { ...NGINX_BODY, status });
  }
});

t.test('a fault that needs a version does not happen without one, and is not used up', async (t) => {
  const { app, control } = buildWithControl(t);
  for (const fault of [{ status: 'ERROR' }, { network: 'truncated' }] satisfies Fault[]) {
    const { id } = control.faults.arm({ fault, times: 1 });
    const missed = await ask(t, app, UNKNOWN_VERSION);
    t.equal(missed.status, 404);
    t.strictSame(missed.body, VERSION_NOT_FOUND);
    t.strictSame(control.faults.list(), [{ id, fault, times: 1, hits: 0, left: 1 }]);
    control.faults.clear();
  }
  for (const prefer of ['status=ERROR', 'fault=truncated']) {
    const missed = await ask(t, app, UNKNOWN_VERSION, preferring(prefer));
    t.equal(missed.status, 404);
    t.strictSame(missed.body, VERSION_NOT_FOUND);
    t.equal(missed.headers['preference-applied'], undefined);
  }
  t.strictSame(
    control.journal.list().map(({ fault }) => fault),
    [undefined, undefined, undefined, undefined],
  );
});

t.test('an armed delay and then an armed 503: the 503 is late, and both are hit', async (t) => {
  const { app, control } = buildWithControl(t);
  control.faults.arm({ fault: { delay: 2 } });
  control.faults.arm({ fault: { code: 503 } });
  const answer = await ask(t, app, NGINX);
  t.equal(answer.status, 503);
  t.strictSame(answer.body, { code: '503', message: 'Service Unavailable' });
  t.strictSame(
    control.faults.list().map(({ hits }) => hits),
    [1, 1],
  );
  t.strictSame(control.journal.list()[0]?.fault, { trigger: 'armed', id: 2, fault: { code: 503, delay: 2 } });
  control.verify({ requests: [{ match: { status: 503, fault: 'armed' }, count: 1 }] });
});

t.test('all delays add up: of the Prefer header, of armed faults and of the fixture', async (t) => {
  const { app, control, armOnce } = buildWithControl(t);
  armOnce({ delay: 1 });
  armOnce({ delay: { min: 2, max: 2 } });
  const carried = await ask(t, app, at('error', '502'), preferring('delay=3'));
  t.equal(carried.status, 502);
  t.strictSame(carried.body, BAD_GATEWAY);
  t.equal(carried.headers['preference-applied'], 'delay=3');
  t.strictSame(control.journal.list()[0]?.fault, { trigger: 'data', fault: { code: 502, delay: 6 } });
  t.strictSame(
    control.faults.list().map(({ left }) => left),
    [0, 0],
  );

  armOnce({ code: 500, delay: 1 });
  const armed = await ask(t, app, NGINX, preferring('delay=1'));
  t.equal(armed.status, 500);
  t.strictSame(armed.body, { code: '500', message: 'Internal server error' });
  t.equal(armed.headers['preference-applied'], 'delay=1');
  t.strictSame(control.journal.list()[1]?.fault, { trigger: 'armed', id: 3, fault: { code: 500, delay: 2 } });

  const missed = await ask(t, app, UNKNOWN_VERSION, preferring('delay=1'));
  t.equal(missed.status, 404);
  t.strictSame(missed.body, VERSION_NOT_FOUND);
  t.strictSame(control.journal.list()[2]?.fault, { trigger: 'prefer', fault: { delay: 1 } });
});

t.test('only the first armed outcome happens, and the others are not used up', async (t) => {
  const { app, control, armOnce } = buildWithControl(t);
  armOnce({ code: 500 });
  armOnce({ code: 502 });
  for (const [status, message] of [
    [500, 'Internal server error'],
    [502, 'Bad Gateway'],
  ]) {
    const answer = await ask(t, app, NGINX);
    t.equal(answer.status, status);
    t.strictSame(answer.body, { code: String(status), message });
  }
  const after = await ask(t, app, NGINX);
  t.equal(after.status, 200);
  t.strictSame(after.body, NGINX_BODY);
  t.strictSame(
    control.faults.list().map(({ hits, left }) => [hits, left]),
    [
      [1, 0],
      [1, 0],
    ],
  );
});

t.test('a sequence fails, lets a request pass, and fails again', async (t) => {
  const { app, control } = buildWithControl(t);
  const sequence: FaultRule['sequence'] = [{ code: 500 }, 'pass', { status: 'FAILURE' }];
  control.faults.arm({ sequence });
  control.faults.arm({ fault: { code: 502 }, times: 1 });
  const answers: unknown[] = [];
  for (let asked = 0; asked < 4; asked += 1) answers.push((await ask(t, app, NGINX)).body);
  t.strictSame(answers, [
    { code: '500', message: 'Internal server error' },
    NGINX_BODY,
    { ...NGINX_BODY, status: 'FAILURE' },
    BAD_GATEWAY,
  ]);
  t.strictSame(control.faults.list(), [
    { id: 1, sequence, hits: 3, left: 0 },
    { id: 2, fault: { code: 502 }, times: 1, hits: 1, left: 0 },
  ]);
  t.strictSame(control.journal.list()[1]?.fault, undefined, 'a pass is no fault');
});

t.test('a percentage that is not drawn lets the next rule match', async (t) => {
  const { app, control } = buildWithControl(t);
  control.faults.arm({ fault: { code: 503 }, percentage: 50 });
  control.faults.arm({ fault: { code: 502 } });
  const statuses: number[] = [];
  for (let asked = 0; asked < 20; asked += 1) statuses.push((await ask(t, app, NGINX)).status);
  const hits = (status: number) => statuses.filter((found) => found === status).length;
  t.ok(hits(503) > 0 && hits(502) > 0);
  t.strictSame(
    control.faults.list().map((fault) => fault.hits),
    [hits(503), hits(502)],
  );
  control.reset();
  control.faults.arm({ fault: { code: 503 }, percentage: 50 });
  const again: number[] = [];
  for (let asked = 0; asked < 20; asked += 1) again.push((await ask(t, app, NGINX)).status);
  t.strictSame(
    again,
    statuses.map((status) => (status === 503 ? 503 : 200)),
    'a reset starts the generator again',
  );
});

t.test('a late answer is the same answer', async (t) => {
  const { app, armOnce } = buildWithControl(t);
  for (const version of ['fixed', 'uniform', 'log-normal']) {
    const answer = await ask(t, app, at('slow', version));
    t.equal(answer.status, 200);
    t.strictSame(answer.body, bodyOf('slow', version));
  }
  const late = await ask(t, app, NGINX, preferring('delay=20'));
  t.equal(late.status, 200);
  t.strictSame(late.body, NGINX_BODY);
  for (const delay of [20, { min: 1, max: 2 }, { median: 2, sigma: 1 }]) {
    armOnce({ delay });
    const armed = await ask(t, app, NGINX);
    t.equal(armed.status, 200);
    t.strictSame(armed.body, NGINX_BODY);
  }
  const missed = await ask(t, app, at('slow', 'unknown'), preferring('delay=1-2'));
  t.equal(missed.status, 404);
  t.strictSame(missed.body, VERSION_NOT_FOUND);
});

t.test('an invalid Prefer header is a 400, and can be switched off', async (t) => {
  const bad = await ask(t, build(t), NGINX, preferring('code=teapot'));
  t.equal(bad.status, 400);
  const details = {
    field: 'Prefer',
    value: 'code=teapot',
    reason: 'expected the HTTP status of an error, from 400 to 599',
  };
  t.strictSame(bad.body, { code: '400', message: 'invalid parameter', details });

  const off = build(t, { prefer: 'off' });
  for (const prefer of ['code=teapot', 'code=503']) {
    const answer = await ask(t, off, NGINX, preferring(prefer));
    t.equal(answer.status, 200);
    t.strictSame(answer.body, NGINX_BODY);
  }
  const carried = await ask(t, off, at('error', '502'));
  t.equal(carried.status, 502);
  t.strictSame(carried.body, BAD_GATEWAY, 'fixtures keep their faults');
});

/** Sends a request over a socket; resolves with all bytes that came back and how the connection ended. */
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

t.test('a network fault breaks the connection, whatever triggers it', async (t) => {
  const { app, control, armOnce } = buildWithControl(t);
  const port = await listen(app);
  const checks: Record<
    'reset' | 'empty' | 'truncated' | 'garbage',
    (t: Test, received: { text: string; end: string }) => void
  > = {
    reset: (t, received) => t.strictSame(received, { text: '', end: 'ECONNRESET' }),
    empty: (t, received) => t.strictSame(received, { text: '', end: 'end' }),
    truncated(t, { text, end }) {
      const [head = '', body = ''] = text.split('\r\n\r\n');
      t.match(head, /^HTTP\/1\.1 200 OK\r\n/);
      t.match(head, /^content-type: application\/json$/m);
      const length = Number(/content-length: (\d+)/.exec(head)?.[1]);
      t.equal(body.length, Math.floor(length / 2));
      t.match(body, /^\{"status":"SUCCESS"/);
      t.equal(end, 'end');
    },
    garbage: (t, received) => t.strictSame(received, { text: '\x16\x03\x01 this is not HTTP\r\n\x00\xff', end: 'end' }),
  };
  for (const network of ['reset', 'empty', 'truncated', 'garbage'] as const) {
    const check = checks[network];
    await t.test(`${network} by data`, async (t) => check(t, await receive(port, at('network', network))));
    await t.test(`${network} by preference`, async (t) =>
      check(t, await receive(port, NGINX, `Prefer: fault=${network}`)),
    );
    await t.test(`${network} by arming`, async (t) => {
      armOnce({ network });
      check(t, await receive(port, NGINX));
    });
  }
  const entries = control.journal.list().map(({ status, reason, fault }) => [status, reason, fault?.trigger]);
  t.strictSame(
    entries,
    Object.keys(checks).flatMap(() => ['data', 'prefer', 'armed'].map((trigger) => [undefined, 'fault', trigger])),
    'an incomplete answer has no status',
  );
  const other = await fetch(`http://127.0.0.1:${port}${NGINX}`, { headers: { 'x-api-key': KEY } });
  t.equal(other.status, 200, 'the server still answers');
  t.strictSame(await other.json(), NGINX_BODY);
});

t.test('an HTTP client reports an error for a network fault', async (t) => {
  const { app, armOnce } = buildWithControl(t);
  const url = `http://127.0.0.1:${await listen(app)}`;
  const read = async (target: string, headers = {}) =>
    (await fetch(url + target, { headers: { 'x-api-key': KEY, ...headers } })).text();
  for (const network of ['reset', 'empty', 'truncated', 'garbage'] as const) {
    await t.rejects(read(at('network', network)), TypeError, `${network} by data`);
    await t.rejects(read(NGINX, { prefer: `fault=${network}` }), TypeError, `${network} by preference`);
    armOnce({ network });
    await t.rejects(read(NGINX), TypeError, `${network} by arming`);
  }
});

t.test('a stall or a delay ends when the client leaves', async (t) => {
  const { app, armOnce, control } = buildWithControl(t);
  const url = `http://127.0.0.1:${await listen(app)}`;
  const armed = '?armed';
  for (const [target, prefer] of [
    [NGINX + armed, 'wait=1'],
    [at('network', 'stall'), 'wait=1'],
    [NGINX, 'fault=stall'],
    // The process of this test would wait as long if the delay did not end with the connection.
    [NGINX, 'delay=600000'],
  ] as const) {
    if (target.endsWith(armed)) armOnce({ network: 'stall' });
    const gone = new AbortController();
    app.server.once('request', () => setTimeout(() => gone.abort(), 20));
    const answer = fetch(url + target, { headers: { 'x-api-key': KEY, prefer }, signal: gone.signal });
    await t.rejects(answer, { name: 'AbortError' });
  }
  t.equal(
    await control.journal.waitFor({ fault: 'prefer' }, { count: 2 }),
    2,
    'a request without an answer is recorded',
  );
  t.strictSame(
    control.journal.list().map(({ status }) => status),
    [undefined, undefined, undefined, undefined],
  );
  const health = await fetch(`${url}/healthz`);
  t.equal(health.status, 200);
  t.strictSame(await health.json(), { status: 'ok' }, 'the server still answers');
});

t.test('without a socket, a network fault is a rejected promise', async (t) => {
  const { app, armOnce } = buildWithControl(t);
  for (const network of ['reset', 'empty', 'truncated', 'garbage', 'stall'] as const) {
    const message = `network fault: ${network}`;
    await t.rejects(ask(t, app, NGINX, preferring(`fault=${network}`)), { message });
    await t.rejects(ask(t, app, at('network', network)), { message });
    armOnce({ network });
    await t.rejects(ask(t, app, NGINX), { message });
  }
});

const REFUSED_TOKEN =
  '{"status":"ERROR","code":"INVALID_TOKEN","message":"Token is not valid.","correlationId":null,"detailedMessage":null,"responseMessages":[{"code":"INVALID_TOKEN","level":"ERROR","message":"Token is not valid.","exception":null,"failureTypes":[]}],"metadata":null}';
const EXPIRED_TOKEN = REFUSED_TOKEN.replaceAll('INVALID_TOKEN', 'EXPIRED_TOKEN').replaceAll(
  'Token is not valid.',
  'Token expired.',
);
const denied = (registry: string, account: string, org: string, project: string) =>
  `{"status":"ERROR","code":"NG_ACCESS_DENIED","message":"Missing permission artifact_artregistry_view on ARTIFACT_REGISTRY with identifier ${registry}","correlationId":"UUID","detailedMessage":null,"responseMessages":[],"metadata":null,"failedPermissionChecks":[{"resourceScope":{"accountIdentifier":${account},"orgIdentifier":${org},"projectIdentifier":${project}},"resourceType":"ARTIFACT_REGISTRY","resourceIdentifier":"${registry}","permission":"artifact_artregistry_view"}]}`;
const armor = (status: number, words: string) =>
  `<!doctype html><meta charset="utf-8"><meta name=viewport content="width=device-width, initial-scale=1"><title>${status}</title>${status} ${words}`;
const LOGIN = /^<!doctype html>.*<script>.*auth\/#\/signin.*<\/script>/;
const UUID = /[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}/;

const JSON_TYPE = 'application/json';
const FRONT: [name: GatewayName, status: number, type: string, body: string | RegExp][] = [
  ['invalidToken', 401, JSON_TYPE, REFUSED_TOKEN],
  ['expiredToken', 401, JSON_TYPE, EXPIRED_TOKEN],
  ['accessDenied', 403, JSON_TYPE, denied('images', '"acme"', '"platform"', '"web"')],
  ['armor403', 403, 'text/html; charset=UTF-8', armor(403, 'Forbidden')],
  ['armor429', 429, 'text/html; charset=UTF-8', armor(429, 'Too Many Requests')],
  ['loginPage', 401, 'text/html', LOGIN],
  ['loginPage200', 200, 'text/html', LOGIN],
  ['badGateway200', 200, 'text/html', '<html><body><h1>502 Bad Gateway</h1></body></html>'],
  ['badGateway', 502, 'text/html', /^<html>\r\n<head><title>502 Bad Gateway<\/title>.*nginx/s],
];

t.test('a gateway fault answers as the hosted front, by every trigger', async (t) => {
  const store = seedStore(t);
  const control = makeControl(store);
  const app = build(t, { store, control });
  control.fixtures.merge({
    registries: [
      {
        ref: 'acme/platform/web/images',
        packageType: 'DOCKER',
        artifacts: [{ name: 'front', versions: FRONT.map(([gateway]) => ({ version: gateway, fault: { gateway } })) }],
      },
    ],
  });
  t.strictSame(
    FRONT.map(([name]) => name),
    GATEWAY_NAMES,
  );
  const origin = { origin: 'http://localhost:5173' };
  for (const [gateway, status, type, body] of FRONT) {
    const inFixture = `/har/api/v1/registry/acme/platform/web/images/+/artifact/front/version/${gateway}/details`;
    const send = (url: string, trigger: string, headers = {}) =>
      ask(t, app, url, { type, headers: { ...origin, ...headers } }).then((answer) => ({ ...answer, trigger }));
    const preferred = await send(NGINX, 'prefer', { prefer: `gateway=${gateway}` });
    t.equal(preferred.headers['preference-applied'], `gateway=${gateway}`);
    const { id } = control.faults.arm({ fault: { gateway } });
    const armed = await send(UNKNOWN_VERSION, 'armed');
    control.faults.disarm(id);
    const declared = await send(inFixture, 'data');
    for (const { status: found, text, headers, trigger } of [preferred, armed, declared]) {
      t.equal(found, status, `${gateway} by ${trigger}`);
      if (typeof body === 'string') t.equal(text.replace(UUID, 'UUID'), body);
      else t.match(text, body);
      t.equal(headers['access-control-allow-origin'], origin.origin);
      t.equal(headers['retry-after'], undefined);
    }
    t.strictSame(
      control.journal
        .list({ since: control.journal.list().length - 3 })
        .map(({ status, reason, fault }) => [status, reason, fault?.trigger, fault?.fault]),
      ['prefer', 'armed', 'data'].map((trigger) => [status, 'fault', trigger, { gateway }]),
    );
  }
});

t.test('the hosted front names the scope of the request, and every answer has an id of its own', async (t) => {
  const app = build(t);
  const scopes: [ref: string, body: string][] = [
    ['acme/pypi', denied('pypi', '"acme"', 'null', 'null')],
    ['acme/org/pypi', denied('pypi', '"acme"', '"org"', 'null')],
  ];
  const ids = new Set<string | undefined>();
  for (const [ref, body] of scopes) {
    const url = `/har/api/v1/registry/${ref}/+/artifact/x/version/1/details`;
    const { text } = await ask(t, app, url, { type: JSON_TYPE, headers: { prefer: 'gateway=accessDenied' } });
    t.equal(text.replace(UUID, 'UUID'), body);
    ids.add(UUID.exec(text)?.[0]);
  }
  t.equal(ids.size, 2);
});

t.test('a raw fault sends its whole answer', async (t) => {
  const { app, control, armOnce } = buildWithControl(t);
  const rows: [raw: NonNullable<Fault['raw']>, type: string, headers: object][] = [
    [{ status: 200, contentType: 'text/html; charset=UTF-8', body: '<h1>é</h1>' }, 'text/html; charset=UTF-8', {}],
    [{ status: 503, body: 'down' }, 'text/plain; charset=utf-8', { 'content-length': '4' }],
    [{ status: 502, contentType: 'application/json', body: '{"code":' }, 'application/json', {}],
    [{ status: 302, headers: { Location: '/x', 'X-Empty': '' } }, '', { location: '/x', 'x-empty': '' }],
    [{ status: 204, headers: { 'x-a': 'b' } }, '', { 'x-a': 'b', 'content-length': undefined }],
    [{ status: 205, contentType: 'text/html' }, '', { 'content-length': '0' }],
    [{ status: 304 }, '', {}],
    [{ status: 401, contentType: 'text/html' }, 'text/html', { 'content-length': '0' }],
  ];
  for (const [raw, type, headers] of rows) {
    armOnce({ raw });
    const response = await app.inject({ url: NGINX, headers: { 'x-api-key': KEY, origin: 'http://localhost:1' } });
    t.equal(response.statusCode, raw.status);
    t.equal(response.body, raw.body ?? '');
    t.equal(response.headers['content-type'] ?? '', type);
    t.match(response.headers, { 'x-request-id': String, 'access-control-allow-origin': 'http://localhost:1' });
    for (const [name, value] of Object.entries(headers)) t.equal(response.headers[name], value, name);
    const { status, reason, fault } = control.journal.list().at(-1) ?? {};
    const { body: _body, headers: _headers, ...shown } = raw;
    t.strictSame([status, reason, fault?.fault], [raw.status, 'fault', { raw: shown }]);
  }
});

t.test('the answer of a fault to a HEAD has the headers and no body', async (t) => {
  const { app, armOnce } = buildWithControl(t);
  armOnce({ raw: { status: 503, body: 'down' } });
  armOnce({ gateway: 'badGateway200' });
  armOnce({ raw: { status: 204, contentType: 'text/html' } });
  armOnce({ raw: { status: 304 } });
  const rows: [status: number, type: string, length: string | undefined][] = [
    [503, 'text/plain; charset=utf-8', '4'],
    [200, 'text/html', '50'],
    [204, '', undefined],
    [304, '', undefined],
  ];
  for (const [status, type, length] of rows) {
    const { headers, text, status: found } = await ask(t, app, NGINX, { method: 'HEAD', type });
    t.strictSame([found, text, headers['content-length']], [status, '', length]);
  }
});

t.test('with --errors hosted, the 401 and 403 of the call have the form of the hosted front', async (t) => {
  const store = seedStore(t);
  const control = makeControl(store);
  const app = build(t, { store, control, errors: 'hosted' });
  const foreign = '/har/api/v1/registry/other/org/reg/+/artifact/x/version/1/details';
  const rows: [url: string, headers: Record<string, string>, status: number, body: string, reason: string][] = [
    [NGINX, { 'x-api-key': '' }, 401, REFUSED_TOKEN, 'keyMissing'],
    [NGINX, { 'x-api-key': '', authorization: 'Bearer x' }, 401, REFUSED_TOKEN, 'bearerOnly'],
    [NGINX, { 'x-api-key': 'nobody' }, 401, REFUSED_TOKEN, 'keyUnknown'],
    [NGINX, { 'x-api-key': 'pat.acme.lost.local' }, 401, REFUSED_TOKEN, 'keyRevoked'],
    [NGINX, { 'x-api-key': 'pat.acme.old.local' }, 401, EXPIRED_TOKEN, 'keyExpired'],
    [foreign, {}, 403, denied('reg', '"other"', '"org"', 'null'), 'scopeNotGranted'],
  ];
  for (const [url, headers, status, body, reason] of rows) {
    const answer = await ask(t, app, url, { type: JSON_TYPE, headers });
    t.equal(answer.status, status, reason);
    t.equal(answer.text.replace(UUID, 'UUID'), body);
    t.match(control.journal.list().at(-1), { status, reason });
  }
  const explained = await app.inject(`/__admin/explain?target=${encodeURIComponent(foreign)}&key=${KEY}`);
  t.equal(explained.statusCode, 200);
  t.match(explained.json(), { status: 403, message: 'hosted front: accessDenied', reason: 'scopeNotGranted' });
  t.equal((await ask(t, app, '/nope')).status, 404, 'other errors are the envelope');
  t.equal((await ask(t, app, UNKNOWN_VERSION)).status, 404);
  t.equal((await ask(t, app, NGINX, { headers: { prefer: 'code=401' } })).status, 401, 'a fault is what it says');
  const admin = await app.inject({ url: '/__admin/faults', headers: { host: 'elsewhere' } });
  t.match(admin.json(), { code: '403', message: 'forbidden' });
  const { body } = await ask(t, app, '/openapi.json', { type: 'application/json' });
  t.notMatch(JSON.stringify(body), 'noKey', 'the document has no example of these errors');
});

t.test('a date in Retry-After', async (t) => {
  const app = build(t);
  const date = 'Wed, 21 Oct 2026 07:28:00 GMT';
  const { headers } = await ask(t, app, NGINX, preferring(`code=503, retry-after="${date}"`));
  t.equal(headers['retry-after'], date);
  t.equal(headers['preference-applied'], `code=503, retry-after="${date}"`);
});

t.test('a network fault replaces a 404, too', async (t) => {
  const { app, control, armOnce } = buildWithControl(t);
  armOnce({ network: 'empty' });
  await t.rejects(app.inject({ url: UNKNOWN_VERSION, headers: { 'x-api-key': KEY } }), /network fault: empty/);
  t.match(control.journal.list(), [{ reason: 'fault', fault: { fault: { network: 'empty' } } }]);
});
