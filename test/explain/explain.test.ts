import fc from 'fast-check';
import t from 'tap';
import { REASONS, type Reason, STEPS, type Step } from '../../src/api/errors.js';
import { advise } from '../../src/explain/advice.js';
import { diagnose } from '../../src/explain/mistakes.js';
import { createRandom, MAX_SESSIONS } from '../../src/faults/sessions.js';
import { writeFixtures } from '../../src/seed/write.js';
import { quote } from '../../src/util/text.js';
import { askAdmin, sessionHeader } from '../admin/support.js';
import { ask, askRaw, build, KEY, listen, NGINX, seedStore } from '../helper.js';
import { type Asked, at, buildExplainer } from './support.js';

const NARROW = 'sat.acme.web.local';
const API = '/har/api/v1/registry';
const CHILD = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef';
const SHAPE =
  'the path of the API is /har/api/v1/registry/{registry_ref}/artifact/{artifact}/version/{version}/details';

const unreliable = (artifact: string, version: string) => at('acme/labs/unreliable', artifact, version);

const PASSED = [
  { step: 'target', passed: true, found: 'can be decoded' },
  {
    step: 'route',
    passed: true,
    found:
      'registry_ref acme/platform/web/images (spelling: published), artifact library/nginx (spelling: published), version 1.25.3',
  },
  { step: 'method', passed: true, found: 'GET' },
  { step: 'key', passed: true, found: 'key developer' },
  { step: 'grant', passed: true, found: 'acme covers acme/platform/web/images' },
  { step: 'syntax', passed: true, found: 'all parameters are valid' },
  { step: 'registry', passed: true, found: 'acme/platform/web/images, DOCKER' },
  { step: 'artifactType', passed: true, found: 'not given' },
  { step: 'artifact', passed: true, found: 'library/nginx' },
  { step: 'version', passed: true, found: '1.25.3' },
  { step: 'child', passed: true, found: 'not given' },
];

t.test('explains every decision up to the 200', async (t) => {
  const { ask } = await buildExplainer(t);
  t.strictSame(await ask({ target: NGINX }), {
    target: NGINX,
    steps: [...PASSED, { step: 'fault', passed: true, found: 'none: 200 SUCCESS' }],
    status: 200,
    message: 'SUCCESS',
  });
});

