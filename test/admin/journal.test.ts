import t from 'tap';
import { ask, askRaw, build, KEY, listen, makeControls, NGINX, seedStore } from '../helper.js';
import { control, of } from './support.js';

const WEB_KEY = 'sat.acme.web.local';

t.test('remembers what was asked, exactly as it stood on the wire', async (t) => {
  const app = build(t);
  const port = await listen(app);
  const targets = [
    NGINX,
    '/gateway/har/api/v1/registry/acme%2fplatform%2Fweb%2Fimages/artifact/library%2Fnginx%2F%2B/version/1.25.3/details?x=%20',
    'http://elsewhere/har/api/v1/registry/acme/pypi/+/artifact/nope/version/1/details',
    '/har/api/v1/registry/acme/pypi/+/artifact/x/version/1/details#x',
    '/%ZZ',
  ];
  for (const target of targets) await askRaw(port, target);
  await ask(t, app, NGINX, { method: 'HEAD' });
  await askRaw(port, NGINX, 'POST');
  for (const path of ['/healthz', '/readyz', '/openapi.json', '/__admin/nope']) await askRaw(port, path);

  const { status, body } = await control(t, app, 'GET', '/journal');
  t.equal(status, 200);
  t.equal(body.total, 7);
  t.equal(body.dropped, 0);
  const seen = body.entries.map((entry: Record<string, unknown>) => [
    entry.method,
    entry.target,
    entry.status,
    entry.key,
  ]);
  t.strictSame(seen, [
    ['GET', targets[0], 200, 'developer'],
    ['GET', targets[1], 200, 'developer'],
    ['GET', targets[2], 404, 'developer'],
    ['GET', targets[3], 404, undefined],
    ['GET', targets[4], 400, undefined],
    ['HEAD', NGINX, 200, 'developer'],
    ['POST', NGINX, 405, undefined],
  ]);
  const [first, second, third, fourth, fifth] = body.entries;
  const parameters = { registry_ref: 'acme/platform/web/images', artifact: 'library/nginx', version: '1.25.3' };
  t.strictSame(first.spelling, { ref: 'published', artifact: 'published' });
  t.strictSame(first.parameters, parameters);
  t.match(second.spelling, { ref: 'bare', artifact: 'encoded' });
  t.strictSame(second.parameters, { ...parameters, x: ' ' });
  t.equal(third.reason, 'artifactUnknown');
  t.match(third.advice, /acme-metrics/);
  t.equal(fourth.reason, 'fragment');
  t.equal(fifth.reason, 'undecodable');
  for (const { at, duration } of body.entries) {
    t.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000);
    t.ok(duration >= 0 && duration < 60_000);
  }
});

t.test('tells why a key was refused, and never the key', async (t) => {
  const app = build(t);
  const rows: [headers: Record<string, string>, reason: string, key?: string][] = [
    [{ 'x-api-key': '' }, 'keyMissing'],
    [{ 'x-api-key': 'canary-unknown' }, 'keyUnknown'],
    [{ 'x-api-key': 'pat.acme.old.local' }, 'keyExpired'],
    [{ 'x-api-key': 'pat.acme.lost.local' }, 'keyRevoked'],
    [{ 'x-api-key': WEB_KEY }, 'scopeNotGranted', 'web-ci'],
  ];
  const vault = '/har/api/v1/registry/acme/labs/vault/secrets-scanner/+/artifact/scanner/version/1.0.0/details';
  for (const [headers] of rows) await ask(t, app, vault, { headers });
  const { body, text } = await control(t, app, 'GET', '/journal');
  t.strictSame(
    body.entries.map(({ reason }: { reason: string }) => reason),
    rows.map(([, reason]) => reason),
  );
  t.ok(body.entries.at(-1).key, 'a key that is known is named');
  for (const secret of ['canary', KEY, WEB_KEY, 'pat.acme']) t.notMatch(text, secret);
});

t.test('nothing of the admin API is in it, in whatever way it is spelled', async (t) => {
  const app = build(t);
  const port = await listen(app);
  const targets = ['/__admin/nope?key=canary', '/__admin/explain?target=%ZZ&key=canary', '/%5F_admin/x?key=canary'];
  for (const target of targets) await askRaw(port, target);
  const { body } = await control(t, app, 'GET', '/journal');
  t.strictSame(body, { entries: [], total: 0, dropped: 0 });
});

