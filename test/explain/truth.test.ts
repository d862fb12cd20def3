import { METHODS } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import t from 'tap';
import { formatPath, SPELLINGS, type Spelling } from '../../src/api/spelling.js';
import { KEY, listen, NGINX } from '../helper.js';
import { at, buildExplainer } from './support.js';

const NARROW = 'sat.acme.web.local';
const EXPIRED = 'pat.acme.old.local';
const REVOKED = 'pat.acme.lost.local';

const KEYS = {
  strict: [KEY, NARROW, EXPIRED, REVOKED, 'nobody', '', 'clé', undefined],
  any: ['nobody', '', undefined],
  off: ['nobody', undefined],
};

/** What an explanation says about the answer. */
interface Answered {
  status: number | undefined;
  message: string;
}

/** Sends a request over a socket as it is; returns its answer in the words of an explanation. */
function askServer(
  port: number,
  target: string,
  method = 'GET',
  key: string | undefined = undefined,
  session?: string,
): Promise<Answered> {
  const lines = [`${method} ${target} HTTP/1.1`, 'Host: localhost'];
  if (key !== undefined) lines.push(`x-api-key: ${key}`);
  if (session !== undefined) lines.push(`x-mock-session: ${session}`);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`));
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => {
      const [head = '', body = ''] = text.split('\r\n\r\n', 2);
      const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
      if (status === undefined) return resolve({ status, message: 'the connection is closed without an answer' });
      const { message, status: outcome } = JSON.parse(body);
      resolve({ status: Number(status), message: message ?? outcome });
    });
  });
}

const SPELLING_NAMES = Object.keys(SPELLINGS) as Spelling[];
const PATH = { ref: 'acme/platform/web/images', artifact: 'library/nginx', version: '1.25.3' };

const METRICS = 'acme/pypi/+/artifact/acme-metrics/version/0.9.0+local.3/details';
const IMAGES = 'acme/platform/web/images';

/** A request for each answer of the API. */
const ANSWERS: [target: string, key: string | undefined, answer: string][] = [
  [`${IMAGES}/+/artifact/library/nginx/+/version/1.25.3/details`, KEY, '200 SUCCESS'],
  ['acme%2Fplatform%2Fweb%2Fimages%2F%2B/artifact/library%2Fnginx%2F%2B/version/1.25.3/details', KEY, '200 SUCCESS'],
  [
    `${IMAGES}/+/artifact/library/nginx/+/version/1.25.3/details?childVersion=sha256:2bdc49f2f8ae8d8dc50ed00f2ee56d00385c6f8bc8a8b320d0a294d9e3b49026`,
    KEY,
    '200 SUCCESS',
  ],
  [`${IMAGES}/+/artifact/library/nginx/+/version/1.24.0/details`, KEY, '200 SUCCESS'],
  [`${IMAGES}/+/artifact/legacy-cart/version/3.9/details`, KEY, '200 SUCCESS'],
  ['acme/platform/charts/+/artifact/storefront/version/1.4.0_build.5/details', KEY, '200 SUCCESS'],
  ['acme/base-images/+/artifact/alpine/version/3.20.0/details', NARROW, '200 SUCCESS'],
  ['acme/labs/ml/hub/+/artifact/bert/version/v1/details?artifact_type=dataset', KEY, '200 SUCCESS'],
  ['acme/labs/unreliable/+/artifact/status/version/ERROR/details', KEY, '200 ERROR'],
  ['acme/labs/ml/hub/+/artifact/bert/version/v1/details', KEY, '404 Artifact not found'],
  [`${METRICS}?artifact_type=model`, KEY, '400 invalid package type'],
  [`${METRICS}?artifact_type=`, KEY, '400 invalid parameter'],
  ['a/b/c/d/e/+/artifact/x/version/1/details', KEY, '400 invalid parameter'],
  ['acme/pypi/+/artifact/%ZZ/version/1/details', KEY, '400 malformed target'],
  ['acme/pypi/+/artifact/a b/version/1/details', KEY, '400 malformed request'],
  [METRICS, undefined, '401 unauthorized'],
  [METRICS, EXPIRED, '401 unauthorized'],
  [METRICS, REVOKED, '401 unauthorized'],
  ['acme/labs/vault/secrets-scanner/+/artifact/scanner/version/1.0.0/details', NARROW, '403 forbidden'],
  ['acme/nope/+/artifact/x/version/1/details', KEY, '404 Registry not found'],
  ['acme/pypi/+/artifact/nope/version/1/details', KEY, '404 Artifact not found'],
  ['acme/pypi/+/artifact/acme-metrics/version/0/details', KEY, '404 Artifact version not found'],
  [METRICS.replace('/+', ''), KEY, '404 Route not found'],
  ['acme/labs/unreliable/+/artifact/error/version/503/details', KEY, '503 down for maintenance'],
].map(([target, key, answer]) => [`/har/api/v1/registry/${target}`, key, answer as string]);

const SPELT = SPELLING_NAMES.map((ref, index) => formatPath(PATH, ref, SPELLING_NAMES.at(index - 2)));

/** The number of targets that are tried with every key. */
const MANY_KEYS = ANSWERS.length + 3;

const TARGETS = [
  ...ANSWERS.map(([target]) => target),
  ...SPELT,
  `/gateway${NGINX}`,
  `http://localhost${NGINX}`,
  `${NGINX}?accountIdentifier=a&x=%20&&=`,
  `${NGINX}?artifact_type=model`,
  `${NGINX}?artifact_type=model&artifact_type=model`,
  `${NGINX}?artifact%5Ftype=Model`,
  `${NGINX}?artifact_type=%FF`,
  `${NGINX}?artifact_type=x;y`,
  `${NGINX}?childVersion=a&childVersion=b`,
  `${NGINX}?childVersion=sha256:0`,
  `${NGINX}?childVersion=a+b&amp;x`,
  at('acme/labs/ml/hub', 'bert', 'v1'),
  at('acme/labs/ml/hub', 'bert', 'v1', '?artifact_type=model'),
  at('acme/labs/ml/hub', 'bert', 'none', '?artifact_type=model'),
  at('acme/labs/ml/hub', 'acme/sentiment', 'main', '?artifact_type=dataset'),
  at('acme/platform/charts', 'storefront', '1.4.0_build.5', '?childVersion=x'),
  at('acme/nope', 'x', '1', '?artifact_type=model'),
  at('acme/pypi', 'nope', '1', '?artifact_type=model'),
  at('other/reg', 'x', '1', '?artifact_type='),
  at('a/b/c/d/e', 'x', '1'),
  at('a//b', 'x', '1'),
  at('a/b', 'x', ''),
  at('acme%252Fpypi', 'acme-metrics', '1'),
  '/har/api/v1/registry/acme%252Fpypi/artifact/acme-metrics/version/0/details',
  '/har/api/v1/registry/reg/artifact/app/version/1/details',
  '/har/api/v1/registry/a/b/+/artifact//version/1/details',
  ...['400', '401', '403', '404', '429', '500', '502', '503'].map((code) => at('acme/labs/unreliable', 'error', code)),
  at('acme/labs/unreliable', 'status', 'FAILURE'),
  at('acme/labs/unreliable', 'status', 'ERROR'),
  '/nope',
  '*',
  '/har',
  '/HAR/api/v1/registry/a/b/+/artifact/c/version/1/details',
  `/${NGINX}`,
  `${NGINX}/`,
  `${NGINX}#fragment`,
  `${NGINX}%3Fx`,
  `${NGINX}?x=%FF`,
  NGINX.replace('/artifact/', '/%61rtifact/'),
  NGINX.replace('/details', '/Details'),
  `/gateway/gateway${NGINX}`,
  '/nope/%FF',
  '/healthz/',
  '/__foo',
  '/a b',
  '/é',
  '/\u0141',
  '/a\u010d\u010aX-Smuggled: 1',
  '/\0',
  'nope',
  'ftp://host/x',
  `${NGINX} HTTP/1.0`,
  `${NGINX} HTTP/2.0`,
  ...[16_200, 16_320, 16_360, 16_380, 16_384, 20_000, 70_000].map((length) => `/${'x'.repeat(length)}`),
];