t.test('explains the step that fails, why, and what to change', async (t) => {
  const { ask } = await buildExplainer(t);
  const malformed =
    'send a valid HTTP/1.1 request; its target starts with a slash, with spaces, control characters and letters beyond ASCII percent-encoded';
  const onPurpose = 'a fault was injected by the Prefer header, an armed rule or the fixture';
  const rows: [asked: Partial<Asked>, step: Step, found: string, reason: Reason, advice: string][] = [
    [{ method: 'FROB' }, 'method', 'methodUnknown', 'methodUnknown', 'send GET, or HEAD'],
    [{ method: 'get' }, 'method', 'methodUnknown', 'methodUnknown', 'send GET, or HEAD'],
    [{ method: 'POST' }, 'method', 'methodNotAllowed', 'methodNotAllowed', 'send GET, or HEAD'],
    [{ target: '/é' }, 'target', 'malformedRequest', 'malformedRequest', malformed],
    [{ target: '/\u0141' }, 'target', 'malformedRequest', 'malformedRequest', malformed],
    [{ target: 'a' }, 'target', 'malformedRequest', 'malformedRequest', malformed],
    [{ target: '/a\r\nX: y' }, 'target', 'malformedRequest', 'malformedRequest', malformed],
    [{ target: '/a b' }, 'target', 'malformedRequest', 'malformedRequest', malformed],
    [{ target: `${NGINX} HTTP/2.0` }, 'target', 'malformedRequest', 'malformedRequest', malformed],
    [{ target: `/${'x'.repeat(20_000)}` }, 'target', 'targetTooLong', 'targetTooLong', 'send a shorter target'],
    [
      { key: 'x'.repeat(20_000) },
      'target',
      'headersTooLarge',
      'headersTooLarge',
      'send a shorter target, or fewer and shorter headers',
    ],
    [
      { target: '/%ZZ' },
      'target',
      'target is not percent-encoded UTF-8; write a percent sign as %25; found %ZZ',
      'undecodable',
      'write a percent sign as %25, and encode UTF-8',
    ],
    [
      { target: `${API}/acme/pypi/artifact/x/version/1/details` },
      'route',
      'markerMissing',
      'markerMissing',
      `a registry_ref or an artifact that contains slashes must end in /+: ${API}/acme/pypi/+/artifact/x/version/1/details`,
    ],
    [{ key: '' }, 'key', 'keyMissing', 'keyMissing', 'send a key in the header x-api-key'],
    [{ key: undefined }, 'key', 'keyMissing', 'keyMissing', 'send a key in the header x-api-key'],
    [{ key: 'canary' }, 'key', 'keyUnknown', 'keyUnknown', 'send a key from the apiKeys of the fixtures'],
    [
      { key: 'pat.acme.old.local' },
      'key',
      'keyExpired',
      'keyExpired',
      'the key expired expired at 2020-01-01T00:00:00.000Z; send another',
    ],
    [{ key: 'pat.acme.lost.local' }, 'key', 'keyRevoked', 'keyRevoked', 'the key revoked is revoked; send another'],
    [
      { target: at('a/b/c/d/e', 'x', '1') },
      'syntax',
      'registry_ref must have 2 to 4 non-empty components: account[/org[/project]]/registry; found a/b/c/d/e',
      'invalidParameter',
      'registry_ref must have 2 to 4 non-empty components: account[/org[/project]]/registry',
    ],
    [
      { target: `${API}/acme%252Fpypi/artifact/x/version/1/details` },
      'syntax',
      'registry_ref must have 2 to 4 non-empty components: account[/org[/project]]/registry; found acme%2Fpypi',
      'doubleEncoded',
      `ref is percent-encoded twice; encode it once: ${API}/acme%2Fpypi/artifact/x/version/1/details`,
    ],
    [
      { target: at('acme/pypi', 'x', '1'), key: NARROW },
      'grant',
      'scopeNotGranted',
      'scopeNotGranted',
      'no grant of the key web-pipeline covers acme/pypi; its grants: acme/platform/web, acme/base-images',
    ],
    [
      { target: `${NGINX}?artifact_type=` },
      'syntax',
      'artifact_type must be given once and be exactly model or dataset; found ""',
      'invalidParameter',
      'artifact_type must be given once and be exactly model or dataset',
    ],
    [
      { target: `${NGINX}?childVersion=a&childVersion=b` },
      'syntax',
      'childVersion must be given once; found ["a","b"]',
      'invalidParameter',
      'childVersion must be given once',
    ],
    [
      { target: at('acme/ppi', 'x', '1') },
      'registry',
      'acme/ppi is not known',
      'registryUnknown',
      'nearest known registries: acme/pypi, acme/base-images, acme/labs/ml/hub',
    ],
    [
      { target: at('acme/pypi', 'x', '1', '?artifact_type=model') },
      'artifactType',
      'artifact_type only artifacts of a HUGGINGFACE registry have a type; found model',
      'artifactTypeNotAllowed',
      'remove artifact_type: acme/pypi is PYTHON, and only HUGGINGFACE has artifact types',
    ],
    [
      { target: at('acme/pypi', 'acme-metrcs', '1') },
      'artifact',
      'acme-metrcs is not known',
      'artifactUnknown',
      'nearest known artifacts: acme-metrics',
    ],
    [
      { target: at('acme/labs/ml/hub', 'acme/sentiment', 'main', '?artifact_type=dataset') },
      'artifact',
      'acme/sentiment is not known',
      'artifactUnknown',
      'acme/sentiment exists, but not as a dataset: change artifact_type',
    ],
    [
      { target: at('acme/labs/ml/hub', 'bert', 'v1') },
      'artifact',
      'artifact_type an artifact of a HUGGINGFACE registry needs artifact_type: model or dataset',
      'artifactTypeMissing',
      'add artifact_type=model or artifact_type=dataset: the registry is HUGGINGFACE',
    ],
    [
      { target: NGINX.replace('1.25.3', '9.9') },
      'version',
      '9.9 is not known',
      'versionUnknown',
      'nearest known versions: 1.24.0, 1.25.3',
    ],
    [
      { target: NGINX.replace('1.25.3', '9%252B9') },
      'version',
      '9%2B9 is not known',
      'doubleEncoded',
      `version is percent-encoded twice; encode it once: ${NGINX.replace('1.25.3', '9%2B9')}`,
    ],
    [
      { target: `${NGINX}?childVersion=sha256:5f` },
      'child',
      'sha256:5f is not known',
      'childUnknown',
      `nearest known child versions: sha256:2bdc49f2f8ae8d8dc50ed00f2ee56d00385c6f8bc8a8b320d0a294d9e3b49026, ${CHILD}`,
    ],
    [
      { target: unreliable('error', '503') },
      'fault',
      'fault of the fixture: 503 "down for maintenance"',
      'fault',
      onPurpose,
    ],
    [
      { target: unreliable('error', '504') },
      'fault',
      'fault of the fixture: 504 "Gateway Timeout" after 1000 ms',
      'fault',
      onPurpose,
    ],
    [{ target: unreliable('network', 'empty') }, 'fault', 'fault of the fixture: network empty', 'fault', onPurpose],
  ];
  for (const [asked, step, found, reason, advice] of rows) {
    const explanation = await ask({ target: NGINX, ...asked });
    const name = JSON.stringify(asked).slice(0, 200);
    t.strictSame(explanation.steps.at(-1), { step, passed: false, found }, name);
    t.equal(explanation.reason, reason, name);
    t.equal(explanation.advice, advice, name);
    t.ok(explanation.steps.slice(0, -1).every(({ passed }) => passed));
    const order = explanation.steps.map((done) => STEPS.indexOf(done.step));
    t.strictSame(
      order,
      [...order].sort((a, b) => a - b),
      'in order',
    );
    t.notMatch(JSON.stringify(explanation), /canary|pat\.acme|sat\.acme/, 'shows no key');
  }
});

