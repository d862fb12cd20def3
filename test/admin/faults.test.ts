import t from 'tap';
import { ask, build, NGINX, NGINX_BODY } from '../helper.js';
import { control, of } from './support.js';

const DOWN = { fault: { code: 503 } };
const DOWN_BODY = { code: '503', message: 'Service Unavailable' };
const HINT = 'none of the armed faults has it; GET /__admin/faults lists them';

t.test('an armed fault hits the requests that it matches, and keeps account', async (t) => {
  const app = build(t);
  const instruction = { match: { ref: 'acme/*', artifact: 'library/*', key: 'developer' }, ...DOWN, times: 2 };
  const armed = await control(t, app, 'POST', '/faults', { body: instruction });
  t.equal(armed.status, 201);
  t.strictSame(armed.body, { id: 1, ...instruction, hits: 0, left: 2 });

  for (const left of [1, 0]) {
    const answer = await ask(t, app, NGINX);
    t.equal(answer.status, 503);
    t.strictSame(answer.body, DOWN_BODY);
    t.equal(answer.headers['retry-after'], '1');
    const account = await control(t, app, 'GET', '/faults/1');
    t.equal(account.status, 200);
    t.strictSame(account.body, { id: 1, ...instruction, hits: 2 - left, left });
  }
  const after = await ask(t, app, NGINX);
  t.equal(after.status, 200);
  t.strictSame(after.body, NGINX_BODY);
});

t.test(
  'keys, syntax and grants come first, then what the request prefers, then what is armed, then the data',
  async (t) => {
    const app = build(t);
    await control(t, app, 'POST', '/faults', { body: { fault: { code: 502 } } });
    const data = '/har/api/v1/registry/acme/labs/unreliable/+/artifact/error/version/504/details';
    const rows: [target: string, headers: Record<string, string>, status: number][] = [
      [NGINX, { 'x-api-key': 'unknown' }, 401],
      [`${NGINX}?artifact_type=`, {}, 400],
      [NGINX.replace('acme/', 'other/'), {}, 403],
      [NGINX, { prefer: 'code=503' }, 503],
      [data, {}, 502],
      [NGINX.replace('1.25.3', 'unknown'), {}, 502],
    ];
    for (const [target, headers, status] of rows)
      t.equal((await ask(t, app, target, { headers })).status, status, target);
    await control(t, app, 'DELETE', '/faults');
    t.equal((await ask(t, app, data)).status, 504);
  },
);

t.test('a sequence fails twice and passes then', async (t) => {
  const app = build(t);
  await control(t, app, 'POST', '/faults', { body: { sequence: [{ code: 500 }, 'pass', { status: 'FAILURE' }] } });
  const statuses = [];
  for (let asked = 0; asked < 4; asked += 1) {
    const { status, body } = await ask(t, app, NGINX);
    statuses.push([status, (body as { status?: string }).status]);
  }
  t.strictSame(statuses, [
    [500, undefined],
    [200, 'SUCCESS'],
    [200, 'FAILURE'],
    [200, 'SUCCESS'],
  ]);
});

t.test('is listed, found, disarmed', async (t) => {
  const app = build(t);
  t.strictSame((await control(t, app, 'GET', '/faults')).body, { faults: [] });
  await control(t, app, 'POST', '/faults', { body: DOWN });
  await control(t, app, 'POST', '/faults', { body: DOWN, headers: of('s') });
  const own = { id: 2, match: { session: 's' }, ...DOWN, hits: 0 };
  t.strictSame((await control(t, app, 'GET', '/faults')).body, { faults: [{ id: 1, ...DOWN, hits: 0 }, own] });
  t.strictSame((await control(t, app, 'GET', '/faults', { headers: of('s') })).body, { faults: [own] });

  for (const method of ['GET', 'DELETE'] as const) {
    for (const [id, headers] of [
      [3, {}],
      [1, of('s')],
    ] as const) {
      const answer = await control(t, app, method, `/faults/${id}`, { headers });
      t.equal(answer.status, 404);
      const details = { field: 'id', value: id, reason: HINT };
      t.strictSame(answer.body, { code: '404', message: 'Armed fault not found', details });
    }
  }
  const gone = await control(t, app, 'DELETE', '/faults/2', { headers: of('s') });
  t.equal(gone.status, 204);
  t.equal(gone.text, '');
  t.equal((await control(t, app, 'GET', '/faults/2')).status, 404);
  t.equal((await control(t, app, 'DELETE', '/faults')).status, 204);
  t.strictSame((await control(t, app, 'GET', '/faults')).body, { faults: [] });
});