t.test('an explanation says what the server answers, for every key and mode', async (t) => {
  for (const auth of ['strict', 'any', 'off'] as const) {
    const { app, ask } = await buildExplainer(t, { auth });
    const port = await listen(app);
    for (const [index, target] of TARGETS.entries()) {
      // Every answer with every key, and every target with one.
      for (const key of index < MANY_KEYS ? KEYS[auth] : KEYS[auth].slice(0, 1)) {
        const { status, message } = await ask({ target, key });
        const answered = await askServer(port, target, 'GET', key);
        t.strictSame({ status, message }, answered, `${auth} ${key} ${JSON.stringify(target.slice(0, 200))}`);
      }
    }
  }
});

t.test('an over-long target is 414, or 431 if it fits without the headers', async (t) => {
  const { app, ask } = await buildExplainer(t);
  const port = await listen(app);
  const rows: [length: number, status: number, message: string, reason: string, found: string][] = [
    [20_000, 414, 'Target too long', 'targetTooLong', 'targetTooLong'],
    [16_351, 431, 'Request header fields too large', 'headersTooLarge', 'headersTooLarge'],
  ];
  for (const [length, status, message, reason, found] of rows) {
    const target = `/${'x'.repeat(length - 1)}`;
    const explanation = await ask({ target });
    t.strictSame(explanation, {
      target,
      steps: [{ step: 'target', passed: false, found }],
      status,
      message,
      reason,
      advice:
        reason === 'targetTooLong' ? 'send a shorter target' : 'send a shorter target, or fewer and shorter headers',
    });
    t.strictSame(await askServer(port, target, 'GET', KEY), { status, message });
  }
});