t.test('the steps of a failure end with it, and leave out what was not decided', async (t) => {
  const { ask, control } = await buildExplainer(t);
  const stepsOf = async (asked: Asked) => (await ask(asked)).steps.map(({ step }) => step);
  t.strictSame(await stepsOf({ target: NGINX, method: 'FROB' }), ['method'], 'the parser reads the method first');
  t.strictSame(
    await stepsOf({ target: at('a/b/c/d/e', 'x', '1') }),
    ['target', 'route', 'method', 'key', 'syntax'],
    'an invalid ref is refused before its grant',
  );
  t.strictSame(await stepsOf({ target: `${NGINX}?artifact_type=` }), [
    'target',
    'route',
    'method',
    'key',
    'grant',
    'syntax',
  ]);
  control.faults.arm({ fault: { code: 503 } });
  t.strictSame(
    await stepsOf({ target: at('acme/nope', 'x', '1') }),
    ['target', 'route', 'method', 'key', 'grant', 'syntax', 'fault'],
    'a fault comes before a failed lookup',
  );
});

t.test('explains a 200 with its details', async (t) => {
  const { ask } = await buildExplainer(t);
  const rows: [target: string, step: Step, found: string, message?: string][] = [
    [unreliable('status', 'FAILURE'), 'fault', 'fault of the fixture: 200 FAILURE', 'FAILURE'],
    [unreliable('slow', 'fixed'), 'fault', 'fault of the fixture: 200 SUCCESS after 250 ms'],
    [unreliable('slow', 'uniform'), 'fault', 'fault of the fixture: 200 SUCCESS after 100 to 500 ms'],
    [unreliable('slow', 'log-normal'), 'fault', 'fault of the fixture: 200 SUCCESS after about 100 ms'],
    [NGINX.replace('1.25.3', '1.24.0'), 'version', '1.24.0, in quarantine: CVE-2023-44487'],
    [`${NGINX}?childVersion=${CHILD}`, 'version', '1.25.3'],
    [`${NGINX}?childVersion=${CHILD}`, 'child', CHILD],
    [at('acme/pypi', 'acme-metrics', '0.9.0+local.3', '?childVersion=x'), 'child', 'childVersion has no effect here'],
    [at('acme/labs/ml/hub', 'bert', 'v1', '?artifact_type=model'), 'artifactType', 'model'],
  ];
  for (const [target, step, found, expected = 'SUCCESS'] of rows) {
    const { steps, status, message, reason, advice } = await ask({ target });
    t.strictSame(
      { status, message, reason, advice },
      { status: 200, message: expected, reason: undefined, advice: undefined },
    );
    t.strictSame(
      steps.find((done) => done.step === step),
      { step, passed: true, found },
      target,
    );
  }
});

