import t from 'tap';
import type { Entry } from '../../src/journal/entry.js';
import { askAdmin, KEY_OF_WEB, sessionHeader } from '../admin/support.js';
import {
  ask,
  askRaw,
  build,
  KEY,
  listen,
  makeControl,
  NGINX,
  NGINX_BODY,
  ROUTE_NOT_FOUND,
  seedStore,
  sendRaw,
} from '../helper.js';

const PARAMETERS = { registry_ref: 'acme/platform/web/images', artifact: 'library/nginx', version: '1.25.3' };

t.test('records requests exactly as they were sent', async (t) => {
  const app = build(t);
  const port = await listen(app);
  const targets = [
    NGINX,
    '/gateway/har/api/v1/registry/acme%2fplatform%2Fweb%2Fimages/artifact/library%2Fnginx%2F%2B/version/1.25.3/details?x=%20',
    'http://elsewhere/har/api/v1/registry/acme/pypi/+/artifact/nope/version/1/details',
    '/har/api/v1/registry/acme/pypi/+/artifact/x/version/1/details#x',
    '/%ZZ',
    '/__foo',
    '/healthz/',
    '/docsx',
  ];
  for (const target of targets) await askRaw(port, target);
  await ask(t, app, NGINX, { method: 'HEAD' });
  await askRaw(port, NGINX, 'POST');
  await askRaw(port, '/a b');

  const { status, body } = await askAdmin(t, app, 'GET', '/journal');
  t.equal(status, 200);
  t.equal(body.total, 10, "a request that Node's parser refuses is not recorded");
  t.equal(body.dropped, 0);
  const seen = body.entries.map((entry: Record<string, unknown>) => [
    entry.method,
    entry.target,
    entry.status,
    entry.key,
    entry.reason,
  ]);
  t.strictSame(seen, [
    ['GET', targets[0], 200, 'developer', undefined],
    ['GET', targets[1], 200, 'developer', undefined],
    ['GET', targets[2], 404, 'developer', 'artifactUnknown'],
    ['GET', targets[3], 404, undefined, 'fragment'],
    ['GET', targets[4], 400, undefined, 'undecodable'],
    ['GET', targets[5], 404, undefined, 'unknownRoute'],
    ['GET', targets[6], 404, undefined, 'unknownRoute'],
    ['GET', targets[7], 404, undefined, 'unknownRoute'],
    ['HEAD', NGINX, 200, 'developer', undefined],
    ['POST', NGINX, 405, undefined, 'methodNotAllowed'],
  ]);
  const [first, second, third] = body.entries;
  t.strictSame(first.spelling, { ref: 'published', artifact: 'published', portable: true });
  t.strictSame(first.parameters, PARAMETERS);
  t.strictSame(second.spelling, { ref: 'bare', artifact: 'encoded', portable: false });
  t.strictSame(second.parameters, { ...PARAMETERS, x: ' ' });
  t.equal(third.advice, 'nearest known artifacts: acme-metrics');
  for (const { at, duration } of body.entries) {
    t.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000);
    t.ok(duration >= 0 && duration < 60_000);
  }
});

t.test('a path that only resembles our own is recorded, one of our own is not', async (t) => {
  const app = build(t);
  const port = await listen(app);
  const own = [
    '/__admin/nope?key=canary',
    '/__admin/explain?target=%ZZ&key=canary',
    '/%5F_admin/x?key=canary',
    '/__admin/docs/nope',
    '/healthz',
    '/readyz?x',
    '/openapi.json',
    '/docs/nope',
  ];
  for (const target of own) await askRaw(port, target).catch(() => undefined);
  t.strictSame((await askAdmin(t, app, 'GET', '/journal')).body, { entries: [], total: 0, dropped: 0 });
  const answer = await askRaw(port, '/__foo', 'GET', ['x-request-id: from-client']);
  t.equal(answer.status, 404);
  t.strictSame(answer.body, ROUTE_NOT_FOUND);
  const { entries } = (await askAdmin(t, app, 'GET', '/journal')).body;
  const [{ at, duration, ...entry }] = entries;
  t.strictSame(
    { ...entry, at: typeof at, duration: typeof duration },
    {
      id: 1,
      at: 'string',
      method: 'GET',
      target: '/__foo',
      requestId: 'from-client',
      headers: { 'x-request-id': 'from-client' },
      status: 404,
      duration: 'number',
      reason: 'unknownRoute',
      advice:
        'the path of the API is /har/api/v1/registry/{registry_ref}/artifact/{artifact}/version/{version}/details',
    },
  );
});

