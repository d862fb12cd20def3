import { METHODS, maxHeaderSize } from 'node:http';
import fc from 'fast-check';
import t from 'tap';
import { AUTH_MODES } from '../../src/auth.js';
import { explain } from '../../src/explain/explain.js';
import { formatPath, type Spelling, spellings } from '../../src/wire/path.js';
import { build, KEY, listen, NGINX, seedStore } from '../helper.js';
import { askServer, at, readmeRows } from './support.js';

const NARROW = 'sat.acme.web.local';
const KEYS = [KEY, NARROW, 'pat.acme.old.local', 'pat.acme.lost.local', 'nobody', ''];

const SPELLINGS = Object.keys(spellings) as Spelling[];
const PATH = { registryRef: 'acme/platform/web/images', artifact: 'library/nginx', version: '1.25.3' };

const SPELT = SPELLINGS.flatMap((ref) => SPELLINGS.map((artifact) => formatPath(PATH, ref, artifact)));

const TARGETS = [
  ...SPELT,
  ...readmeRows().map(({ target }) => target),
  `/gateway${NGINX}`,
  `http://localhost${NGINX}`,
  `${NGINX}?accountIdentifier=a&x=%20&&=`,
  `${NGINX}?artifact_type=model`,
  `${NGINX}?artifact_type=model&artifact_type=model`,
  `${NGINX}?artifact%5Ftype=Model`,
  `${NGINX}?childVersion=a&childVersion=b`,
  `${NGINX}?childVersion=sha256:0`,
  `${NGINX}?childVersion=a+b&amp;x`,
  at('acme/labs/ml/hub', 'bert', 'v1', '?artifact_type=model'),
  at('acme/labs/ml/hub', 'bert', 'none', '?artifact_type=model'),
  at('acme/labs/ml/hub', 'acme/sentiment', 'main', '?artifact_type=dataset'),
  at('acme/platform/charts', 'storefront', '1.4.0+build.5', '?childVersion=x'),
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
  at('acme/labs/unreliable', 'slow', 'fixed'),
  '/',
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
  '/a b',
  '/é',
  '/\0',
  'nope',
  'ftp://host/x',
  `/${'x'.repeat(20_000)}`,
];

t.test('what is foretold is what the server answers, whatever the key and the mode', async (t) => {
  const store = seedStore(t);
  for (const auth of AUTH_MODES) {
    const port = await listen(build(t, { store, auth }));
    for (const target of TARGETS) {
      for (const key of KEYS) {
        const { status, message } = explain({ target, key }, { store, auth });
        t.strictSame(
          { status, message },
          await askServer(port, target, 'GET', key),
          `${auth} ${key} ${JSON.stringify(target)}`,
        );
      }
    }
  }
});

t.test('the rows of the README', async (t) => {
  const store = seedStore(t);
  const rows = readmeRows();
  t.ok(rows.length >= 20);
  for (const { target, key, answer } of rows) {
    const { status, message } = explain({ target, key }, { store, auth: 'strict' });
    t.equal(`${status} ${message}`, answer, target);
  }
});

t.test('every method', async (t) => {
  const store = seedStore(t);
  const port = await listen(build(t, { store }));
  for (const method of [...METHODS.filter((name) => name !== 'CONNECT' && name !== 'HEAD'), 'FROB', '']) {
    for (const target of [NGINX, '/nope', '/%']) {
      const { status, message } = explain({ target, method, key: KEY }, { store, auth: 'strict' });
      t.strictSame({ status, message }, await askServer(port, target, method, KEY), `${method} ${target}`);
    }
  }
  const { status, message } = explain({ target: 'a:1', method: 'CONNECT' }, { store, auth: 'strict' });
  t.strictSame({ status, message }, await askServer(port, 'a:1', 'CONNECT'), 'CONNECT');
  t.equal(explain({ target: NGINX, method: 'HEAD', key: KEY }, { store, auth: 'strict' }).status, 200);
  t.equal(explain({ target: NGINX, method: 'get', key: KEY }, { store, auth: 'strict' }).status, 200);
});

t.test('targets with mistakes in them', async (t) => {
  const store = seedStore(t);
  const port = await listen(build(t, { store }));
  const bases = TARGETS.filter((target) => target.length < 1_000 && !target.includes('/slow/'));
  const pieces = [
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
    '..',
    'artifact',
    'version',
    'artifact_type=model',
    'childVersion',
  ]);
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat(3),
    piece: fc.constantFrom(...pieces),
  });
  const property = fc.asyncProperty(
    fc.constantFrom(...bases),
    fc.array(edit, { minLength: 1, maxLength: 3 }),
    fc.constantFrom(KEY, NARROW),
    async (base, edits, key) => {
      const target = edits.reduce((text, { at: where, cut, piece }) => {
        const index = Math.floor(where * text.length);
        return text.slice(0, index) + piece + text.slice(index + cut);
      }, base);
      // An empty target and the server's own paths are not foretold.
      if (target === '' || target.startsWith(' ') || target.endsWith(' ')) return true;
      const { status, message } = explain({ target, key }, { store, auth: 'strict' });
      const answered = await askServer(port, target, 'GET', key);
      if (status !== answered.status || message !== answered.message) {
        throw new Error(`${JSON.stringify(target)}: ${status} ${message}, not ${answered.status} ${answered.message}`);
      }
      return true;
    },
  );
  const { failed, errorInstance, seed } = await fc.check(property, { numRuns: 3_000 });
  t.notOk(failed, `seed ${seed}: ${errorInstance}`);
});

t.test('no text makes it throw', async (t) => {
  const store = seedStore(t);
  const start = fc.constantFrom(
    '',
    '/',
    NGINX,
    'http://',
    '/har/api/v1/registry/',
    '/har/api/v1/registry/acme/pypi/+/',
  );
  const property = fc.property(start, fc.string({ unit: 'binary' }), fc.string(), (prefix, rest, key) => {
    const { steps, message } = explain({ target: prefix + rest, key }, { store, auth: 'strict' });
    return message !== '' && steps.slice(0, -1).every(({ passed }) => passed);
  });
  const { failed, counterexample, seed } = fc.check(property, { numRuns: 2_000 });
  t.notOk(failed, `seed ${seed}: ${JSON.stringify(counterexample)}`);
  for (const target of ['', '\ud800', `${NGINX}\udfff`, 'x'.repeat(20_000), `/${'\ud800'.repeat(20_000)}`]) {
    t.match(explain({ target, key: KEY }, { store, auth: 'strict' }).status, /^4/, JSON.stringify(target.slice(0, 20)));
  }
});

t.test('hostile targets are explained in no time', async (t) => {
  const store = seedStore(t);
  const fill = (piece: string) => piece.repeat(Math.floor((maxHeaderSize - 100) / piece.length));
  const start = Date.now();
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
      const target = `/har/api/v1/registry/a${fill(piece)}${end}`;
      t.match(explain({ target, key: KEY }, { store, auth: 'strict' }).status, /^4/);
    }
  }
  t.ok(Date.now() - start < 10_000);
});