t.test('explains armed faults and the delays that add up, and uses none of them', async (t) => {
  const { ask, control } = await buildExplainer(t);
  const lastOf = async (asked: Asked) => {
    const { steps, status, message } = await ask(asked);
    return [steps.at(-1)?.found, status, message];
  };
  const rows: [rules: object[], asked: Partial<Asked>, expected: unknown[]][] = [
    [[{ fault: { delay: 5 } }], {}, ['armed fault 1: 200 SUCCESS after 5 ms', 200, 'SUCCESS']],
    [
      [{ fault: { delay: 5 } }, { fault: { code: 503 } }],
      {},
      ['armed fault 3: 503 "Service Unavailable" after 5 ms', 503, 'Service Unavailable'],
    ],
    [
      [{ fault: { delay: { median: 9, sigma: 1 } }, times: 1 }, { sequence: [{ status: 'ERROR', delay: 2 }] }],
      {},
      ['armed fault 5: 200 ERROR after about 9 ms and 2 ms', 200, 'ERROR'],
    ],
    [[{ sequence: ['pass', { code: 503 }] }], {}, ['none: 200 SUCCESS', 200, 'SUCCESS']],
    [
      [{ fault: { network: 'reset', delay: { min: 1, max: 2 } }, percentage: 0.1 }],
      {},
      ['armed fault 7: network reset after 1 to 2 ms', undefined, 'network fault: reset'],
    ],
    [
      [{ match: { key: 'developer', session: 's' }, fault: { code: 500, message: 'own words' } }],
      { session: 's' },
      ['armed fault 8: 500 "own words"', 500, 'own words'],
    ],
    [
      [{ fault: { gateway: 'badGateway200', delay: 3 } }],
      {},
      ['armed fault 9: gateway badGateway200 after 3 ms', 200, 'gateway fault: badGateway200'],
    ],
    [[{ fault: { raw: { status: 502, body: 'x' } } }], {}, ['armed fault 10: raw 502', 502, 'raw fault']],
    [[{ match: { session: 's' }, fault: { code: 500 } }], {}, ['none: 200 SUCCESS', 200, 'SUCCESS']],
    [
      [{ match: { method: 'HEAD' }, fault: { code: 502 } }],
      { method: 'HEAD' },
      ['armed fault 12: 502 "Bad Gateway"', 502, 'Bad Gateway'],
    ],
  ];
  for (const [rules, asked, expected] of rows) {
    const armed = rules.map((rule) => control.faults.arm(rule));
    for (let again = 0; again < 2; again += 1) t.strictSame(await lastOf({ target: NGINX, ...asked }), expected);
    t.strictSame(control.faults.list(), armed);
    control.faults.clear();
  }
});

t.test('explains a closed connection, a HEAD and a line break', async (t) => {
  const { ask } = await buildExplainer(t);
  t.strictSame(await ask({ target: 'a:1', method: 'CONNECT' }), {
    target: 'a:1',
    steps: [{ step: 'method', passed: false, found: 'methodNotAllowed' }],
    message: 'the connection is closed without an answer',
    reason: 'methodNotAllowed',
    advice: 'send GET, or HEAD',
  });
  t.strictSame(await ask({ target: NGINX, method: 'HEAD' }), {
    target: NGINX,
    steps: [
      ...PASSED.map((done) => (done.step === 'method' ? { ...done, found: 'HEAD' } : done)),
      { step: 'fault', passed: true, found: 'none: 200 SUCCESS' },
    ],
    status: 200,
    message: 'SUCCESS',
  });
  for (const asked of [
    { target: `${NGINX}\n` },
    { target: NGINX, key: `${KEY}\r\nx: y` },
    { target: NGINX, method: '\n' },
  ]) {
    const { status, message, reason } = await ask(asked);
    t.strictSame(
      { status, message, reason },
      { status: 400, message: 'malformed request', reason: 'malformedRequest' },
    );
  }
});

t.test('a letter whose last byte is a line break does not make it two requests', async (t) => {
  const { ask, control } = await buildExplainer(t);
  control.faults.arm({ fault: { code: 503 } });
  const smuggled = 'DELETE /__admin/faults HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const target = `/ HTTP/1.1\r\nHost: localhost\r\n\r\n${smuggled}`.replace(/[\r\n]/g, (letter) =>
    String.fromCharCode(0x100 + letter.charCodeAt(0)),
  );
  const { status, reason } = await ask({ target });
  t.strictSame({ status, reason }, { status: 400, reason: 'malformedRequest' });
  t.equal(control.faults.size, 1);
});

t.test('an explanation changes nothing', async (t) => {
  const { app, ask: explainRequest, control } = await buildExplainer(t);
  const draw = control.sessions.enter(undefined);
  control.faults.arm({ fault: { code: 503, delay: { min: 100_000, max: 200_000 } }, percentage: 50, times: 5 });
  control.faults.arm({ sequence: ['pass', { code: 500 }] });
  const stateOf = async () => [
    control.faults.list(),
    control.journal.list(),
    control.journal.dropped,
    control.counters.list(),
    control.summary(),
    [...control.fixtures.export()].join(''),
  ];
  const before = await stateOf();
  const reference = createRandom(1);
  t.equal(draw(), reference());
  for (let index = 2; index < MAX_SESSIONS; index += 1) control.sessions.enter(`s${index}`);
  for (let index = 0; index < 10; index += 1) await explainRequest({ target: NGINX, session: `explained ${index}` });
  for (const target of ['/nope', '/%ZZ', '/a b', `${NGINX}/`, NGINX.replace('1.25.3', '0')]) {
    for (const method of ['GET', 'HEAD', 'POST', 'FROB', 'CONNECT']) await explainRequest({ target, method });
  }
  t.strictSame(await stateOf(), before);
  t.equal(draw(), reference(), 'no number is drawn');
  control.faults.clear();
  const fresh = await ask(t, app, NGINX, { headers: sessionHeader('another') });
  t.equal(fresh.status, 200, 'no session was opened: there would be no room for another');
});