t.test('an entry has the x-request-id of its answer', async (t) => {
  const app = build(t);
  const ids: unknown[] = [];
  for (const headers of [{}, { 'x-request-id': 'of the client' }, { 'x-request-id': 'mine-1' }]) {
    ids.push((await ask(t, app, NGINX, { headers })).headers['x-request-id']);
  }
  ids.push((await ask(t, app, '/%ZZ')).headers['x-request-id']);
  const { entries } = (await askAdmin(t, app, 'GET', '/journal')).body;
  t.strictSame(
    entries.map(({ requestId }: { requestId: string }) => requestId),
    ids,
  );
  t.equal(ids[2], 'mine-1');
  t.equal(new Set(ids).size, 4);
});

t.test('an entry has the trace id of a valid traceparent; another header is ignored', async (t) => {
  const app = build(t);
  const [trace, parent] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
  const rows: [string, string?][] = [
    [`00-${trace}-${parent}-01`, trace],
    [`00-${trace}-${parent}-00`, trace],
    [`01-${trace}-${parent}-01`, trace],
    [`cc-${trace}-${parent}-01-of the future`, trace],
    [`00-${trace}-${parent}-01-more`],
    [`00-${trace}-${parent}-01-`],
    [`cc-${trace}-${parent}-01more`],
    [`cc-${trace}-${parent}-01-caf\u00e9`],
    [`ff-${trace}-${parent}-01`],
    [`00-${trace.toUpperCase()}-${parent}-01`],
    [`00-${'0'.repeat(32)}-${parent}-01`],
    [`00-${trace}-${'0'.repeat(16)}-01`],
    [`00-${trace}-${parent}-01, 00-${trace}-${parent}-01`],
    [`00-${trace}-${parent}`],
    [` 0-${trace}-${parent}-01`],
    [trace],
    ['\x1b[2J'],
    [''],
  ];
  for (const [traceparent] of rows) await app.inject({ url: '/nope', headers: { traceparent } });
  const { entries } = (await askAdmin(t, app, 'GET', '/journal')).body;
  t.strictSame(
    entries.map(({ traceId }: { traceId?: string }) => traceId),
    rows.map(([, traceId]) => traceId),
  );
});

t.test('says why a key was refused, and never shows a key', async (t) => {
  const app = build(t);
  const rows: [headers: Record<string, string>, status: number, reason: string, key: string | undefined][] = [
    [{ 'x-api-key': '' }, 401, 'keyMissing', undefined],
    [{ 'x-api-key': 'canary-unknown' }, 401, 'keyUnknown', undefined],
    [{ 'x-api-key': 'pat.acme.old.local' }, 401, 'keyExpired', 'expired'],
    [{ 'x-api-key': 'pat.acme.lost.local' }, 401, 'keyRevoked', 'revoked'],
    [{ 'x-api-key': '', authorization: 'Bearer canary' }, 401, 'bearerOnly', undefined],
    [{ 'x-api-key': KEY_OF_WEB }, 403, 'scopeNotGranted', 'web-pipeline'],
  ];
  const vault = '/har/api/v1/registry/acme/labs/vault/secrets-scanner/+/artifact/scanner/version/1.0.0/details';
  for (const [headers] of rows) await ask(t, app, vault, { headers });
  const { body, text } = await askAdmin(t, app, 'GET', '/journal');
  t.strictSame(
    body.entries.map(({ status, reason, key }: Record<string, unknown>) => [status, reason, key]),
    rows.map(([, ...seen]) => seen),
  );
  for (const secret of ['canary', KEY, KEY_OF_WEB, 'pat.acme']) t.notMatch(text, secret);
});

