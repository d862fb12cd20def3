import t from 'tap';
import { explain } from '../../src/explain/explain.js';
import { STEPS, type StepName } from '../../src/explain/explanation.js';
import { loadFixtures } from '../../src/fixtures/load.js';
import { REASONS, type Reason } from '../../src/reason.js';
import { KEY, NGINX, seedStore } from '../helper.js';
import { at } from './support.js';

const NARROW = 'sat.acme.web.local';
const API = '/har/api/v1/registry';
const CHILD = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef';

const unreliable = (artifact: string, version: string) => at('acme/labs/unreliable', artifact, version);

t.test('tells what was read and what is answered', async (t) => {
  const store = seedStore(t);
  t.strictSame(explain({ target: NGINX, key: KEY }, { store, auth: 'strict' }), {
    target: NGINX,
    steps: [
      { step: 'target', passed: true, found: 'can be decoded' },
      {
        step: 'route',
        passed: true,
        found:
          'registry_ref acme/platform/web/images (spelling: published), artifact library/nginx (spelling: published), version 1.25.3',
      },
      { step: 'method', passed: true, found: 'GET' },
      { step: 'key', passed: true, found: 'key developer' },
      { step: 'syntax', passed: true, found: 'all parameters are well-formed' },
      { step: 'grant', passed: true, found: 'acme covers acme/platform/web/images' },
      { step: 'registry', passed: true, found: 'acme/platform/web/images, DOCKER' },
      { step: 'artifactType', passed: true, found: 'none is asked for' },
      { step: 'artifact', passed: true, found: 'library/nginx' },
      { step: 'version', passed: true, found: '1.25.3' },
      { step: 'child', passed: true, found: 'none is asked for' },
      { step: 'fault', passed: true, found: 'none: 200 SUCCESS' },
    ],
    status: 200,
    message: 'SUCCESS',
  });
});