t.test('refuses what is no instruction, points to the field, and arms nothing', async (t) => {
  const app = build(t);
  const rows: [body: unknown, field: string, reason: string][] = [
    [
      { fault: { code: '503' } },
      'fault.code',
      'found "503", expected the HTTP status of an error answer, from 400 to 599',
    ],
    [{ fault: { code: 503, mesage: 'x' } }, 'fault.mesage', 'unknown key "mesage"; did you mean "message"?'],
    [{}, 'body', 'found none or both of fault and sequence, expected one of them'],
    ['', 'body', 'found none or both of fault and sequence, expected one of them'],
    ['[]', 'body', 'found a list, expected what to match, a fault or a sequence, and how often, as a mapping'],
    ['{', 'body', "is not JSON: Expected property name or '}' in JSON at position 1"],
    [
      { __proto__x: 1 },
      '__proto__x',
      'unknown key "__proto__x"; expected one of match, fault, sequence, times, percentage',
    ],
    [
      '{"__proto__":{"fault":{"code":500}}}',
      '__proto__',
      'unknown key "__proto__"; expected one of match, fault, sequence, times, percentage',
    ],
  ];
  for (const [body, field, reason] of rows) {
    const answer = await control(t, app, 'POST', '/faults', { body });
    t.equal(answer.status, 400);
    t.equal(answer.body.message, 'invalid parameter');
    t.equal(answer.body.details.field, field);
    t.ok(answer.body.details.reason.startsWith(reason), answer.body.details.reason);
  }
  const other = await control(t, app, 'POST', '/faults', {
    body: { match: { session: 'b' }, ...DOWN },
    headers: of('a'),
  });
  t.equal(other.status, 400);
  t.strictSame(other.body.details, { field: 'match.session', reason: 'found "b", expected that of the header, "a"' });
  const id = await control(t, app, 'GET', '/faults/x');
  t.equal(id.status, 400);
  t.strictSame(id.body.details, { field: 'id', reason: 'found "x", expected the id of an armed fault' });
  const truncated = await control(t, app, 'DELETE', '/faults/1.9');
  t.equal(truncated.status, 400);
  t.strictSame(truncated.body.details, { field: 'id', reason: 'found "1.9", expected the id of an armed fault' });
  const deep = `{"fault":{"code":500,"details":${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}}}`;
  const nested = await control(t, app, 'POST', '/faults', { body: deep });
  t.equal(nested.status, 400);
  const depth = 'is nested deeper than 100, or refers to itself';
  t.strictSame(nested.body.details, { field: 'fault.details', reason: depth });
  t.strictSame((await control(t, app, 'GET', '/faults')).body, { faults: [] });
});

t.test('refuses what is too large, of another type, or too many', async (t) => {
  const app = build(t);
  const large = await control(t, app, 'POST', '/faults', {
    body: { fault: { code: 500, message: 'x'.repeat(65_536) } },
  });
  t.equal(large.status, 413);
  t.strictSame(large.body, {
    code: '413',
    message: 'Body too large',
    details: { limit: 65_536, reason: 'the body has more bytes than the limit' },
  });
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    const foreign = await control(t, app, 'POST', '/faults', { body: DOWN, headers: { 'content-type': type } });
    t.equal(foreign.status, 415, type);
    const reason = 'must be application/json, which curl --json sends, or application/yaml for a fixture';
    const details = { field: 'Content-Type', value: type, reason };
    t.strictSame(foreign.body, { code: '415', message: 'Media type not supported', details });
  }
  for (let armed = 0; armed < 1_000; armed += 1) {
    const answer = await app.inject({ method: 'POST', url: '/__admin/faults', payload: DOWN });
    if (answer.statusCode !== 201) t.fail(answer.body);
  }
  const many = await control(t, app, 'POST', '/faults', { body: DOWN });
  t.equal(many.status, 429);
  const reason = 'there are 1000 armed faults already, and no more are held: disarm some, or reset';
  t.strictSame(many.body, {
    code: '429',
    message: 'Limit reached',
    details: { field: 'armed faults', limit: 1_000, reason },
  });
});

t.test('another method is told which there are', async (t) => {
  const app = build(t);
  const rows: [method: 'PUT' | 'POST', path: string, allow: string][] = [
    ['PUT', '/faults', 'GET, HEAD, POST, DELETE'],
    ['POST', '/faults/1', 'GET, HEAD, DELETE'],
    ['PUT', '/reset', 'POST'],
    ['POST', '/docs/static/x', 'GET, HEAD'],
  ];
  for (const [method, path, allow] of rows) {
    const answer = await control(t, app, method, path);
    t.equal(answer.status, 405, path);
    t.strictSame(answer.body, { code: '405', message: 'Method not allowed' });
    t.equal(answer.headers.allow, allow);
  }
});

t.test('a path of no operation points to those that there are', async (t) => {
  const app = build(t);
  for (const path of ['', '/', '/nope', '/faults/1/2']) {
    const answer = await control(t, app, 'GET', path);
    t.equal(answer.status, 404, path);
    const details = { hint: 'GET /__admin/docs shows the admin API' };
    t.strictSame(answer.body, { code: '404', message: 'Route not found', details });
  }
});