t.test('keys are checked as the mode says', async (t) => {
  const keyOf = async (auth: 'any' | 'off', key?: string) => {
    const { ask } = await buildExplainer(t, { auth });
    return (await ask({ target: NGINX, key })).steps.filter(({ step }) => step === 'key' || step === 'grant');
  };
  const unnamed = [
    { step: 'key', passed: true, found: 'keys are not checked by name' },
    { step: 'grant', passed: true, found: 'not needed' },
  ];
  t.strictSame(await keyOf('off'), unnamed);
  t.strictSame(await keyOf('any', 'x'), unnamed);
  t.strictSame(await keyOf('any', ''), [{ step: 'key', passed: false, found: 'keyMissing' }]);
});

t.test('advice names only registries that the key may see', async (t) => {
  const target = at('acme/platform/web/image', 'x', '1');
  const { ask } = await buildExplainer(t);
  t.equal(
    (await ask({ target, key: NARROW })).advice,
    'nearest known registries: acme/platform/web/images, acme/platform/web/npm, acme/base-images',
  );
  const open = await buildExplainer(t, { auth: 'any' });
  t.equal(
    (await open.ask({ target, key: 'x' })).advice,
    'nearest known registries: acme/platform/web/images, acme/platform/web/npm, acme/platform/nuget',
  );
});

t.test('a key without grants covers nothing', async (t) => {
  const store = seedStore(t, []);
  writeFixtures([{ apiKeys: [{ key: 'k', name: 'k', grants: [] }] }], store.seed);
  const { ask } = await buildExplainer(t, { store });
  const { advice } = await ask({ target: NGINX, key: 'k' });
  t.equal(advice, 'no grant of the key k covers acme/platform/web/images; it has no grants');
});

t.test("the server's own paths are not explained", async (t) => {
  const { ask } = await buildExplainer(t);
  for (const path of [
    '/healthz',
    '/readyz',
    '/openapi.json',
    '/docs',
    '/docs/static/x.css',
    '/__admin/x',
    '/health%7A',
  ]) {
    t.strictSame(await ask({ target: `${path}?x`, method: 'get' }), {
      target: `${path}?x`,
      steps: [{ step: 'route', passed: true, found: `${path} is a path of the server itself, not of the API` }],
      message: 'not explained',
    });
  }
  const { status, reason } = await ask({ target: '/__foo' });
  t.strictSame({ status, reason }, { status: 404, reason: 'unknownRoute' });
});

t.test('an unforeseen error is explained as such', async (t) => {
  const store = {
    ...seedStore(t),
    find(): never {
      throw new Error('canary: disk on fire');
    },
  };
  const { ask } = await buildExplainer(t, { store });
  const explanation = await ask({ target: NGINX });
  t.strictSame(explanation.steps.at(-1), { step: 'fault', passed: false, found: 'unforeseen' });
  const { status, message, reason, advice } = explanation;
  t.strictSame(
    { status, message, reason, advice },
    {
      status: 500,
      message: 'Internal server error',
      reason: 'unforeseen',
      advice: 'the server failed, or cannot read its store; its log has the cause',
    },
  );
  t.notMatch(JSON.stringify(explanation), 'canary');
});

t.test('the admin API explains a target, with the key and the method of the query', async (t) => {
  const app = build(t);
  const explain = (target: string, more = '', headers = {}) =>
    askAdmin(t, app, 'GET', `/explain?target=${encodeURIComponent(target)}${more}`, { headers });
  const found = await explain(NGINX, `&key=${KEY}`);
  t.equal(found.status, 200);
  t.strictSame(found.body, {
    target: NGINX,
    steps: [...PASSED, { step: 'fault', passed: true, found: 'none: 200 SUCCESS' }],
    status: 200,
    message: 'SUCCESS',
  });
  const unmarked = await explain(NGINX.replace('images/+/', 'images/'), '', { 'x-api-key': KEY });
  t.equal(unmarked.status, 200);
  t.match(unmarked.body, {
    status: 404,
    message: 'Route not found',
    reason: 'markerMissing',
    advice: `a registry_ref or an artifact that contains slashes must end in /+: ${NGINX}`,
  });
  const posted = await explain(NGINX, '&method=POST', { 'x-api-key': KEY });
  t.match(posted.body, { status: 405, reason: 'methodNotAllowed' });
  const lower = await explain(NGINX, '&method=get', { 'x-api-key': KEY });
  t.match(lower.body, { status: 400, reason: 'methodUnknown' });
  t.strictSame((await askAdmin(t, app, 'GET', '/journal')).body, { entries: [], total: 0, dropped: 0 });
});

