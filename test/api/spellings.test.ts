import t from 'tap';
import { explain } from '../../src/explain/explain.js';
import { startMockServer } from '../../src/index.js';
import { ask, build, configure, KEY, makeControl, NGINX, NGINX_BODY, seedStore } from '../helper.js';

const BASE = '/har/api/v1/registry';
const PORTABLE = `${BASE}/acme/platform/web/images/+/artifact/library%2Fnginx/version/1.25.3/details`;
const ENCODED = `${BASE}/acme%2Fplatform%2Fweb%2Fimages%2F%2B/artifact/library%2Fnginx%2F%2B/version/1.25.3/details`;
const CLI = `${BASE}/acme%2Fpypi/+/artifact/acme-metrics/+/version/0.9.0+local.3/details`;
const HINT = 'the open-source server does not accept this spelling';

t.test('only portable spellings are accepted if the option says so', async (t) => {
  const store = seedStore(t);
  const control = makeControl(store);
  const app = build(t, { store, control, spellings: 'portable' });
  for (const target of [NGINX, PORTABLE, `/gateway${NGINX}`, NGINX.replace('/platform/', '%2Fplatform/')]) {
    const isMixed = target.includes('%2Fplatform');
    const answer = await ask(t, app, target);
    if (isMixed) t.equal(answer.status, 404, 'the marker of the artifact needs a path without escapes');
    else t.strictSame(answer.body, NGINX_BODY, target);
  }
  const details = { expected: `GET ${PORTABLE}?childVersion=x`, hint: HINT };
  const refused = await ask(t, app, `${ENCODED}?childVersion=x`);
  t.strictSame(refused.body, { code: '404', message: 'Route not found', details });
  const [entry] = control.journal.list({ reason: 'notPortable', artifact: 'library/nginx' }).slice(-1);
  t.match(entry, {
    status: 404,
    reason: 'notPortable',
    spelling: { ref: 'encoded', artifact: 'encoded', portable: false },
    advice: `the open-source server refuses this spelling; send another: ${PORTABLE}?childVersion=x`,
  });
});

t.test('the spelling is checked before method, key, grant and syntax, but not on other paths', async (t) => {
  const app = build(t, { spellings: 'portable' });
  for (const method of ['GET', 'HEAD', 'POST', 'DELETE'] as const) {
    const answer = await ask(t, app, CLI, { method, headers: { 'x-api-key': 'unknown' } });
    t.equal(answer.status, 404, method);
    t.equal(answer.headers.allow, undefined, method);
  }
  t.equal((await app.inject('/healthz')).statusCode, 200);
  t.equal((await ask(t, app, `${CLI}?artifact_type=x`)).status, 404);
  t.equal((await ask(t, app, `${BASE}/acme/+/artifact/a%2F%2B/version/1/details`)).status, 404);
  for (const [target, status] of [
    ['/nope', 404],
    [`${BASE}/acme/pypi/+/artifact/%ZZ/version/1/details`, 400],
    [`${BASE}/acme/pypi/artifact/a/version/1/details`, 404],
  ] as const) {
    const { body, ...answer } = await ask(t, app, target);
    t.equal(answer.status, status, target);
    t.notMatch(body, { details: { hint: HINT } }, target);
  }
});

t.test('explain names a refused spelling, and marks one that is not portable', async (t) => {
  const store = seedStore(t);
  const request = { target: CLI, headers: [['x-api-key', KEY]] as [string, string][] };
  const portable = build(t, { store, spellings: 'portable' });
  const all = build(t, { store });
  await Promise.all([portable.ready(), all.ready()]);
  t.strictSame(await explain(portable.server, store, request), {
    target: CLI,
    steps: [
      { step: 'target', passed: true, found: 'can be decoded' },
      { step: 'route', passed: false, found: 'notPortable' },
    ],
    status: 404,
    message: 'Route not found',
    reason: 'notPortable',
    advice:
      'the open-source server refuses this spelling; ' +
      `send another: ${BASE}/acme/pypi/+/artifact/acme-metrics/version/0.9.0%2Blocal.3/details`,
  });
  const marked = await explain(all.server, store, request);
  t.match(marked.steps[1], { step: 'route', passed: true, found: /, version 0\.9\.0\+local\.3; not portable$/ });
  t.equal(marked.status, 200);
});

t.test('the library has the option, and an unknown value is one sentence', async (t) => {
  const server = await startMockServer({ spellings: 'portable' });
  t.teardown(() => server.close());
  t.equal((await server.inject(ENCODED, { headers: { 'x-api-key': KEY } })).status, 404);
  t.throws(() => configure(['--spellings', 'portabel']), {
    message: '--spellings: found "portabel", expected one of all, portable; did you mean "portable"?',
    exitCode: 2,
  });
});
