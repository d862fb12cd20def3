import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import t from 'tap';
import { answerFrameworkError } from '../../src/http/error-handlers.js';
import type { Reason } from '../../src/reason.js';
import type { Store } from '../../src/store/store.js';
import { ask, build, KEY, listen, NGINX, seedStore, sendRaw } from '../helper.js';

/** Notes the reason of every request that an app answers, in turn. */
function noteReasons(app: FastifyInstance): (Reason | undefined)[] {
  const reasons: (Reason | undefined)[] = [];
  app.addHook('onResponse', async ({ reason }: FastifyRequest) => {
    reasons.push(reason);
  });
  return reasons;
}

const at = (ref: string, artifact: string, version: string, query = '') =>
  `/har/api/v1/registry/${ref}/+/artifact/${artifact}/+/version/${version}/details${query}`;

t.test('a request is told why it got no 200', async (t) => {
  const app = build(t);
  const reasons = noteReasons(app);
  const rows: [target: string, options: object, status: number, reason: Reason | undefined][] = [
    [NGINX, {}, 200, undefined],
    ['/nope', {}, 404, 'unknownRoute'],
    [NGINX, { method: 'POST' }, 405, 'methodNotAllowed'],
    [NGINX, { headers: { 'x-api-key': '' } }, 401, 'keyMissing'],
    [NGINX, { headers: { 'x-api-key': 'nobody' } }, 401, 'keyUnknown'],
    [NGINX, { headers: { 'x-api-key': 'pat.acme.old.local' } }, 401, 'keyExpired'],
    [NGINX, { headers: { 'x-api-key': 'pat.acme.lost.local' } }, 401, 'keyRevoked'],
    [NGINX, { headers: { 'x-api-key': '', authorization: `bearer ${KEY}` } }, 401, 'bearerOnly'],
    [`${NGINX}?artifact_type=`, {}, 400, 'invalidParameter'],
    [NGINX, { headers: { prefer: 'code=1' } }, 400, 'invalidPreference'],
    [at('other/reg', 'x', '1'), { headers: { 'x-api-key': 'sat.acme.web.local' } }, 403, 'scopeNotGranted'],
    [at('acme/nope', 'x', '1'), {}, 404, 'registryUnknown'],
    [at('acme/pypi', 'x', '1', '?artifact_type=model'), {}, 400, 'artifactTypeNotAllowed'],
    [at('acme/pypi', 'x', '1'), {}, 404, 'artifactUnknown'],
    [at('acme/labs/ml/hub', 'bert', 'v1'), {}, 400, 'ambiguousArtifact'],
    [NGINX.replace('1.25.3', '0'), {}, 404, 'versionUnknown'],
    [`${NGINX}?childVersion=x`, {}, 404, 'childUnknown'],
    [NGINX, { headers: { prefer: 'code=503' } }, 503, 'fault'],
    [NGINX, { headers: { prefer: 'status=FAILURE' } }, 200, undefined],
    ['/docs/nope', {}, 404, undefined],
  ];
  for (const [target, options, status, reason] of rows) {
    const answer = await app.inject({
      method: 'GET',
      url: target,
      ...options,
      headers: { 'x-api-key': KEY, ...(options as { headers?: object }).headers },
    });
    t.equal(answer.statusCode, status, target);
    t.equal(reasons.at(-1), reason, target);
    t.notMatch(answer.body, /"reason":"[a-z]+[A-Z]/, 'a client is not told');
  }
  t.equal(reasons.length, rows.length);
});

t.test('what only a socket can send has its reason, too', async (t) => {
  const app = build(t);
  const reasons = noteReasons(app);
  const port = await listen(app);
  const get = (lines: string[]) => `GET ${NGINX} HTTP/1.1\r\n${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`;
  const rows: [lines: string[], status: number, reason: Reason][] = [
    [[`x-api-key: ${KEY}`], 400, 'hostMissing'],
    [['Host: x', ...Array(2_100).fill('a:b'), `x-api-key: ${KEY}`, 'x-api-key: another'], 401, 'keysDiffer'],
    [['Host: x', `x-api-key: ${KEY}`, 'x-api-key: another'], 401, 'keysDiffer'],
    [['Host: x', 'x-api-key:', 'x-api-key:'], 401, 'keyMissing'],
  ];
  for (const [lines, status, reason] of rows) {
    const [answer] = await sendRaw(port, get(lines));
    t.equal(answer?.status, status, reason);
    t.equal(reasons.at(-1), reason);
  }
});

t.test('a request of another version of HTTP has its reason', async (t) => {
  const app = build(t);
  const reasons = noteReasons(app);
  const port = await listen(app);
  for (const version of ['0.9', '2.0']) {
    const [answer] = await sendRaw(port, `GET ${NGINX} HTTP/${version}\r\nHost: x\r\nx-api-key: ${KEY}\r\n\r\n`);
    t.equal(answer?.status, 505);
    t.strictSame(answer?.body, {
      code: '505',
      message: 'HTTP version not supported',
      details: { supported: ['1.0', '1.1'] },
    });
    t.equal(reasons.pop(), 'versionNotSupported');
  }
});

t.test('a target that the router refuses, which no hook sees, has its reason', async (t) => {
  const request = { originalUrl: '/%ZZ' } as FastifyRequest;
  const reply = { code: () => reply, type: () => reply, send: () => reply } as unknown as FastifyReply;
  answerFrameworkError({} as FastifyError, request, reply);
  t.equal(request.reason, 'undecodable');
});

t.test('two empty keys are none, even where any key passes', async (t) => {
  const port = await listen(build(t, { auth: 'any' }));
  const [answer] = await sendRaw(
    port,
    `GET ${NGINX} HTTP/1.1\r\nHost: x\r\nx-api-key:\r\nx-api-key:\r\nConnection: close\r\n\r\n`,
  );
  t.equal(answer?.status, 401);
});

t.test('the unforeseen is a reason as well', async (t) => {
  const broken: Store = {
    ...seedStore(t),
    findDetails() {
      throw new Error('disk on fire');
    },
  };
  const app = build(t, { store: broken });
  const reasons = noteReasons(app);
  const answer = await ask(t, app, NGINX);
  t.equal(answer.status, 500);
  t.strictSame(reasons, ['unforeseen']);
});