t.test('a repeated childVersion is a list, as the server saw it', async (t) => {
  const app = build(t);
  const answer = await ask(t, app, `${NGINX}?childVersion=a&childVersion=b`);
  t.equal(answer.status, 400);
  const details = { field: 'childVersion', value: ['a', 'b'], reason: 'must be given once' };
  t.strictSame(answer.body, { code: '400', message: 'invalid parameter', details });
  const { body } = await askAdmin(t, app, 'GET', '/journal?reason=invalidParameter');
  t.strictSame(body.entries[0].parameters, { ...PARAMETERS, childVersion: ['a', 'b'] });
});

t.test('a query does not change the names of the path, and another path has no names', async (t) => {
  const app = build(t);
  const answer = await ask(t, app, `${NGINX}?version=9&artifact=other&registry_ref=x/y`);
  t.equal(answer.status, 200);
  t.strictSame(answer.body, NGINX_BODY);
  await ask(t, app, '/foo/api/v1/registry/acme%2Fx/artifact/app/version/1/details');
  const { body } = await askAdmin(t, app, 'GET', '/journal');
  t.strictSame(
    body.entries.map((entry: { parameters: unknown }) => entry.parameters),
    [PARAMETERS, undefined],
  );
});

t.test('an entry has the fault and its trigger, without the texts of the answer', async (t) => {
  const app = build(t);
  const port = await listen(app);
  await askAdmin(t, app, 'POST', '/faults', { body: { fault: { network: 'empty' }, times: 1 } });
  t.strictSame(await sendRaw(port, `GET ${NGINX} HTTP/1.1\r\nHost: x\r\nx-api-key: ${KEY}\r\n\r\n`), []);
  await ask(t, app, NGINX, { headers: { prefer: 'code=503, delay=1' } });
  await ask(t, app, '/har/api/v1/registry/acme/labs/unreliable/+/artifact/status/version/ERROR/details');
  await t.rejects(ask(t, app, NGINX, { headers: { prefer: 'fault=reset' } }));
  const fault = { code: 503, message: 'long', details: { a: 'long' }, retryAfter: 3 };
  await askAdmin(t, app, 'POST', '/faults', { body: { fault } });
  await ask(t, app, NGINX);
  const { body } = await askAdmin(t, app, 'GET', '/journal');
  t.strictSame(
    body.entries.map(({ status, reason, fault }: Record<string, unknown>) => [status, reason, fault]),
    [
      [undefined, 'fault', { trigger: 'armed', id: 1, fault: { network: 'empty' } }],
      [503, 'fault', { trigger: 'prefer', fault: { code: 503, delay: 1 } }],
      [200, undefined, { trigger: 'data', fault: { status: 'ERROR' } }],
      [undefined, 'fault', { trigger: 'prefer', fault: { network: 'reset' } }],
      [503, 'fault', { trigger: 'armed', id: 2, fault: { code: 503, retryAfter: 3 } }],
    ],
  );
});

const notAsExpected = (...reasons: string[]) => ({ code: '409', message: 'Not as expected', details: { reasons } });

t.test('lists the newest matching entries, and counts them', async (t) => {
  const app = build(t);
  for (let asked = 0; asked < 120; asked += 1) await app.inject(asked % 2 === 0 ? '/a' : '/b');
  const all = await askAdmin(t, app, 'GET', '/journal');
  t.equal(all.body.entries.length, 100);
  t.equal(all.body.entries[0].id, 21);
  t.equal(all.body.total, 120);
  const query = 'target=/a&limit=2&since=10&status=404&method=GET&reason=unknownRoute';
  const some = await askAdmin(t, app, 'GET', `/journal?${query}`);
  t.equal(some.status, 200);
  t.equal(some.body.total, 55);
  t.strictSame(
    some.body.entries.map(({ id }: { id: number }) => id),
    [117, 119],
  );
  const counted = await askAdmin(t, app, 'GET', '/journal/count?target=/b');
  t.equal(counted.status, 200);
  t.strictSame(counted.body, { count: 60 });
});