t.test('the admin API explains by the headers of its request', async (t) => {
  const app = build(t);
  const rule = { match: { key: 'developer', artifact: 'library/*' }, fault: { delay: 5, status: 'ERROR' }, times: 1 };
  await askAdmin(t, app, 'POST', '/faults', { body: rule, headers: sessionHeader('s') });
  const explain = async (headers: Record<string, string>) =>
    (await askAdmin(t, app, 'GET', `/explain?target=${NGINX}`, { headers: { 'x-api-key': KEY, ...headers } })).body;
  const late = await explain(sessionHeader('s'));
  t.strictSame(late, {
    target: NGINX,
    steps: [...PASSED, { step: 'fault', passed: true, found: 'armed fault 1: 200 ERROR after 5 ms' }],
    status: 200,
    message: 'ERROR',
  });
  t.match(await explain({}), { status: 200, message: 'SUCCESS' });
  const { faults } = (await askAdmin(t, app, 'GET', '/faults')).body;
  t.strictSame([faults[0].hits, faults[0].left], [0, 1]);

  const byHeader = { match: { headers: { 'user-agent': 'curl/*' } }, fault: { gateway: 'armor403' } };
  await askAdmin(t, app, 'POST', '/faults', { body: byHeader });
  t.match(await explain({ 'user-agent': 'curl/8' }), { status: 403, message: 'gateway fault: armor403' });
  t.match(await explain({ 'user-agent': 'wget/1' }), { status: 200, message: 'SUCCESS' });
});

t.test('the admin API explains a key of a header or of the query as the API checks it', async (t) => {
  const app = build(t);
  const token = 'open-sesame';
  const guarded = build(t, { adminToken: token });
  const port = await listen(app);
  const document = { apiKeys: [{ key: 'clé', name: 'accented', grants: ['acme'] }] };
  await askAdmin(t, app, 'PUT', '/fixtures', { body: document });
  const bearer = { authorization: `Bearer ${token}` };
  const rows: [query: string, headers: Record<string, string>, reason: string | undefined, found: string][] = [
    ['', {}, 'keyMissing', 'keyMissing'],
    ['', { 'x-api-key': ', ' }, 'keyUnknown', 'keyUnknown'],
    ['', { 'x-api-key': `${KEY}, other` }, 'keyUnknown', 'keyUnknown'],
    ['', bearer, 'bearerOnly', 'bearerOnly'],
    ['', { ...bearer, 'x-api-key': KEY }, undefined, 'key developer'],
    ['', { 'x-api-key': `${KEY}, ${KEY}` }, undefined, 'key developer'],
    [`&key=${encodeURIComponent('clé')}`, {}, undefined, 'key accented'],
    [`&key=${KEY}`, { 'x-api-key': 'other' }, undefined, 'key developer'],
  ];
  for (const [query, headers, reason, found] of rows) {
    const { status, body } = await askAdmin(t, app, 'GET', `/explain?target=${NGINX}${query}`, { headers });
    t.equal(status, 200);
    t.equal(body.reason, reason);
    t.strictSame(
      body.steps.find(({ step }: { step: string }) => step === 'key'),
      { step: 'key', passed: reason === undefined, found },
    );
  }
  const differing = await askRaw(port, `/__admin/explain?target=${NGINX}`, 'GET', ['x-api-key: other']);
  t.equal(differing.status, 200);
  t.match(differing.body, {
    status: 401,
    reason: 'keysDiffer',
    steps: [{}, {}, {}, { found: 'keysDiffer' }],
  });
  const own = await askAdmin(t, guarded, 'GET', `/explain?target=${NGINX}`, { headers: bearer });
  t.equal(own.status, 200);
  t.match(own.body, { status: 401, reason: 'keyMissing' }, 'the token belongs to the admin API');
});

t.test('the admin API refuses an invalid query', async (t) => {
  const app = build(t);
  const rows: [query: string, field: string, reason: string][] = [
    ['', 'target', 'missing key "target"; expected the target, or the whole URL; percent-encode its & # and %'],
    ['target=/a&url=/b', 'url', 'unknown key "url"; expected one of target, key, method'],
  ];
  for (const [query, field, reason] of rows) {
    const answer = await askAdmin(t, app, 'GET', `/explain?${query}`);
    t.equal(answer.status, 400, query);
    t.strictSame(answer.body, { code: '400', message: 'invalid parameter', details: { field, reason } });
  }
});