t.test('tells the last step, why it fails and what to change', async (t) => {
  const store = seedStore(t);
  const rows: [question: object, step: StepName, found: string, reason: Reason, advice: string | RegExp][] = [
    [{ method: 'frob' }, 'method', 'FROB is no method of HTTP', 'methodUnknown', 'send GET, or HEAD'],
    [
      { target: '/a b' },
      'target',
      '"/a b" cannot be sent as it stands',
      'unsendable',
      'a target starts with a slash and holds no spaces, control characters or letters beyond ASCII; percent-encode them: /a%20b',
    ],
    [{ target: 'a' }, 'target', 'a cannot be sent as it stands', 'unsendable', /beyond ASCII$/],
    [
      { target: `/${'x'.repeat(20_000)}` },
      'target',
      'it has 20001 characters',
      'targetTooLong',
      'send a shorter target, or start the server with a greater --max-header-bytes',
    ],
    [
      { target: '/%ZZ' },
      'target',
      '%ZZ is not percent-encoded UTF-8',
      'undecodable',
      'write a percent sign itself as %25, and encode UTF-8',
    ],
    [
      { target: `${API}/acme/pypi/artifact/x/version/1/details` },
      'route',
      'is not a path of the API',
      'markerMissing',
      `the registry_ref holds slashes and must end in /+: ${API}/acme/pypi/+/artifact/x/version/1/details`,
    ],
    [
      { target: 'h:1', method: 'CONNECT' },
      'route',
      'the server is no proxy',
      'unknownRoute',
      /^the path of the API is/,
    ],
    [{ method: 'POST' }, 'method', 'POST is not of the API', 'methodNotAllowed', 'send GET, or HEAD'],
    [{ key: '' }, 'key', 'there is none', 'keyMissing', 'send a key in the header x-api-key'],
    [{ key: undefined }, 'key', 'there is none', 'keyMissing', 'send a key in the header x-api-key'],
    [
      { key: 'canary' },
      'key',
      'it is not known',
      'keyUnknown',
      'send a key that the apiKeys of the fixtures hold; none of them is this one',
    ],
    [
      { key: 'pat.acme.old.local' },
      'key',
      'key expired: it has expired',
      'keyExpired',
      'the key expired has expired at 2020-01-01T00:00:00.000Z; send another',
    ],
    [
      { key: 'pat.acme.lost.local' },
      'key',
      'key revoked: it has been revoked',
      'keyRevoked',
      'the key revoked has been revoked; send another',
    ],
    [
      { target: `${NGINX}?artifact_type=` },
      'syntax',
      'artifact_type must be given once and be exactly model or dataset; found ""',
      'invalidParameter',
      'artifact_type must be given once and be exactly model or dataset',
    ],
    [
      { target: `${API}/acme%252Fpypi/artifact/x/version/1/details` },
      'syntax',
      'registry_ref must have 2 to 4 non-empty components: account[/org[/project]]/registry; found acme%2Fpypi',
      'doubleEncoded',
      `the registry_ref is percent-encoded twice; encode it once: ${API}/acme%2Fpypi/artifact/x/version/1/details`,
    ],
    [
      { target: at('acme/pypi', 'x', '1'), key: NARROW },
      'grant',
      'no grant of key web-pipeline covers acme/pypi',
      'scopeNotGranted',
      'no grant of the key web-pipeline covers acme/pypi; its grants: acme/base-images, acme/platform/web',
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
      'model is asked for, and the registry has none',
      'artifactTypeNotAllowed',
      'leave artifact_type out: acme/pypi is PYTHON, and only HUGGINGFACE has artifact types',
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
      'acme/sentiment is known, but not as a dataset: change artifact_type, or leave it out',
    ],
    [
      { target: at('acme/labs/ml/hub', 'bert', 'v1') },
      'artifact',
      'bert is both a model and a dataset',
      'ambiguousArtifact',
      'add artifact_type=model or artifact_type=dataset',
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
      `the version is percent-encoded twice; encode it once: ${NGINX.replace('1.25.3', '9%2B9')}`,
    ],
    [
      { target: `${NGINX}?childVersion=x` },
      'child',
      'x is not known',
      'childUnknown',
      /^nearest known child versions: sha/,
    ],
    [
      { target: unreliable('error', '503') },
      'fault',
      '503 "down for maintenance"',
      'fault',
      'it fails on purpose: by the header Prefer, an armed fault, or the fault of a fixture',
    ],
    [{ target: unreliable('error', '504') }, 'fault', '504 "Gateway Timeout" after 1000 ms', 'fault', /on purpose/],
    [{ target: unreliable('network', 'empty') }, 'fault', 'network empty', 'fault', /on purpose/],
  ];
  for (const [question, step, found, reason, advice] of rows) {
    const explanation = explain({ target: NGINX, key: KEY, ...question }, { store, auth: 'strict' });
    const name = JSON.stringify(question).slice(0, 200);
    t.strictSame(explanation.steps.at(-1), { step, passed: false, found }, name);
    t.equal(explanation.reason, reason, name);
    t.match(explanation.advice, advice, name);
    t.ok(explanation.steps.slice(0, -1).every(({ passed }) => passed));
    const order = explanation.steps.map((done) => STEPS.indexOf(done.step));
    t.strictSame(
      order,
      [...order].sort((a, b) => a - b),
      'in order',
    );
    t.notMatch(JSON.stringify(explanation), /canary|pat\.acme|sat\.acme/, 'no key is told');
  }
});

t.test('advises a target only where the limit of the server takes it', async (t) => {
  const judge = { store: seedStore(t), auth: 'strict' } as const;
  const target = `/${'x'.repeat(20_000)} y`;
  const rule = 'a target starts with a slash and holds no spaces, control characters or letters beyond ASCII';
  t.equal(explain({ target }, { ...judge, maxHeaderBytes: 20_004 }).advice, rule);
  const advised = `${rule}; percent-encode them: ${target.replace(' ', '%20')}`;
  t.equal(explain({ target }, { ...judge, maxHeaderBytes: 20_006 }).advice, advised);
});