t.test('in the query of the admin API, a plus is a plus and a semicolon is data', async (t) => {
  const app = build(t);
  for (const target of ['/a+b', '/a%20b', '/a;b']) await app.inject(target);
  for (const glob of ['/a+b', '/a;b', '/a%2520b']) {
    const counted = await askAdmin(t, app, 'GET', `/journal/count?target=${glob}`);
    t.equal(counted.status, 200);
    t.strictSame(counted.body, { count: 1 }, glob);
  }
});

t.test('waits for requests to come', async (t) => {
  const app = build(t);
  const waiting = askAdmin(t, app, 'GET', '/journal/wait?status=404&count=2&timeout=60000');
  for (let asked = 0; asked < 2; asked += 1) await app.inject('/a');
  const came = await waiting;
  t.equal(came.status, 200);
  t.strictSame(came.body, { count: 2 });
  const late = await askAdmin(t, app, 'GET', '/journal/wait?status=500&timeout=1');
  t.equal(late.status, 409);
  t.strictSame(late.body, notAsExpected('found 0 requests, expected at least 1 within 1 ms'));
});

t.test('says why entries may be missing, and how many were dropped', async (t) => {
  const store = seedStore(t);
  const rows: [entries: number, dropped: number, reason: string][] = [
    [
      0,
      0,
      'found 0 requests, expected at least 3 within 1 ms; the journal is off: start with --journal-entries above 0',
    ],
    [
      1,
      2,
      'found 1 request, expected at least 3 within 1 ms; the journal has dropped 2 older entries: raise --journal-entries',
    ],
  ];
  for (const [journalEntries, dropped, reason] of rows) {
    const app = build(t, { store, control: makeControl(store, { journalEntries }) });
    for (let asked = 0; asked < 3; asked += 1) await app.inject('/a');
    const { status, body } = await askAdmin(t, app, 'GET', '/journal/wait?count=3&timeout=1');
    t.equal(status, 409);
    t.strictSame(body, notAsExpected(reason));
    const listed = (await askAdmin(t, app, 'GET', '/journal')).body;
    t.strictSame([listed.entries.length, listed.total, listed.dropped], [journalEntries, journalEntries, dropped]);
  }
});

t.test('a server that closes ends the waits', async (t) => {
  const app = build(t);
  await app.ready();
  const waiting = askAdmin(t, app, 'GET', '/journal/wait?timeout=60000');
  await new Promise((resolve) => setImmediate(resolve));
  await app.close();
  const { status, body } = await waiting;
  t.equal(status, 409);
  t.strictSame(body, notAsExpected('found 0 requests, expected at least 1 within 60000 ms'));
});

t.test('a client that leaves ends its wait', async (t) => {
  const store = seedStore(t);
  const control = makeControl(store);
  const port = await listen(build(t, { store, control }));
  const url = `http://127.0.0.1:${port}/__admin/journal/wait?timeout=600000`;
  // The process of this test would wait as long if the wait did not end with the connection.
  await t.rejects(fetch(url, { signal: AbortSignal.timeout(100) }), { name: 'TimeoutError' });
});

t.test('clears all entries, or those of a session', async (t) => {
  const app = build(t);
  const count = async () => (await askAdmin(t, app, 'GET', '/journal/count')).body;
  await app.inject('/a');
  await app.inject({ url: '/a', headers: sessionHeader('s') });
  t.equal((await askAdmin(t, app, 'DELETE', '/journal', { headers: sessionHeader('s') })).status, 204);
  t.strictSame(await count(), { count: 1 });
  t.equal((await askAdmin(t, app, 'DELETE', '/journal')).status, 204);
  t.strictSame(await count(), { count: 0 });
});

