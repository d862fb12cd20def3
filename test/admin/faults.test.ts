import t from 'tap';
import { VERSION } from '../../src/util/package.js';
import { ask, build, KEY, makeControl, NGINX, NGINX_BODY, seedStore } from '../helper.js';
import { askAdmin, sessionHeader } from './support.js';

const DOWN = { fault: { code: 503 } };
const DOWN_BODY = { code: '503', message: 'Service Unavailable' };

const invalid = (field: string, reason: string) => ({
  code: '400',
  message: 'invalid parameter',
  details: { field, reason },
});

t.test('an armed fault hits the requests that it matches, and counts them', async (t) => {
  const app = build(t);
  const rule = { match: { ref: 'acme/*', artifact: 'library/*', key: 'developer' }, ...DOWN, times: 2 };
  const armed = await askAdmin(t, app, 'POST', '/faults', { body: rule });
  t.equal(armed.status, 201);
  t.strictSame(armed.body, { id: 1, ...rule, hits: 0, left: 2 });

  for (const left of [1, 0]) {
    const answer = await ask(t, app, NGINX);
    t.equal(answer.status, 503);
    t.strictSame(answer.body, DOWN_BODY);
    t.equal(answer.headers['retry-after'], undefined);
    const found = await askAdmin(t, app, 'GET', '/faults/1');
    t.equal(found.status, 200);
    t.strictSame(found.body, { id: 1, ...rule, hits: 2 - left, left });
  }
  const after = await ask(t, app, NGINX);
  t.equal(after.status, 200);
  t.strictSame(after.body, NGINX_BODY);
});

t.test('a delay and then a 503 are armed: the answer is the late 503, and both are hit', async (t) => {
  const app = build(t);
  for (const fault of [{ delay: 1 }, { code: 503 }]) await askAdmin(t, app, 'POST', '/faults', { body: { fault } });
  const answer = await ask(t, app, NGINX);
  t.equal(answer.status, 503);
  t.strictSame(answer.body, DOWN_BODY);
  t.strictSame((await askAdmin(t, app, 'GET', '/faults')).body, {
    faults: [
      { id: 1, fault: { delay: 1 }, hits: 1 },
      { id: 2, fault: { code: 503 }, hits: 1 },
    ],
  });
  const { entries } = (await askAdmin(t, app, 'GET', '/journal')).body;
  t.strictSame(entries[0].fault, { trigger: 'armed', id: 2, fault: { code: 503, delay: 1 } });
});

t.test('faults are listed, found and disarmed', async (t) => {
  const app = build(t);
  t.strictSame((await askAdmin(t, app, 'GET', '/faults')).body, { faults: [] });
  await askAdmin(t, app, 'POST', '/faults', { body: DOWN });
  await askAdmin(t, app, 'POST', '/faults', { body: DOWN, headers: sessionHeader('s') });
  const own = { id: 2, match: { session: 's' }, ...DOWN, hits: 0 };
  t.strictSame((await askAdmin(t, app, 'GET', '/faults')).body, { faults: [{ id: 1, ...DOWN, hits: 0 }, own] });
  t.strictSame((await askAdmin(t, app, 'GET', '/faults', { headers: sessionHeader('s') })).body, { faults: [own] });

  const notFound = (id: number) => ({
    code: '404',
    message: 'Armed fault not found',
    details: { field: 'id', value: id, reason: 'no armed fault has this id; GET /__admin/faults lists them' },
  });
  for (const method of ['GET', 'DELETE'] as const) {
    for (const [id, headers] of [
      [3, {}],
      [1, sessionHeader('s')],
    ] as const) {
      const answer = await askAdmin(t, app, method, `/faults/${id}`, { headers });
      t.equal(answer.status, 404);
      t.strictSame(answer.body, notFound(id));
    }
  }
  const gone = await askAdmin(t, app, 'DELETE', '/faults/2', { headers: sessionHeader('s') });
  t.equal(gone.status, 204);
  t.equal(gone.text, '');
  const missing = await askAdmin(t, app, 'GET', '/faults/2');
  t.equal(missing.status, 404);
  t.strictSame(missing.body, notFound(2));
  t.equal((await askAdmin(t, app, 'DELETE', '/faults')).status, 204);
  t.strictSame((await askAdmin(t, app, 'GET', '/faults')).body, { faults: [] });
});

