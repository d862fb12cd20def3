import fc from 'fast-check';
import t from 'tap';
import { findBadEscape, toCanonicalTarget } from '../../src/wire/target.js';

const CANONICAL = '/har/api/v1/registry/a%2Fb/artifact/c%2Fd/version/1/details';

t.test('rewrites every spelling to one', async (t) => {
  const rows: [string, string][] = [
    ['/har/api/v1/registry/a/b/+/artifact/c/d/+/version/1/details', CANONICAL],
    ['/gateway/har/api/v1/registry/a%2Fb%2F%2B/artifact/c%2Fd/version/1/details?x=1', `${CANONICAL}?x=1`],
    ['http://example.com/har/api/v1/registry/a/b/+/artifact/c/d/+/version/1/details', CANONICAL],
    ['HTTPS://u@h:1/har/api/v1/registry/a/b/+/artifact/c/d/+/version/1/details?x=1', `${CANONICAL}?x=1`],
    ['http://example.com', '/'],
    ['http://example.com?x', '/?x'],
    ['/healthz?x=1', '/healthz?x=1'],
    ['/a#b', '/a%23b'],
    ['*', '*'],
    ['', ''],
  ];
  for (const [target, expected] of rows) t.equal(toCanonicalTarget(target), expected, JSON.stringify(target));
});

t.test('gives no route to what is below the API and does not fit the grammar', async (t) => {
  const targets = [
    '/har/api/v1/registry/acc/org/reg/artifact/app/version/1/details',
    '/har/api/v1/registry/a%2Fb/%61rtifact/c/version/1/details',
    '/h%61r/api/v1/registry/a%2Fb/artifact/c/version/1/details',
    '/har/api/v1/registry/a%2Fb/artifact/c/version/1/details#x',
    '/har/api/v1/registry/a%2Fb/artifact/c/version/1/details/',
  ];
  for (const target of targets) t.equal(toCanonicalTarget(target), '/har', target);
});

t.test('marks what cannot be decoded, in the path or in the query', async (t) => {
  for (const target of ['/%', '/x%ZZ', '/%FF', '/healthz?x=%ZZ', '/har/api/v1/registry/%C0%AF']) {
    t.equal(toCanonicalTarget(target), '/%', target);
  }
});

t.test('never throws, whatever bytes come', async (t) => {
  const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array).toString('latin1'));
  const start = fc.constantFrom(
    '',
    '/',
    '/har/api/v1/registry/',
    'http://',
    '/gateway/har/api/v1/registry/a/b/+/artifact/',
  );
  const property = fc.property(start, bytes, (prefix, rest) => typeof toCanonicalTarget(prefix + rest) === 'string');
  const { failed, counterexample, seed } = fc.check(property, { numRuns: 2_000 });
  t.notOk(failed, `seed ${seed}: ${JSON.stringify(counterexample)}`);
});

t.test('finds the bad escape', async (t) => {
  const rows: [string, string | undefined][] = [
    ['/fine', undefined],
    ['/fine%20', undefined],
    ['/a%ZZb', '%ZZ'],
    ['/a%', '%'],
    ['/a%2', '%2'],
    ['/%C3%A9%FF', '%C3%A9%FF'],
  ];
  for (const [target, expected] of rows) t.equal(findBadEscape(target), expected, target);
});
