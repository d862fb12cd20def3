import fc from 'fast-check';
import t from 'tap';
import { type Description, describeRefusal } from '../../src/explain/describe.js';
import { REASONS, type Reason } from '../../src/reason.js';
import { NGINX, seedStore } from '../helper.js';
import { storeWith } from '../store/support.js';
import { at } from './support.js';

const API = '/har/api/v1/registry';

t.test('refines a recorded reason, and says what to change', async (t) => {
  const store = seedStore(t);
  const rows: [target: string, recorded: Reason, reason: Reason, advice: string | RegExp][] = [
    [`${NGINX}/`, 'unknownRoute', 'trailingSlash', `nothing follows details: ${NGINX}`],
    [`${NGINX}/`, 'trailingSlash', 'trailingSlash', `nothing follows details: ${NGINX}`],
    ['/nope', 'unknownRoute', 'unknownRoute', /^the path of the API is/],
    [
      at('acme%252Fpypi', 'x', '1'),
      'registryUnknown',
      'doubleEncoded',
      `the registry_ref is percent-encoded twice; encode it once: ${at('acme%2Fpypi', 'x', '1')}`,
    ],
    [at('acme/pypi', 'a%2525b', '1'), 'artifactUnknown', 'doubleEncoded', /the artifact is .* once: .*a%25b/],
    [at('acme/pypi', 'a%25FFb', '1'), 'artifactUnknown', 'doubleEncoded', /^the artifact is .* encode it once$/],
    [`${NGINX}?childVersion=sha256%253A0`, 'childUnknown', 'doubleEncoded', /the childVersion is .*sha256%3A0$/],
    [at('acme/pypi', 'a%2525b', '1'), 'doubleEncoded', 'doubleEncoded', /the artifact is .* once: .*a%25b/],
    [NGINX, 'doubleEncoded', 'doubleEncoded', 'percent-encode every name once'],
    [`${API}/reg/artifact/x/version/1/details`, 'invalidParameter', 'invalidParameter', /^registry_ref must have/],
    [`${NGINX}?artifact_type=%2541`, 'invalidParameter', 'invalidParameter', /^artifact_type must be/],
    [NGINX, 'invalidParameter', 'invalidParameter', /^the details of the answer/],
    [at('acme/ppi', 'x', '1'), 'registryUnknown', 'registryUnknown', /^nearest known registries: acme\/pypi, /],
    [NGINX, 'registryUnknown', 'registryUnknown', 'acme/platform/web/images is known by now; ask again'],
    [
      NGINX,
      'scopeNotGranted',
      'scopeNotGranted',
      'no grant of the key covers acme/platform/web/images; send a key that may read it',
    ],
    [NGINX, 'keyExpired', 'keyExpired', 'the key has expired; send another'],
    [NGINX, 'keyRevoked', 'keyRevoked', 'the key has been revoked; send another'],
    [NGINX, 'bearerOnly', 'bearerOnly', 'send the key in x-api-key; a Bearer token is not read'],
    ['/nope', 'versionUnknown', 'versionUnknown', 'ask for one of the versions that the fixtures hold'],
    ['/nope', 'scopeNotGranted', 'scopeNotGranted', /covers the registry; /],
    [
      '/nope',
      'artifactTypeNotAllowed',
      'artifactTypeNotAllowed',
      /^leave artifact_type out: the registry is of another package type/,
    ],
    [NGINX, 'childUnknown', 'childUnknown', 'there are no child versions to choose from'],
    [`${NGINX}?childVersion=a&childVersion=b`, 'childUnknown', 'childUnknown', /^there are no child versions/],
    [`${NGINX}?artifact_type=model&artifact_type=model`, 'versionUnknown', 'versionUnknown', /is known by now/],
  ];
  for (const [target, recorded, reason, advice] of rows) {
    const description = describeRefusal(store, { target, reason: recorded });
    t.equal(description.reason, reason, `${recorded} ${target}`);
    t.match(description.advice, advice);
  }
});

t.test('says so where there is nothing to choose from', async (t) => {
  const store = storeWith(t, () => {});
  t.strictSame(describeRefusal(store, { target: NGINX, reason: 'registryUnknown' }), {
    reason: 'registryUnknown',
    advice: 'there are no registries to choose from',
  } satisfies Description);
});

t.test('any text with any reason has its sentence', async (t) => {
  const store = seedStore(t);
  const start = fc.constantFrom('', '/', NGINX, `${API}/`, at('acme/pypi', 'x', '1', '?artifact_type='));
  const property = fc.property(
    fc.constantFrom(...REASONS),
    start,
    fc.string({ unit: 'binary' }),
    (reason, prefix, rest) => {
      const { advice } = describeRefusal(store, { target: prefix + rest, reason });
      return advice.length > 0;
    },
  );
  const { failed, counterexample, seed } = fc.check(property, { numRuns: 2_000 });
  t.notOk(failed, `seed ${seed}: ${JSON.stringify(counterexample)}`);
  for (const reason of REASONS) {
    for (const target of ['', '\ud800', `/${'%25'.repeat(5_000)}`, NGINX]) {
      t.match(describeRefusal(store, { target, reason }).advice, /\w/, reason);
    }
  }
});