t.test('verify answers 200 or lists what is not as expected', async (t) => {
  const app = build(t);
  const verify = (body?: unknown, headers = {}) => askAdmin(t, app, 'POST', '/verify', { body, headers });
  const empty = await verify();
  t.equal(empty.status, 200);
  t.strictSame(empty.body, { verified: true });
  await askAdmin(t, app, 'POST', '/faults', { body: { fault: { code: 503 } } });

  const failed = await verify({ requests: [{ match: { artifact: 'library/*' } }] });
  t.equal(failed.status, 409);
  t.strictSame(
    failed.body,
    notAsExpected(
      'armed fault 1 was never hit; it matches requests of any kind',
      'requests[0]: found 0 with artifact library/*, expected at least 1',
    ),
  );

  await ask(t, app, NGINX);
  const passed = await verify({ requests: [{ match: { artifact: 'library/*', status: 503 }, count: 1 }] });
  t.equal(passed.status, 200);
  t.strictSame(passed.body, { verified: true });
  const ofSession = await verify({ requests: [{ count: 0 }] }, sessionHeader('s'));
  t.equal(ofSession.status, 200, 'a session verifies only its own requests');
  t.strictSame(ofSession.body, { verified: true });
});

const invalid = (field: string, reason: string) => ({
  code: '400',
  message: 'invalid parameter',
  details: { field, reason },
});

t.test('refuses a session that is not the one of the header', async (t) => {
  const app = build(t);
  const reason = 'found "b", expected the session of the header, "a"';
  const asked = await askAdmin(t, app, 'GET', '/journal/count?session=b', { headers: sessionHeader('a') });
  t.equal(asked.status, 400);
  t.strictSame(asked.body, invalid('session', reason));
  const body = { requests: [{ match: { session: 'b' } }] };
  const verified = await askAdmin(t, app, 'POST', '/verify', { body, headers: sessionHeader('a') });
  t.equal(verified.status, 400);
  t.strictSame(verified.body, invalid('requests[0].match.session', reason));
  const same = await askAdmin(t, app, 'GET', '/journal/count?session=a', { headers: sessionHeader('a') });
  t.equal(same.status, 200);
  t.strictSame(same.body, { count: 0 });
});

t.test('refuses an invalid query or body, and names the field', async (t) => {
  const app = build(t);
  const members =
    'ref, artifact, version, key, session, method, target, status, fault, reason, since, user-agent, accept, content-type, traceparent, x-request-id, harness-account';
  const star = '* matches any text, slashes included';
  const status = 'expected the HTTP status, from 100 to 599';
  const limit = 'expected the maximum number of entries, newest first, from 1 to 10000; 100 unless given';
  const rows: [path: string, field: string, reason: string | RegExp][] = [
    ['/journal?artefact=x', 'artefact', 'unknown key "artefact"; did you mean "artifact"?'],
    ['/journal?status=abc', 'status', `found "abc", ${status}`],
    ['/journal?status=404&status=500', 'status', `found a list, ${status}`],
    ['/journal?limit=0', 'limit', `found 0, ${limit}`],
    ['/journal?limit=1.9', 'limit', `found "1.9", ${limit}`],
    ['/journal/count?limit=1', 'limit', `unknown key "limit"; expected one of ${members}`],
    [
      '/journal/wait?timeout=600001',
      'timeout',
      'found 600001, expected the longest wait in milliseconds, from 0 to 600000; 5000 unless given',
    ],
    [
      '/journal/wait?count=x',
      'count',
      'found "x", expected how many entries to wait for, from 1 to 10000; 1 unless given',
    ],
    ['/journal?method=get', 'method', 'found "get", expected the method, in capitals'],
    [
      '/journal?ref=acme/pypi/+',
      'ref',
      `found "acme/pypi/+", expected a glob of up to 256 characters over the registry_ref, decoded, without the marker /+; ${star}`,
    ],
    [
      '/journal?artifact=',
      'artifact',
      `found "", expected a glob of up to 256 characters over the artifact's name, decoded, without the marker /+; ${star}`,
    ],
    [
      '/journal?target=',
      'target',
      `found "", expected a glob of up to 256 characters over the target as sent; ${star}`,
    ],
    ['/journal?reason=noKey', 'reason', /^found "noKey", expected one of malformedRequest, .*, fault$/],
    ['/journal?fault=data&fault=x', 'fault', 'found a list, expected one of prefer, armed, data'],
    ['/journal?target=%ZZ', 'query', 'is not percent-encoded UTF-8; write a percent sign as %25'],
  ];
  for (const [path, field, reason] of rows) {
    const answer = await askAdmin(t, app, 'GET', path);
    t.equal(answer.status, 400, path);
    const found = answer.body.details.reason;
    t.strictSame(answer.body, invalid(field, typeof reason === 'string' ? reason : found));
    t.match(found, reason);
  }
  const verified = await askAdmin(t, app, 'POST', '/verify', { body: { requests: [{ count: 'x' }] } });
  t.equal(verified.status, 400);
  t.strictSame(
    verified.body,
    invalid('requests[0].count', 'found "x", expected the exact number of requests, a whole number'),
  );
});