t.test('refuses an invalid rule, names the field, and arms nothing', async (t) => {
  const app = build(t);
  const keys = 'match, fault, sequence, times, percentage';
  const deep = `{"fault":{"code":500,"details":${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}}}`;
  const rows: [body: unknown, field: string, reason: string][] = [
    [{ fault: { code: '503' } }, 'fault.code', 'found "503", expected the HTTP status of an error, from 400 to 599'],
    [{ fault: { code: 503, mesage: 'x' } }, 'fault.mesage', 'unknown key "mesage"; did you mean "message"?'],
    [{}, 'body', 'set exactly one of "fault" and "sequence"'],
    ['', 'body', 'set exactly one of "fault" and "sequence"'],
    [
      '[]',
      'body',
      'found a list, expected a fault rule, as a mapping: match, then fault or sequence, times, percentage',
    ],
    ['{', 'body', "is not JSON: Expected property name or '}' in JSON at position 1"],
    ['{"canary":canary}', 'body', "is not JSON: Unexpected token 'c'"],
    [{ __proto__x: 1 }, '__proto__x', `unknown key "__proto__x"; expected one of ${keys}`],
    ['{"__proto__":{"fault":{"code":500}}}', '__proto__', `unknown key "__proto__"; expected one of ${keys}`],
    [deep, 'fault.details', 'is nested deeper than 100, or refers to itself'],
  ];
  for (const [body, field, reason] of rows) {
    const answer = await askAdmin(t, app, 'POST', '/faults', { body });
    t.equal(answer.status, 400);
    // Newer versions of Node add a line and a column.
    const found = answer.body.details.reason.replace(/ \(line .*\)$/, '');
    t.strictSame({ ...answer.body, details: { ...answer.body.details, reason: found } }, invalid(field, reason));
  }
  const other = await askAdmin(t, app, 'POST', '/faults', {
    body: { ...DOWN, match: { session: 'b' } },
    headers: sessionHeader('a'),
  });
  t.equal(other.status, 400);
  t.strictSame(other.body, invalid('match.session', 'found "b", expected the session of the header, "a"'));
  for (const [method, id] of [
    ['GET', 'x'],
    ['DELETE', '1.9'],
  ] as const) {
    const answer = await askAdmin(t, app, method, `/faults/${id}`);
    t.equal(answer.status, 400);
    t.strictSame(answer.body, invalid('id', `found "${id}", expected the id of an armed fault`));
  }
  t.strictSame((await askAdmin(t, app, 'GET', '/faults')).body, { faults: [] });
});

t.test('refuses a body that is too large or of another type, and more faults than the limit', async (t) => {
  const app = build(t);
  const large = await askAdmin(t, app, 'POST', '/faults', {
    body: { fault: { code: 500, message: 'x'.repeat(262_144) } },
  });
  t.equal(large.status, 413);
  t.strictSame(large.body, {
    code: '413',
    message: 'Body too large',
    details: { limit: 262_144, reason: 'the body is larger than 262144 bytes' },
  });
  const raw = { status: 200, body: '€'.repeat(65_536) };
  const longest = await askAdmin(t, app, 'POST', '/faults', { body: { fault: { raw } } });
  t.equal(longest.status, 201);
  t.strictSame(longest.body, { id: 1, fault: { raw }, hits: 0 });
  t.equal((await askAdmin(t, app, 'DELETE', '/faults/1')).status, 204);
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    const foreign = await askAdmin(t, app, 'POST', '/faults', { body: DOWN, headers: { 'content-type': type } });
    t.equal(foreign.status, 415, type);
    const reason = 'must be application/json, which curl --json sends, or application/yaml for a fixture';
    const details = { field: 'Content-Type', value: type, reason };
    t.strictSame(foreign.body, { code: '415', message: 'Media type not supported', details });
  }
  for (let armed = 0; armed < 1_000; armed += 1) {
    const answer = await app.inject({ method: 'POST', url: '/__admin/faults', payload: DOWN });
    if (answer.statusCode !== 201) t.fail(answer.body);
  }
  const many = await askAdmin(t, app, 'POST', '/faults', { body: DOWN });
  t.equal(many.status, 429);
  const reason = 'limit of 1000 armed faults reached; disarm some or reset';
  t.strictSame(many.body, {
    code: '429',
    message: 'Limit reached',
    details: { field: 'armed faults', limit: 1_000, reason },
  });
});