t.test('a query does not pass for the path, nor another path for the API', async (t) => {
  const app = build(t);
  await ask(t, app, `${NGINX}?version=9&artifact=other&registry_ref=x/y`);
  await ask(t, app, '/foo/api/v1/registry/acme%2Fx/artifact/app/version/1/details');
  const { body } = await control(t, app, 'GET', '/journal');
  const parameters = { registry_ref: 'acme/platform/web/images', artifact: 'library/nginx', version: '1.25.3' };
  t.strictSame(
    body.entries.map((entry: { parameters: unknown }) => entry.parameters),
    [parameters, undefined],
  );
});

t.test('what a fault answers is not in it', async (t) => {
  const app = build(t);
  const fault = { code: 503, message: 'long', details: { a: 'long' }, retryAfter: 3 };
  await control(t, app, 'POST', '/faults', { body: { fault } });
  await ask(t, app, NGINX);
  const { body } = await control(t, app, 'GET', '/journal');
  t.strictSame(body.entries[0].fault, { trigger: 'armed', id: 1, fault: { code: 503, retryAfter: 3 } });
});

t.test('tells which fault happened, and what set it off', async (t) => {
  const app = build(t);
  const port = await listen(app);
  await control(t, app, 'POST', '/faults', { body: { fault: { network: 'empty' }, times: 1 } });
  await askRaw(port, NGINX).catch(() => undefined);
  await ask(t, app, NGINX, { headers: { prefer: 'code=503, delay=1' } });
  await ask(t, app, '/har/api/v1/registry/acme/labs/unreliable/+/artifact/status/version/ERROR/details');
  await t.rejects(ask(t, app, NGINX, { headers: { prefer: 'fault=reset' } }));
  const { body } = await control(t, app, 'GET', '/journal');
  t.strictSame(
    body.entries.map(({ status, fault }: { status: number; fault: unknown }) => [status, fault]),
    [
      [undefined, { trigger: 'armed', id: 1, fault: { network: 'empty' } }],
      [503, { trigger: 'prefer', fault: { code: 503, delay: 1 } }],
      [200, { trigger: 'data', fault: { status: 'ERROR' } }],
      [undefined, { trigger: 'prefer', fault: { network: 'reset' } }],
    ],
  );
  t.ok(body.entries[1].duration >= 0.9);
});

t.test('lists the newest of those that a query means, and counts them', async (t) => {
  const app = build(t);
  for (let asked = 0; asked < 120; asked += 1) await app.inject(asked % 2 === 0 ? '/a' : '/b');
  const all = await control(t, app, 'GET', '/journal');
  t.equal(all.body.entries.length, 100);
  t.equal(all.body.entries[0].id, 21);
  t.equal(all.body.total, 120);
  const some = await control(
    t,
    app,
    'GET',
    '/journal?target=/a&limit=2&since=10&status=404&method=GET&reason=unknownRoute',
  );
  t.equal(some.status, 200);
  t.equal(some.body.total, 55);
  t.strictSame(
    some.body.entries.map(({ id }: { id: number }) => id),
    [117, 119],
  );
  const counted = await control(t, app, 'GET', '/journal/count?target=/b');
  t.equal(counted.status, 200);
  t.strictSame(counted.body, { count: 60 });
});

t.test('waits for what is to come', async (t) => {
  const app = build(t);
  const waiting = control(t, app, 'GET', '/journal/wait?status=404&count=2&timeout=60000');
  for (let asked = 0; asked < 2; asked += 1) await app.inject('/a');
  const came = await waiting;
  t.equal(came.status, 200);
  t.strictSame(came.body, { count: 2 });
  const late = await control(t, app, 'GET', '/journal/wait?status=500&timeout=1');
  t.equal(late.status, 409);
  const reasons = ['0 came within 1 ms, expected at least 1'];
  t.strictSame(late.body, { code: '409', message: 'Not as expected', details: { reasons } });
});