t.test('each answer of the API', async (t) => {
  const { ask } = await buildExplainer(t);
  for (const [target, key, answer] of ANSWERS) {
    const { status, message } = await ask({ target, key });
    t.equal(`${status} ${message}`, answer, target);
  }
});

t.test('every method, in capitals or not', async (t) => {
  const { app, ask } = await buildExplainer(t);
  const port = await listen(app);
  const others = ['FROB', '', 'get', 'Get', 'head', 'PRI', 'GE T', 'GET ', 'GETT', 'Ğ'];
  for (const method of [...METHODS.filter((name) => name !== 'HEAD'), ...others]) {
    for (const target of [NGINX, '/nope', '/%', 'a:1']) {
      const { status, message } = await ask({ target, method });
      t.strictSame({ status, message }, await askServer(port, target, method, KEY), `${method} ${target}`);
    }
  }
  for (const target of TARGETS.slice(0, 50)) {
    const { target: _, ...head } = await ask({ target, method: 'HEAD' });
    const { target: __, ...get } = await ask({ target });
    const steps = get.steps.map((done) => (done.step === 'method' ? { ...done, found: 'HEAD' } : done));
    t.strictSame(head, { ...get, steps }, `HEAD ${target}`);
  }
});

t.test('armed faults, with and without a session', async (t) => {
  const { app, ask, control } = await buildExplainer(t);
  const port = await listen(app);
  const rules: object[] = [
    { fault: { delay: 1 } },
    { match: { session: 's' }, fault: { status: 'ERROR', delay: 1 } },
    { match: { artifact: 'library/*' }, sequence: ['pass', { code: 503, message: 'own words' }, { code: 500 }] },
    { match: { method: 'HEAD' }, fault: { code: 502 } },
    { match: { key: 'web-pipeline' }, fault: { status: 'FAILURE' } },
    { match: { version: '0' }, fault: { code: 429, retryAfter: 1 }, times: 1 },
  ];
  for (const rule of rules) control.faults.arm(rule);
  for (let round = 0; round < 4; round += 1) {
    for (const target of [NGINX, NGINX.replace('1.25.3', '0'), at('acme/base-images', 'alpine', '3.20.0')]) {
      for (const key of [KEY, NARROW]) {
        for (const session of [undefined, 's']) {
          const { status, message } = await ask({ target, key, ...(session && { session }) });
          const answered = await askServer(port, target, 'GET', key, session);
          t.strictSame({ status, message }, answered, `${round} ${key} ${session} ${target}`);
        }
      }
    }
  }
  t.equal((await ask({ target: NGINX, method: 'HEAD' })).message, 'Bad Gateway');
});