t.test('200 sessions at once do not disturb each other', async (t) => {
  const app = build(t);
  const names = Array.from({ length: 200 }, (_, index) => `test ${index}`);
  await Promise.all(
    names.map(async (name, index) => {
      const headers = sessionHeader(name);
      const code = 500 + (index % 5);
      const times = 1 + (index % 3);
      const armed = await askAdmin(t, app, 'POST', '/faults', { body: { fault: { code }, times }, headers });
      t.equal(armed.status, 201);
      const statuses: number[] = [];
      for (let asked = 0; asked < 5; asked += 1) {
        statuses.push((await app.inject({ url: NGINX, headers: { ...headers, 'x-api-key': KEY } })).statusCode);
      }
      const expected = Array.from({ length: 5 }, (_, asked) => (asked < times ? code : 200));
      t.strictSame(statuses, expected, name);

      const requests = [{ count: 5 }, { match: { status: code }, count: times }];
      const verified = await askAdmin(t, app, 'POST', '/verify', { body: { requests }, headers });
      t.equal(verified.status, 200);
      t.strictSame(verified.body, { verified: true });
    }),
  );
  const other = await ask(t, app, NGINX);
  t.equal(other.status, 200, 'a request of no session is not hit');
  t.strictSame(other.body, NGINX_BODY);
  const all = await askAdmin(t, app, 'GET', '/journal/count');
  t.strictSame(all.body, { count: 1_000 }, 'limited by the journal of this test');
});

t.test('a fault without a session hits requests of all sessions', async (t) => {
  const app = build(t);
  await askAdmin(t, app, 'POST', '/faults', { body: DOWN });
  for (const headers of [{}, sessionHeader('a')]) {
    const answer = await ask(t, app, NGINX, { headers });
    t.equal(answer.status, 503);
    t.strictSame(answer.body, DOWN_BODY);
  }
});

t.test('the percentages of a session do not depend on other sessions', async (t) => {
  const app = build(t);
  await askAdmin(t, app, 'POST', '/faults', { body: { ...DOWN, percentage: 50 } });
  const draw = async (name: string) => {
    const statuses: number[] = [];
    for (let asked = 0; asked < 20; asked += 1) {
      statuses.push((await ask(t, app, NGINX, { headers: sessionHeader(name) })).status);
    }
    return statuses;
  };
  const [a, b, c] = await Promise.all([draw('a'), draw('b'), draw('c')]);
  t.strictSame(a, b);
  t.strictSame(b, c);
  t.strictSame([...new Set(a)].sort(), [200, 503]);
});

t.test('a session is read only after key and access were checked', async (t) => {
  const app = build(t);
  const headers = { ...sessionHeader('a,b'), 'x-api-key': 'unknown' };
  const keyless = await ask(t, app, NGINX, { headers });
  t.equal(keyless.status, 401);
  t.strictSame(keyless.body, { code: '401', message: 'unauthorized' });
  const posted = await ask(t, app, '/healthz', { headers, method: 'POST' });
  t.equal(posted.status, 405);
  t.strictSame(posted.body, { code: '405', message: 'Method not allowed' });
  const foreign = await askAdmin(t, app, 'GET', '/faults', { headers: { ...headers, host: 'evil.example' } });
  t.equal(foreign.status, 403);
  const rule = 'must be a name of this machine, such as localhost';
  const reason = `${rule}; set --admin-token to use the admin API from elsewhere`;
  const details = { field: 'Host', value: 'evil.example', reason };
  t.strictSame(foreign.body, { code: '403', message: 'forbidden', details });
});

t.test('refuses an invalid name of a session, and more sessions than the limit', async (t) => {
  const app = build(t);
  for (const name of ['a,b', 'a, a', '', ' ', 'x'.repeat(101), 'é']) {
    const answer = await ask(t, app, NGINX, { headers: sessionHeader(name) });
    t.equal(answer.status, 400, name);
    const reason = 'expected one name of 1 to 100 printable ASCII characters without a comma';
    t.strictSame(answer.body, invalid('x-mock-session', reason));
  }
  for (let index = 0; index < 1_000; index += 1) {
    await app.inject({ url: NGINX, headers: { ...sessionHeader(`s${index}`), 'x-api-key': KEY } });
  }
  const answer = await ask(t, app, NGINX, { headers: sessionHeader('one more') });
  t.equal(answer.status, 429);
  const reason = 'limit of 1000 sessions reached; a session ends 15 minutes after its last request';
  t.strictSame(answer.body, {
    code: '429',
    message: 'Limit reached',
    details: { field: 'sessions', limit: 1_000, reason },
  });
  const plain = await ask(t, app, NGINX);
  t.equal(plain.status, 200);
  t.strictSame(plain.body, NGINX_BODY);
});