t.test('records the headers that matter, and finds and verifies requests by them', async (t) => {
  const store = seedStore(t);
  const control = makeControl(store);
  const app = build(t, { store, control });
  const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const sent = {
    'user-agent': 'harness-go-sdk/0.8',
    accept: 'application/json',
    'content-type': 'x'.repeat(300),
    traceparent: trace,
    'x-request-id': 'id-1',
    'harness-account': 'acc',
  };
  await ask(t, app, NGINX, { headers: { ...sent, cookie: 'canary', authorization: 'canary' } });
  const malformed = { accept: 'caf\u00e9', traceparent: `${trace}-more`, 'x-request-id': 'two words' };
  await ask(t, app, NGINX, { headers: { 'user-agent': 'curl/8', ...malformed } });
  await ask(t, app, NGINX, { headers: { 'user-agent': '' } });
  const { body, text } = await askAdmin(t, app, 'GET', '/journal');
  t.strictSame(
    body.entries.map(({ headers }: Entry) => headers),
    [{ ...sent, 'content-type': 'x'.repeat(256) }, { 'user-agent': 'curl/8' }, undefined],
  );
  for (const secret of ['canary', KEY]) t.notMatch(text, secret);

  const counts: [query: string, count: number][] = [
    ['user-agent=curl/*', 1],
    ['user-agent=harness-*&harness-account=acc&status=200', 1],
    ['user-agent=*', 2],
    ['traceparent=*0af7651916cd43dd8448eb211c80319c*', 1],
    ['accept=text/*', 0],
  ];
  for (const [query, count] of counts) {
    const found = await askAdmin(t, app, 'GET', `/journal/count?${query}`);
    t.strictSame(found.body, { count }, query);
  }
  t.strictSame((await askAdmin(t, app, 'GET', '/journal/wait?user-agent=curl/*')).body, { count: 1 });
  t.equal((await askAdmin(t, app, 'GET', '/journal?user-agent=curl/*')).body.entries[0].id, 2);
  const bad = await askAdmin(t, app, 'GET', '/journal?user-agnt=x');
  t.match(bad.body, { details: { field: 'user-agnt', reason: 'unknown key "user-agnt"; did you mean "user-agent"?' } });

  const match = { headers: { 'user-agent': 'wget/*' }, status: 200 };
  t.throws(() => control.verify({ requests: [{ match }] }), {
    message: 'requests[0]: found 0 with status 200, user-agent wget/*, expected at least 1',
  });
  t.throws(() => control.journal.list({ headers: { cookie: '*' } }), {
    message:
      'headers.cookie: unknown key "cookie"; expected one of user-agent, accept, content-type, traceparent, x-request-id, harness-account',
  });

  control.faults.arm({ match: { headers: { 'user-agent': 'curl/*' } }, fault: { code: 503 } });
  t.equal((await ask(t, app, NGINX, { headers: { 'user-agent': 'curl/9' } })).status, 503);
  t.equal((await ask(t, app, NGINX, { headers: { 'user-agent': 'wget/1' } })).status, 200);
});