t.test('refines a recorded reason, and says what to change', async (t) => {
  const store = seedStore(t);
  const rows: [target: string, recorded: Reason, reason: Reason, advice: string | RegExp][] = [
    [`${NGINX}/`, 'unknownRoute', 'trailingSlash', `remove the slash after details: ${NGINX}`],
    ['/nope', 'unknownRoute', 'unknownRoute', SHAPE],
    [
      at('acme%252Fpypi', 'x', '1'),
      'registryUnknown',
      'doubleEncoded',
      `ref is percent-encoded twice; encode it once: ${at('acme%2Fpypi', 'x', '1')}`,
    ],
    [at('acme/pypi', 'a%2525b', '1'), 'artifactUnknown', 'doubleEncoded', /^artifact is .* once: .*a%25b/],
    [at('acme/pypi', 'a%25FFb', '1'), 'artifactUnknown', 'doubleEncoded', /^artifact is .* encode it once$/],
    [`${NGINX}?childVersion=sha256%253A0`, 'childUnknown', 'doubleEncoded', /^childVersion is .*sha256%3A0$/],
    [
      `${API}/reg/artifact/x/version/1/details`,
      'invalidParameter',
      'invalidParameter',
      'registry_ref must have 2 to 4 non-empty components: account[/org[/project]]/registry',
    ],
    [
      `${NGINX}?artifact_type=%2541`,
      'invalidParameter',
      'invalidParameter',
      'artifact_type must be given once and be exactly model or dataset',
    ],
    [NGINX, 'invalidParameter', 'invalidParameter', 'see the details of the answer'],
    [at('acme/ppi', 'x', '1'), 'registryUnknown', 'registryUnknown', /^nearest known registries: acme\/pypi, /],
    [NGINX, 'registryUnknown', 'registryUnknown', 'acme/platform/web/images exists now; send the request again'],
    [
      NGINX,
      'scopeNotGranted',
      'scopeNotGranted',
      'no grant of the key covers acme/platform/web/images; send a key that may read it',
    ],
    [NGINX, 'keyExpired', 'keyExpired', 'the key expired; send another'],
    [NGINX, 'keyRevoked', 'keyRevoked', 'the key is revoked; send another'],
    [NGINX, 'bearerOnly', 'bearerOnly', 'send the key in x-api-key; a Bearer token is not read'],
    [`${NGINX}?childVersion=x`, 'childUnknown', 'childUnknown', /^nearest known child versions: sha256:/],
    [
      `${at('acme/pypi', 'acme-metrics', '1')}?childVersion=a&childVersion=b`,
      'childUnknown',
      'childUnknown',
      'there are no child versions to choose from',
    ],
    [NGINX, 'invalidFixture', 'invalidFixture', 'see the details of the answer'],
  ];
  for (const [target, recorded, reason, advice] of rows) {
    t.equal(diagnose(target, recorded).reason, reason, `${recorded} ${target}`);
    const advised = advise(target, recorded, { store });
    if (typeof advice === 'string') t.equal(advised, advice);
    else t.match(advised, advice);
  }
  const empty = { store: seedStore(t, []) };
  t.equal(advise(NGINX, 'registryUnknown', empty), 'there are no registries to choose from');
});

t.test('any text with any reason has advice', async (t) => {
  const store = seedStore(t);
  const start = fc.constantFrom('', '/', NGINX, `${API}/`, at('acme/pypi', 'x', '1', '?artifact_type='));
  const reasons = fc.constantFrom(...REASONS);
  const property = fc.property(reasons, start, fc.string({ unit: 'binary' }), (reason, prefix, rest) => {
    const target = prefix + rest;
    return advise(target, reason, { store }).length > 0 && REASONS.includes(diagnose(target, reason).reason);
  });
  const { failed, counterexample, seed } = fc.check(property, { numRuns: 300 });
  t.notOk(failed, `seed ${seed}: ${JSON.stringify(counterexample)}`);
  for (const reason of REASONS) {
    for (const target of ['', '\ud800', `/${'%25'.repeat(5_000)}`, NGINX]) {
      t.match(advise(target, reason, { store }), /\w/, reason);
    }
  }
  t.equal(new Set(REASONS).size, REASONS.length, 'a reason is listed once');
});