t.test('a wait says why entries may be missing', async (t) => {
  const store = seedStore(t);
  const rows: [entries: number, reason: string][] = [
    [0, '0 came within 1 ms, expected at least 2; the journal is off: start with --journal-entries above 0'],
    [
      1,
      '1 came within 1 ms, expected at least 2; older entries have been dropped (1); --journal-entries and --journal-bytes keep more',
    ],
  ];
  for (const [entries, reason] of rows) {
    const app = build(t, { store, controls: makeControls(store, { journal: { entries, bytes: 1e6 } }) });
    for (let asked = 0; asked < 2; asked += 1) await app.inject('/a');
    const { status, body } = await control(t, app, 'GET', '/journal/wait?count=2&timeout=1');
    t.equal(status, 409);
    t.strictSame(body, { code: '409', message: 'Not as expected', details: { reasons: [reason] } });
  }
});

t.test('a server that closes ends the waits', async (t) => {
  const app = build(t);
  await app.ready();
  const waiting = control(t, app, 'GET', '/journal/wait?timeout=60000');
  await new Promise((resolve) => setImmediate(resolve));
  await app.close();
  t.equal((await waiting).status, 409);
});

t.test('forgets when it is told to, of a session where one is named', async (t) => {
  const app = build(t);
  const count = async () => (await control(t, app, 'GET', '/journal/count')).body.count;
  await app.inject('/a');
  await app.inject({ url: '/a', headers: of('s') });
  t.equal((await control(t, app, 'DELETE', '/journal', { headers: of('s') })).status, 204);
  t.equal(await count(), 1);
  t.equal((await control(t, app, 'DELETE', '/journal')).status, 204);
  t.equal(await count(), 0);
});

t.test('is bounded, and says what it has dropped', async (t) => {
  const store = seedStore(t);
  const app = build(t, { store, controls: makeControls(store, { journal: { entries: 2, bytes: 1e6 } }) });
  for (let asked = 0; asked < 5; asked += 1) await app.inject('/a');
  const { body } = await control(t, app, 'GET', '/journal');
  t.equal(body.total, 2);
  t.equal(body.dropped, 3);
});

t.test('refuses the session of another header', async (t) => {
  const app = build(t);
  const reason = 'found "b", expected that of the header, "a"';
  const asked = await control(t, app, 'GET', '/journal/count?session=b', { headers: of('a') });
  t.equal(asked.status, 400);
  t.strictSame(asked.body.details, { field: 'session', reason });
  const body = { requests: [{ match: { session: 'b' } }] };
  const verified = await control(t, app, 'POST', '/verify', { body, headers: of('a') });
  t.equal(verified.status, 400);
  t.strictSame(verified.body.details, { field: 'requests[0].match.session', reason });
  t.equal((await control(t, app, 'GET', '/journal/count?session=a', { headers: of('a') })).status, 200);
});

t.test('refuses a query that does not fit, and points to the field', async (t) => {
  const app = build(t);
  const rows: [path: string, field: string, reason: string][] = [
    ['/journal?artefact=x', 'artefact', 'unknown key "artefact"; did you mean "artifact"?'],
    ['/journal?status=abc', 'status', 'found "abc", expected the HTTP status, from 100 to 599'],
    ['/journal?status=404&status=500', 'status', 'found a list, expected the HTTP status, from 100 to 599'],
    [
      '/journal?limit=0',
      'limit',
      'found 0, expected how many of the newest to list, from 1 to 10000; 100 unless given',
    ],
    ['/journal/count?limit=1', 'limit', 'unknown key "limit"; expected one of '],
    [
      '/journal/wait?timeout=60001',
      'timeout',
      'found 60001, expected milliseconds to wait, from 0 to 60000; 5000 unless given',
    ],
    ['/journal?limit=1.9', 'limit', 'found "1.9", expected how many of the newest to list'],
    ['/journal?method=get', 'method', 'found "get", expected the method, in capitals'],
    [
      '/journal?ref=acme/pypi/+',
      'ref',
      'found "acme/pypi/+", expected a glob over the registry_ref, decoded, the marker /+',
    ],
    ['/journal?artifact=', 'artifact', 'found "", expected a glob over the artifact'],
    ['/journal?target=', 'target', 'found "", expected a glob over the target'],
    ['/journal?reason=noKey', 'reason', 'found "noKey", expected one of '],
  ];
  for (const [path, field, reason] of rows) {
    const answer = await control(t, app, 'GET', path);
    t.equal(answer.status, 400, path);
    t.equal(answer.body.details.field, field);
    t.ok(answer.body.details.reason.startsWith(reason), answer.body.details.reason);
  }
});
