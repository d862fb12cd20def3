import t from 'tap';
import { askRaw, build, KEY, listen, NGINX } from '../helper.js';
import { control, of } from './support.js';

t.test('walks one request through every decision', async (t) => {
  const app = build(t);
  const ask = (target: string, more = '', headers = {}) =>
    control(t, app, 'GET', `/explain?target=${encodeURIComponent(target)}${more}`, { headers });

  const found = await ask(NGINX, `&key=${KEY}`);
  t.equal(found.status, 200);
  t.match(found.body, { target: NGINX, status: 200, message: 'SUCCESS' });
  t.strictSame(
    found.body.steps.map(({ step, passed }: Record<string, unknown>) => [step, passed]),
    [
      'target',
      'route',
      'method',
      'key',
      'syntax',
      'grant',
      'registry',
      'artifactType',
      'artifact',
      'version',
      'child',
      'fault',
    ].map((step) => [step, true]),
  );
  t.notMatch(found.text, KEY, 'the key is not shown');

  const unmarked = await ask(NGINX.replace('images/+/', 'images/'), '', { 'x-api-key': KEY });
  t.equal(unmarked.status, 200);
  t.match(unmarked.body, { status: 404, message: 'Route not found', reason: 'markerMissing' });
  t.match(unmarked.body.advice, NGINX, 'the corrected target is told');

  const keyless = await ask(NGINX);
  t.match(keyless.body, { status: 401, reason: 'keyMissing' });
  const posted = await ask(NGINX, '&method=post', { 'x-api-key': KEY });
  t.match(posted.body, { status: 405, reason: 'methodNotAllowed' });
  t.equal((await control(t, app, 'GET', '/journal')).body.total, 0, 'nothing was served');
});

t.test('tells of the fault that is armed, and takes nothing of it', async (t) => {
  const app = build(t);
  const ask = async (headers: Record<string, string>) =>
    (await control(t, app, 'GET', `/explain?target=${NGINX}`, { headers: { 'x-api-key': KEY, ...headers } })).body;
  const arm = (body: object) => control(t, app, 'POST', '/faults', { body, headers: of('s') });
  await arm({ fault: { delay: 5, status: 'ERROR' }, match: { key: 'developer', artifact: 'library/*' }, times: 1 });
  const late = await ask(of('s'));
  t.match(late, { status: 200, message: 'ERROR' });
  t.strictSame(late.steps.at(-1), { step: 'fault', passed: true, found: 'armed fault 1: 200 ERROR after 5 ms' });
  t.match(await ask({}), { status: 200, message: 'SUCCESS' }, 'it is armed for a session');
  await control(t, app, 'DELETE', '/faults');
  await arm({ fault: { network: 'reset' } });
  const broken = await ask(of('s'));
  t.equal(broken.status, undefined);
  t.strictSame(broken.steps.at(-1), { step: 'fault', passed: false, found: 'armed fault 2: network reset' });
  t.match((await control(t, app, 'GET', '/faults')).body, { faults: [{ hits: 0 }] });
});

t.test('judges a key as the API does', async (t) => {
  const app = build(t);
  const document = { apiKeys: [{ key: 'clé', name: 'accented', grants: ['acme'] }] };
  await control(t, app, 'PUT', '/fixtures', { body: document });
  const rows: [query: string, headers: Record<string, string>][] = [
    ['', { 'x-api-key': `${KEY}, ${KEY}` }],
    [`&key=${encodeURIComponent('clé')}`, {}],
  ];
  for (const [query, headers] of rows) {
    const answer = await control(t, app, 'GET', `/explain?target=${NGINX}${query}`, { headers });
    t.equal(answer.status, 200);
    t.equal(answer.body.status, 200, query);
  }
});

t.test('tells why a key is none as the API does', async (t) => {
  const app = build(t);
  const guarded = build(t, { access: { kind: 'token', token: 'open-sesame' } });
  const port = await listen(app);
  const bearer = { authorization: 'Bearer open-sesame' };
  const rows: [headers: Record<string, string>, reason: string, found: string][] = [
    [{}, 'keyMissing', 'there is none'],
    [{ 'x-api-key': ', ' }, 'keyMissing', 'there is none'],
    [{ 'x-api-key': `${KEY}, other` }, 'keyUnknown', 'it is not known'],
    [bearer, 'bearerOnly', 'there is a Bearer token only'],
    [{ ...bearer, 'x-api-key': KEY }, 'none', 'key developer'],
  ];
  for (const [headers, reason, found] of rows) {
    const { status, body } = await control(t, app, 'GET', `/explain?target=${NGINX}`, { headers });
    t.equal(status, 200);
    t.equal(body.reason ?? 'none', reason);
    t.strictSame(
      body.steps.find(({ step }: { step: string }) => step === 'key'),
      { step: 'key', passed: reason === 'none', found },
    );
  }
  const differing = await askRaw(port, `/__admin/explain?target=${NGINX}`, 'GET', ['x-api-key: other']);
  t.equal(differing.status, 200);
  t.match(differing.body, { status: 401, reason: 'keysDiffer' });
  const own = await control(t, guarded, 'GET', `/explain?target=${NGINX}`, { headers: bearer });
  t.equal(own.status, 200);
  t.match(own.body, { status: 401, reason: 'keyMissing' }, 'the token is that of the admin API');
});

t.test('refuses a question that does not fit', async (t) => {
  const app = build(t);
  const rows: [query: string, field: string, reason: string][] = [
    [
      '',
      'target',
      'missing key "target"; expected the target, or the whole URL; what it has of & # and % is percent-encoded once more',
    ],
    ['target=/a&url=/b', 'url', 'unknown key "url"; expected one of target, key, method'],
  ];
  for (const [query, field, reason] of rows) {
    const answer = await control(t, app, 'GET', `/explain?${query}`);
    t.equal(answer.status, 400, query);
    t.strictSame(answer.body.details, { field, reason });
  }
});