t.test('finds the mistake that keeps a target from being the call', async (t) => {
  const store = seedStore(t, []);
  const marked = `${API}/a/b/+/artifact/my/app/+/version/1/details`;
  const rows: [target: string, reason: Reason, corrected: string | undefined][] = [
    [
      `${API}/acme/pypi/artifact/x/version/1/details`,
      'markerMissing',
      `${API}/acme/pypi/+/artifact/x/version/1/details`,
    ],
    [
      `${API}/acme/pypi/artifact/x/version/1/details?a=b`,
      'markerMissing',
      `${API}/acme/pypi/+/artifact/x/version/1/details?a=b`,
    ],
    [`${API}/a/b/+/artifact/my/app/version/1/details`, 'markerMissing', marked],
    [`${API}/a/b/artifact/my/app/version/1/details`, 'markerMissing', marked],
    [`${API}/a/b+/artifact/x/version/1/details`, 'markerMissing', `${API}/a/b/+/artifact/x/version/1/details`],
    [
      `${API}/a/b/artifact/x/version/version/details`,
      'markerMissing',
      `${API}/a/b/+/artifact/x/version/version/details`,
    ],
    [
      `${API}/a%2Fb/artifact/my/c++/version/1/details`,
      'markerMissing',
      `${API}/a%2Fb/+/artifact/my/c++/+/version/1/details`,
    ],
    [
      `${API}/a/artifact/b/artifact/x/version/1/details`,
      'markerMissing',
      `${API}/a/artifact/b/+/artifact/x/version/1/details`,
    ],
    [
      `/gateway${API}/a/b/artifact/x/version/1/details`,
      'markerMissing',
      `/gateway${API}/a/b/+/artifact/x/version/1/details`,
    ],
    [`${API}/a//artifact//version/1/details`, 'markerMissing', `${API}/a//+/artifact//version/1/details`],
    [`/${NGINX}`, 'doubleSlash', NGINX],
    [NGINX.replace('/version/', '//version//'), 'doubleSlash', NGINX],
    [`${NGINX}/`, 'trailingSlash', NGINX],
    [`${NGINX}//?x`, 'trailingSlash', `${NGINX}?x`],
    [NGINX.replace('/details', '/Details'), 'wrongCase', NGINX],
    [NGINX.replace('/har/', '/HAR/'), 'wrongCase', NGINX],
    [`${NGINX}#x`, 'fragment', NGINX],
    [`${NGINX}%23x`, 'fragment', NGINX],
    [`${NGINX}%3Fx=1`, 'encodedRoute', `${NGINX}?x=1`],
    [NGINX.replace('/artifact/', '/%61rtifact/'), 'encodedRoute', NGINX],
    [NGINX.replace('/details', ''), 'tailMissing', NGINX],
    [`${API}/a/b/+`, 'tailMissing', undefined],
    [`${API}/a/b/+/artifact/x`, 'tailMissing', undefined],
    [`${NGINX}/x`, 'tailMissing', undefined],
    [`${API}/a/b/+/artefact/x/version/1/details`, 'unknownRoute', undefined],
    [`${API}/a/b/artifact/version/1/details`, 'unknownRoute', undefined],
    [`/gateway/gateway${NGINX}`, 'unknownRoute', undefined],
    [NGINX.replace('/v1/', '/v2/'), 'unknownRoute', undefined],
    ['/', 'unknownRoute', undefined],
    ['', 'unknownRoute', undefined],
    ['*', 'unknownRoute', undefined],
    ['/%ZZ', 'unknownRoute', undefined],
    [NGINX, 'unknownRoute', undefined],
    [`http://h${NGINX}/`, 'trailingSlash', NGINX],
  ];
  for (const [target, reason, corrected] of rows) {
    const diagnosis = diagnose(target, 'unknownRoute');
    t.equal(diagnosis.reason, reason, target);
    t.equal(diagnosis.corrected, corrected, target);
    const advice = advise(target, 'unknownRoute', { store });
    if (corrected === undefined) t.equal(advice, SHAPE);
    else t.equal(advice, `${advise(target, 'unknownRoute', { store, isShort: true })}: ${corrected}`);
  }
});

t.test('quotes what was sent so that it can be read', async (t) => {
  const rows: [value: unknown, expected: string][] = [
    ['acme/platform/web/images', 'acme/platform/web/images'],
    ['@scope/pkg', '@scope/pkg'],
    ['', '""'],
    ['a b', '"a b"'],
    ['é', '"é"'],
    ['\0\x1b[31m', '"\\u0000\\u001b[31m"'],
    ['\x9b\u202e', '"\\u009b\\u202e"'],
    ['\ud800', '"\\ud800"'],
    [['a', 'b'], '["a","b"]'],
    [undefined, 'undefined'],
    ['x'.repeat(1_000), `${'x'.repeat(299)}…`],
  ];
  for (const [value, expected] of rows) t.equal(quote(value), expected, JSON.stringify(value));
});