const PIECES = [
  '',
  '/',
  '//',
  '+',
  '/+',
  '%',
  '%2F',
  '%2B',
  '%25',
  '%252F',
  '%C3',
  '#',
  '?',
  '&',
  '=',
  ':',
  '@',
].concat([
  'a',
  'A',
  ';',
  '"',
  '\\',
  ' ',
  '\0',
  'é',
  '\u0120',
  '\u010a',
  '..',
  'artifact',
  'version',
  'artifact_type=model',
  'childVersion',
]);

t.test('random targets', async (t) => {
  const { app, ask, control } = await buildExplainer(t);
  const port = await listen(app);
  const bases = TARGETS.filter((target) => target.length < 1_000);
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat(3),
    piece: fc.constantFrom(...PIECES),
  });
  const edited = fc
    .tuple(fc.constantFrom(...bases), fc.array(edit, { minLength: 1, maxLength: 3 }))
    .map(([base, edits]) =>
      edits.reduce((text, { at: where, cut, piece }) => {
        const index = Math.floor(where * text.length);
        return text.slice(0, index) + piece + text.slice(index + cut);
      }, base),
    );
  const text = fc.string({ unit: 'binary', maxLength: 30 }).map((rest) => `/${rest.replace(/[\r\n]/g, '')}`);
  const target = fc.oneof({ weight: 4, arbitrary: edited }, { weight: 1, arbitrary: text });
  const property = fc.asyncProperty(target, fc.constantFrom(KEY, NARROW, undefined), async (target, key) => {
    const { status, message } = await ask({ target, key });
    if (message === 'not explained') return;
    const answered = await askServer(port, target, 'GET', key);
    if (status !== answered.status || message !== answered.message) {
      throw new Error(`${JSON.stringify(target)}: ${status} ${message}, not ${answered.status} ${answered.message}`);
    }
  });
  const { failed, errorInstance, numRuns, seed } = await fc.check(property, { numRuns: 250 });
  t.notOk(failed, `seed ${seed}: ${errorInstance}`);
  t.comment(`${numRuns} targets, seed ${seed}`);
  t.ok(control.journal.list().length <= numRuns, 'only the server recorded them');
});

t.test('no text makes an explanation fail, or pass a step after a failed one', async (t) => {
  const { ask } = await buildExplainer(t);
  const start = fc.constantFrom(
    '',
    '/',
    NGINX,
    'http://',
    '/har/api/v1/registry/',
    '/har/api/v1/registry/acme/pypi/+/',
  );
  const binary = fc.string({ unit: 'binary' });
  const property = fc.asyncProperty(start, binary, fc.string(), binary, async (prefix, rest, key, method) => {
    for (const asked of [
      { target: prefix + rest, key },
      { target: prefix, key, method },
    ]) {
      const { steps, message, status } = await ask(asked);
      if (message === '' || !steps.slice(0, -1).every(({ passed }) => passed)) return false;
      if (status !== undefined && status < 400 && !steps.at(-1)?.passed) return false;
    }
    return true;
  });
  const { failed, counterexample, errorInstance, seed } = await fc.check(property, { numRuns: 150 });
  t.notOk(failed, `seed ${seed}: ${JSON.stringify(counterexample)} ${errorInstance}`);
  for (const target of ['', '\ud800', `${NGINX}\udfff`, 'x'.repeat(20_000), `/${'\ud800'.repeat(20_000)}`]) {
    t.match((await ask({ target })).status, /^4/, JSON.stringify(target.slice(0, 20)));
  }
});

t.test('hostile targets of the maximum length are explained', async (t) => {
  const { ask } = await buildExplainer(t);
  const fill = (piece: string) => piece.repeat(Math.floor(16_200 / piece.length));
  for (const piece of [
    '/',
    '/artifact',
    '/+/artifact',
    '/artifact/+',
    '%2F',
    '%25',
    '/version/x',
    '/details',
    '?',
    '#',
  ]) {
    for (const end of ['', '/version/1/details', '/+/version/1/Details/']) {
      const { status } = await ask({ target: `/har/api/v1/registry/a${fill(piece)}${end}` });
      t.ok(status === 400 || status === 403 || status === 404, `${piece} ${end}: ${status}`);
    }
  }
});