t.test('metrics count requests by labels that are no names, and need no token', async (t) => {
  const store = seedStore(t);
  const control = makeControl(store);
  const app = build(t, { store, control, host: '0.0.0.0', adminToken: 'x' });
  for (let asked = 0; asked < 3; asked += 1) await ask(t, app, NGINX);
  await ask(t, app, NGINX, { headers: { prefer: 'code=503' } });
  await ask(t, app, '/nope');
  control.faults.arm({ fault: { code: 500 } });
  control.fixtures.replace([
    { registries: [{ ref: 'a/b', packageType: 'GO', artifacts: [{ name: 'c', versions: [{ version: '1' }] }] }] },
  ]);
  for (const url of ['/metrics', '/__admin/metrics']) {
    const { statusCode, headers, body } = await app.inject({ url, headers: { authorization: 'Bearer x' } });
    t.equal(statusCode, 200);
    t.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    const own = body.split('\n').filter((line) => /^registry_mock_(?!request_duration)/.test(line));
    t.strictSame(own, [
      `registry_mock_build_info{version="${VERSION}"} 1`,
      'registry_mock_requests_total{route="details",status="200",spelling="published",fault="none"} 3',
      'registry_mock_requests_total{route="details",status="503",spelling="published",fault="prefer"} 1',
      'registry_mock_requests_total{route="unknown",status="404",spelling="none",fault="none"} 1',
      'registry_mock_versions{package_type="GO"} 1',
      'registry_mock_reloads_total 0',
      'registry_mock_reload_failures_total 0',
      'registry_mock_journal_dropped 0',
      'registry_mock_armed_faults 1',
    ]);
    t.match(body, /^process_resident_memory_bytes \d+$/m);
    t.notMatch(body, /nginx|developer/);
  }
  t.equal((await app.inject('/metrics')).statusCode, 200, 'without a token');
  t.equal(control.journal.list({ target: '/metrics' }).length, 0, 'it is not recorded');
});

t.test('durations are counted in buckets, each with those below it', async (t) => {
  const store = seedStore(t);
  const control = makeControl(store);
  const app = build(t, { store, control });
  for (const duration of [0.5, 1, 1.5, 40_000]) {
    const none = {
      traceId: undefined,
      headers: [],
      key: undefined,
      session: undefined,
      fault: undefined,
      reason: undefined,
    };
    control.record({ time: 0, method: 'GET', target: NGINX, requestId: 'x', status: 200, duration, ...none });
  }
  const { body } = await app.inject('/metrics');
  const labels = 'route="details",status="200",spelling="published",fault="none"';
  const lines = body.split('\n').filter((line) => line.startsWith('registry_mock_request_duration_seconds'));
  const limits = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, '+Inf'];
  const counts = [2, ...limits.slice(2).map(() => 3), 4];
  t.strictSame(lines, [
    ...limits.map((le, at) => `registry_mock_request_duration_seconds_bucket{le="${le}",${labels}} ${counts[at]}`),
    `registry_mock_request_duration_seconds_sum{${labels}} 40.003`,
    `registry_mock_request_duration_seconds_count{${labels}} 4`,
  ]);
});

t.test('versions are not counted again until the data changes', async (t) => {
  const store = seedStore(t);
  const control = makeControl(store);
  const app = build(t, { store, control });
  const before = (await app.inject('/metrics')).body;
  t.equal(control.summary(), control.summary(), 'kept');
  const known = control.summary();
  control.fixtures.remove({ registryRef: 'acme/pypi' });
  t.not(control.summary(), known);
  const versionsOf = (text: string) => /^registry_mock_versions\{package_type="PYTHON"\} (\d+)$/m.exec(text)?.[1];
  t.not(versionsOf((await app.inject('/metrics')).body), versionsOf(before));
});

t.test('servers of one process have their own counts', async (t) => {
  const apps = [build(t), build(t)] as const;
  await ask(t, apps[0], NGINX);
  const [busy, idle] = await Promise.all(apps.map((app) => askAdmin(t, app, 'GET', '/metrics')));
  t.match(busy?.text, /^registry_mock_requests_total\{.*\} 1$/m);
  t.notMatch(idle?.text, /^registry_mock_requests_total\{/m);
  t.match(idle?.text, /^process_resident_memory_bytes \d+$/m);
});