t.test('tells what a hit answers', async (t) => {
  const store = seedStore(t);
  const rows: [target: string, step: StepName, found: string][] = [
    [unreliable('status', 'FAILURE'), 'fault', 'on purpose: 200 FAILURE'],
    [unreliable('slow', 'fixed'), 'fault', 'on purpose: 200 SUCCESS after 250 ms'],
    [unreliable('slow', 'uniform'), 'fault', 'on purpose: 200 SUCCESS after 100 to 500 ms'],
    [unreliable('slow', 'log-normal'), 'fault', 'on purpose: 200 SUCCESS after 100 ms, more or less'],
    [NGINX.replace('1.25.3', '1.24.0'), 'version', '1.24.0, in quarantine: CVE-2023-44487'],
    [`${NGINX}?childVersion=${CHILD}`, 'child', CHILD],
    [at('acme/pypi', 'acme-metrics', '0.9.0+local.3', '?childVersion=x'), 'child', 'childVersion has no effect here'],
    [at('acme/labs/ml/hub', 'bert', 'v1', '?artifact_type=model'), 'artifactType', 'model'],
  ];
  for (const [target, step, found] of rows) {
    const { steps, status } = explain({ target, key: KEY }, { store, auth: 'strict' });
    t.equal(status, 200, target);
    t.match(
      steps.find((done) => done.step === step),
      { passed: true, found },
      target,
    );
  }
});

t.test('a network fault has no status', async (t) => {
  const question = { target: unreliable('network', 'stall'), key: KEY };
  const { status, message } = explain(question, { store: seedStore(t), auth: 'strict' });
  t.strictSame({ status, message }, { status: undefined, message: 'network fault: stall' });
});

t.test('keys are as the mode wants them', async (t) => {
  const store = seedStore(t);
  const keyOf = (auth: 'any' | 'off', key?: string) =>
    explain({ target: NGINX, key }, { store, auth }).steps.filter(({ step }) => step === 'key' || step === 'grant');
  const grant = { step: 'grant', passed: true, found: 'none is asked for' };
  t.strictSame(keyOf('off'), [{ step: 'key', passed: true, found: 'none is asked for (auth off)' }, grant]);
  t.strictSame(keyOf('any', 'x'), [{ step: 'key', passed: true, found: 'any key is taken (auth any)' }, grant]);
  t.strictSame(keyOf('any', ''), [{ step: 'key', passed: false, found: 'there is none' }]);
});

t.test('registries that a key may not see are not named', async (t) => {
  const question = { target: at('acme/platform/web/image', 'x', '1'), key: NARROW };
  const { advice } = explain(question, { store: seedStore(t), auth: 'strict' });
  t.match(advice, /^nearest known registries: acme\/platform\/web\/images, /);
  for (const name of advice?.split(': ')[1]?.split(', ') ?? []) t.match(name, /^acme\/(platform\/web|base-images)/);

  const open = explain({ ...question, key: 'x' }, { store: seedStore(t), auth: 'any' });
  t.match(open.advice, 'acme/platform/web/images');
});

t.test('a key without a grant covers nothing', async (t) => {
  const store = seedStore(t, []);
  loadFixtures(store, [{ apiKeys: [{ key: 'k', name: 'k', grants: [] }] }]);
  const { advice } = explain({ target: NGINX, key: 'k' }, { store, auth: 'strict' });
  t.equal(advice, 'no grant of the key k covers acme/platform/web/images; it has none');
});

t.test("the server's own paths are not explained", async (t) => {
  const store = seedStore(t);
  for (const target of [
    '/healthz',
    '/readyz?x',
    '/openapi.json',
    '/docs',
    '/docs/static/x.css',
    '/__admin/x',
    '/health%7A',
  ]) {
    const { steps, status, message, reason, advice } = explain({ target }, { store, auth: 'strict' });
    t.match(steps.at(-1), { step: 'route', passed: true, found: /is of the server itself, not of the API$/ });
    t.strictSame(
      { status, message, reason, advice },
      { status: undefined, message: 'not explained', reason: undefined, advice: undefined },
    );
  }
});

t.test('what is unforeseen is thrown on', async (t) => {
  const broken = {
    ...seedStore(t),
    findDetails() {
      throw new Error('disk on fire');
    },
  };
  t.throws(() => explain({ target: NGINX, key: KEY }, { store: broken, auth: 'strict' }), { message: 'disk on fire' });
});

t.test('a reason is told once', async (t) => {
  t.equal(new Set(REASONS).size, REASONS.length);
});
