import t from 'tap';
import { writeFixtures } from '../../src/seed/write.js';
import { ask, build, KEY, makeControl, NGINX, NGINX_BODY, seedStore } from '../helper.js';

const at = (ref: string, artifact: string, version: string, query = '') =>
  `/har/api/v1/registry/${ref}/+/artifact/${artifact}/+/version/${version}/details${query}`;

const images = (artifact: string, version: string, query = '') =>
  at('acme/platform/web/images', artifact, version, query);

const invalid = (field: string, value: unknown, reason: string) => ({
  code: '400',
  message: 'invalid parameter',
  details: { field, value, reason },
});

const TYPE_RULE = 'must be given once and be exactly model or dataset';
const REF_RULE = 'must have 2 to 4 non-empty components: account[/org[/project]]/registry';

t.test('a hit answers the whole of Artifact Detail', async (t) => {
  const app = build(t);
  const answer = await ask(t, app, NGINX);
  t.equal(answer.status, 200);
  t.strictSame(answer.body, NGINX_BODY);
  t.equal(answer.text, JSON.stringify(NGINX_BODY), 'in the order of the contract');
  t.equal(answer.headers['content-length'], String(Buffer.byteLength(answer.text)));

  const again = await ask(t, app, NGINX);
  t.equal(again.status, 200);
  t.strictSame(again.body, NGINX_BODY, 'reading does not change downloadCount');
});

t.test('absent fields are left out', async (t) => {
  const answer = await ask(t, build(t), at('acme/infra/downloads', 'empty', '0'));
  t.equal(answer.status, 200);
  t.strictSame(answer.body, {
    status: 'SUCCESS',
    data: { version: '0', packageType: 'GENERIC', name: 'empty', isQuarantined: false },
  });
});

t.test('quarantined versions answer 200 and say why', async (t) => {
  const app = build(t);
  const version = await ask(t, app, images('library/nginx', '1.24.0'));
  t.equal(version.status, 200);
  t.strictSame(version.body, {
    status: 'SUCCESS',
    data: {
      version: '1.24.0',
      packageType: 'DOCKER',
      name: 'library/nginx',
      size: '68.00MB',
      createdAt: '1681234054000',
      createdBy: 'admin@example.com',
      modifiedAt: '1681234054000',
      downloadCount: 1309,
      isQuarantined: true,
      quarantineReason: 'CVE-2023-44487',
    },
  });

  const artifact = await ask(t, app, images('legacy-cart', '3.9'));
  t.equal(artifact.status, 200);
  t.match(artifact.body, {
    data: { isQuarantined: true, quarantineReason: 'end of life, rebuild on storefront' },
  });
});

t.test('an empty reason is a quarantine, too, and the own reason of a version wins', async (t) => {
  const store = seedStore(t, []);
  const versions = [{ version: '1' }, { version: '2', quarantineReason: 'own' }];
  const artifacts = [{ name: 'x', quarantineReason: '', versions }];
  writeFixtures([{ registries: [{ ref: 'a/b', packageType: 'GO', artifacts }] }], store.seed);
  const app = build(t, { store, auth: 'off' });
  for (const [version, quarantineReason] of [
    ['1', ''],
    ['2', 'own'],
  ]) {
    const answer = await ask(t, app, at('a/b', 'x', version as string));
    t.equal(answer.status, 200);
    t.strictSame(answer.body, {
      status: 'SUCCESS',
      data: { version, packageType: 'GO', name: 'x', isQuarantined: true, quarantineReason },
    });
  }
});

t.test('childVersion answers the child of a Docker version that declares children', async (t) => {
  const app = build(t);
  const child = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef';
  const found = await ask(t, app, images('library/nginx', '1.25.3', `?childVersion=${encodeURIComponent(child)}`));
  t.equal(found.status, 200);
  t.strictSame(found.body, {
    status: 'SUCCESS',
    data: {
      version: child,
      packageType: 'DOCKER',
      name: 'library/nginx',
      size: '29.00MB',
      createdAt: '1704067200000',
      createdBy: 'admin@example.com',
      isQuarantined: false,
    },
  });

  for (const query of ['?childVersion=sha256:0', '?childVersion=']) {
    const unknown = await ask(t, app, images('library/nginx', '1.25.3', query));
    t.equal(unknown.status, 404, query);
    t.strictSame(unknown.body, { code: '404', message: 'Artifact version not found' });
  }

  const childless = await ask(t, app, images('storefront', '2024.05.1-rc.1', '?childVersion=sha256:0'));
  t.equal(childless.status, 200, 'no effect without children');
  t.match(childless.body, { data: { version: '2024.05.1-rc.1' } });
  const chart = await ask(t, app, at('acme/platform/charts', 'storefront', '1.4.0_build.5', '?childVersion=x'));
  t.equal(chart.status, 200, 'no effect on other package types');
  t.match(chart.body, { data: { version: '1.4.0_build.5' } });
});

t.test('a model and a dataset may share a name', async (t) => {
  const app = build(t);
  const rows: [type: string, size: string, bytes: number, downloadCount: number, created: string][] = [
    ['model', '420.07MB', 440_473_133, 100, '1704067200000'],
    ['dataset', '13.00MB', 13_631_488, 9, '1704240000000'],
  ];
  for (const [artifactType, size, bytes, downloadCount, created] of rows) {
    const answer = await ask(t, app, at('acme/labs/ml/hub', 'bert', 'v1', `?artifact_type=${artifactType}`));
    t.equal(answer.status, 200, artifactType);
    t.strictSame(answer.body, {
      status: 'SUCCESS',
      data: {
        version: 'v1',
        packageType: 'HUGGINGFACE',
        artifactType,
        name: 'bert',
        size,
        createdAt: created,
        modifiedAt: created,
        downloadCount,
        isQuarantined: false,
        metadata: { file_count: 3, id: 'bert', modelId: 'bert', private: true, size: bytes },
      },
    });
  }
});

t.test('without artifact_type nothing is found in a HUGGINGFACE registry', async (t) => {
  const app = build(t);
  const rows = [
    ['bert', 'v1'],
    ['bert', 'no-such-version'],
    ['acme/sentiment', 'main'],
    ['no-such-artifact', 'v1'],
  ];
  for (const [artifact = '', version = ''] of rows) {
    const answer = await ask(t, app, at('acme/labs/ml/hub', artifact, version));
    t.equal(answer.status, 404, `${artifact} ${version}`);
    t.strictSame(answer.body, {
      code: '404',
      message: 'Artifact not found',
      details: {
        field: 'artifact_type',
        reason: 'an artifact of a HUGGINGFACE registry needs artifact_type: model or dataset',
      },
    });
  }
  const typed = await ask(t, app, at('acme/labs/ml/hub', 'acme/sentiment', 'main', '?artifact_type=model'));
  t.equal(typed.status, 200);
  t.match(typed.body, { data: { artifactType: 'model', metadata: { cardData: { license: 'apache-2.0' } } } });
});

t.test('artifact_type on another registry is refused, and the answer says why', async (t) => {
  const answer = await ask(t, build(t), `${NGINX}?artifact_type=model`);
  t.equal(answer.status, 400);
  t.strictSame(answer.body, {
    code: '400',
    message: 'invalid package type',
    details: { field: 'artifact_type', value: 'model', reason: 'only artifacts of a HUGGINGFACE registry have a type' },
  });
});

t.test('an invalid parameter is a 400 with the field, the value and the reason', async (t) => {
  const app = build(t);
  const rows: [url: string, field: string, value: unknown, reason: string][] = [
    ['/har/api/v1/registry/reg/artifact/app/version/1/details', 'registry_ref', 'reg', REF_RULE],
    [at('a/b/c/d/e', 'x', '1'), 'registry_ref', 'a/b/c/d/e', REF_RULE],
    [at('a//b', 'x', '1'), 'registry_ref', 'a//b', REF_RULE],
    [at('a/b/', 'x', '1'), 'registry_ref', 'a/b/', REF_RULE],
    ['/har/api/v1/registry/acme/b/+/artifact//version/1/details', 'artifact', '', 'must not be empty'],
    ['/har/api/v1/registry/acme/b/+/artifact/+/version/1/details', 'artifact', '', 'must not be empty'],
    [at('acme/b', 'x', ''), 'version', '', 'must not be empty'],
    [`${NGINX}?artifact_type=`, 'artifact_type', '', TYPE_RULE],
    [`${NGINX}?artifact_type`, 'artifact_type', '', TYPE_RULE],
    [`${NGINX}?artifact_type=Model`, 'artifact_type', 'Model', TYPE_RULE],
    [`${NGINX}?artifact_type=model&artifact_type=model`, 'artifact_type', ['model', 'model'], TYPE_RULE],
    [`${NGINX}?artifact%5Ftype=x+y`, 'artifact_type', 'x y', TYPE_RULE],
    [`${NGINX}?childVersion=a&childVersion=b`, 'childVersion', ['a', 'b'], 'must be given once'],
  ];
  for (const [url, field, value, reason] of rows) {
    const answer = await ask(t, app, url);
    t.equal(answer.status, 400, url);
    t.strictSame(answer.body, invalid(field, value, reason));
  }
});

t.test('a pair of the query that cannot be decoded or has a semicolon is ignored', async (t) => {
  const app = build(t);
  const queries = [
    'artifact_type=%ZZ',
    'artifact_type=%',
    'artifact_type=%FF',
    'artifact_%ZZtype=model',
    'artifact_type=model;x',
    'x;artifact_type=model',
    'childVersion=%FF',
    'childVersion=a;b',
    'childVersion=%C0%AF&x=%ED%A0%80',
    '%',
    ';',
  ];
  for (const query of queries) {
    const answer = await ask(t, app, `${NGINX}?${query}`);
    t.equal(answer.status, 200, query);
    t.strictSame(answer.body, NGINX_BODY);
  }
  const kept = await ask(t, app, `${NGINX}?x=%ZZ&artifact_type=model&childVersion=a;b`);
  t.equal(kept.status, 400, 'the other pairs count');
  t.match(kept.body, { message: 'invalid package type' });
  const once = await ask(t, app, at('acme/labs/ml/hub', 'bert', 'v1', '?artifact_type=%FF&artifact_type=model'));
  t.equal(once.status, 200, 'an ignored pair is no repetition');
  t.match(once.body, { data: { artifactType: 'model' } });
  const path = await ask(t, app, NGINX.replace('1.25.3', '%ZZ'));
  t.equal(path.status, 400, 'a bad escape in the path is an error');
  t.match(path.body, { message: 'malformed target', details: { value: '%ZZ' } });
});

t.test('decisions are made in the documented order', async (t) => {
  const app = build(t);
  const narrow = { headers: { 'x-api-key': 'sat.acme.web.local' } };
  const nobody = { headers: { 'x-api-key': 'nobody' } };
  const type = '?artifact_type=model';
  const flat = '/har/api/v1/registry/reg/artifact/app/version/1/details';
  const rows: [name: string, url: string, options: object, status: number, message: string][] = [
    ['undecodable before key', '/%ZZ', nobody, 400, 'malformed target'],
    ['undecodable before method', '/%ZZ', { method: 'POST' }, 400, 'malformed target'],
    ['route before key', '/nope', nobody, 404, 'Route not found'],
    ['route before method', '/nope', { method: 'POST' }, 404, 'Route not found'],
    ['method before key', NGINX, { ...nobody, method: 'POST' }, 405, 'Method not allowed'],
    ['method before ref', flat, { method: 'POST' }, 405, 'Method not allowed'],
    ['key before ref', flat, nobody, 401, 'unauthorized'],
    ['key before syntax', `${NGINX}?artifact_type=`, nobody, 401, 'unauthorized'],
    ['ref before grant', flat, narrow, 400, 'invalid parameter'],
    ['grant before syntax', at('other/reg', 'x', '1', '?artifact_type='), narrow, 403, 'forbidden'],
    ['grant before registry', at('acme/nope', 'x', '1'), narrow, 403, 'forbidden'],
    ['grant of a registry that exists', at('acme/platform/nuget', 'acme.logging', '5.1.0'), narrow, 403, 'forbidden'],
    ['syntax before registry', at('acme/nope', 'x', '1', '?artifact_type='), {}, 400, 'invalid parameter'],
    ['registry before package type', at('acme/nope', 'x', '1', type), {}, 404, 'Registry not found'],
    ['package type before artifact', at('acme/pypi', 'nope', '1', type), {}, 400, 'invalid package type'],
    ['artifact before version', images('nope', '0'), {}, 404, 'Artifact not found'],
    [
      'artifact of another type',
      at('acme/labs/ml/hub', 'acme/sentiment', 'main', '?artifact_type=dataset'),
      {},
      404,
      'Artifact not found',
    ],
    ['version', images('library/nginx', '0'), {}, 404, 'Artifact version not found'],
    ['version before child', images('library/nginx', '0', '?childVersion=x'), {}, 404, 'Artifact version not found'],
    ['version of a typed artifact', at('acme/labs/ml/hub', 'bert', '0', type), {}, 404, 'Artifact version not found'],
  ];
  for (const [name, url, options, status, message] of rows) {
    const answer = await ask(t, app, url, options);
    t.equal(answer.status, status, name);
    t.match(answer.body, { code: String(status), message });
  }
});

t.test('explain shows the decisions of the same pipeline, and changes nothing', async (t) => {
  const store = seedStore(t);
  const control = makeControl(store);
  const app = build(t, { store, control });
  control.faults.arm({ match: { version: '1.24.0' }, fault: { delay: 600_000 }, times: 1 });
  control.faults.arm({ match: { version: '1.24.0' }, fault: { code: 503 }, percentage: 1 });
  control.faults.arm({ match: { version: '1.23.0' }, fault: { network: 'stall' }, times: 1 });
  const targets: [target: string, options: { method?: string; key?: string }, expected: object][] = [
    [NGINX, {}, { status: 200, message: 'SUCCESS' }],
    [images('library/nginx', '1.24.0'), {}, { status: 503, reason: 'fault' }],
    [images('library/nginx', '1.23.0'), {}, { message: 'network fault: stall', reason: 'fault' }],
    [images('library/nginx', '0'), {}, { status: 404, reason: 'versionUnknown' }],
    [at('acme/labs/unreliable', 'status', 'ERROR'), {}, { status: 200, message: 'ERROR' }],
    [at('other/x', 'x', '0', '?artifact_type='), {}, { status: 403, reason: 'scopeNotGranted' }],
    [`${NGINX}?artifact_type=`, {}, { status: 400, reason: 'invalidParameter' }],
    [NGINX, { key: '' }, { status: 401, reason: 'keyMissing' }],
    [NGINX, { key: 'nobody' }, { status: 401, reason: 'keyUnknown' }],
    [NGINX, { method: 'POST' }, { status: 405, reason: 'methodNotAllowed' }],
    [NGINX, { method: 'get' }, { status: 400, reason: 'methodUnknown' }],
    ['/%ZZ', {}, { status: 400, reason: 'undecodable' }],
    ['/nope', {}, { status: 404, reason: 'unknownRoute' }],
    [`/${'x'.repeat(20_000)}`, {}, { status: 414, reason: 'targetTooLong' }],
    ['/\u00e9', {}, { status: 400, reason: 'malformedRequest' }],
  ];
  for (const [target, { method = 'GET', key = 'pat.acme.dev.local' }, expected] of targets) {
    const query = `target=${encodeURIComponent(target)}&key=${key}&method=${method}`;
    const answer = await app.inject(`/__admin/explain?${query}`);
    t.equal(answer.statusCode, 200, target.slice(0, 100));
    t.match(answer.json(), expected);
  }
  t.equal(control.journal.list({}).length, 0, 'nothing is recorded');
  t.match(control.faults.list(), [{ hits: 0 }, { hits: 0 }, { hits: 0 }], 'no fault is used up');
  t.strictSame(control.counters.list(), [], 'nothing is counted');
});

t.test('a fault happens after all checks and is recorded; without one the answer is the same as ever', async (t) => {
  const store = seedStore(t);
  const control = makeControl(store);
  const app = build(t, { store, control });
  const unreliable = at('acme/labs/unreliable', 'error', '502');
  const { id } = control.faults.arm({ fault: { code: 500, delay: { min: 1, max: 1 } }, times: 1 });
  const rows: [url: string, headers: Record<string, string>, status: number, fault: object | undefined][] = [
    [NGINX, { 'x-api-key': 'nobody' }, 401, undefined],
    [`${NGINX}?artifact_type=`, { prefer: 'code=503' }, 400, undefined],
    [NGINX, { prefer: 'code=503, delay=1' }, 503, { trigger: 'prefer', fault: { code: 503, delay: 1 } }],
    [NGINX, { prefer: 'delay=1' }, 500, { trigger: 'armed', id, fault: { code: 500, delay: 2 } }],
    [NGINX, { prefer: 'delay=1' }, 200, { trigger: 'prefer', fault: { delay: 1 } }],
    [unreliable, {}, 502, { trigger: 'data', fault: { code: 502 } }],
    [NGINX, { prefer: 'wait=1' }, 200, undefined],
    [NGINX, {}, 200, undefined],
  ];
  for (const [url, headers, status, fault] of rows) {
    const answer = await ask(t, app, url, { headers });
    t.equal(answer.status, status, `${url} ${JSON.stringify(headers)}`);
    if (status === 200) t.strictSame(answer.body, NGINX_BODY);
    t.strictSame(control.journal.list().at(-1)?.fault, fault);
  }
  await t.rejects(app.inject({ url: NGINX, headers: { 'x-api-key': KEY, prefer: 'fault=reset' } }));
  t.match(control.journal.list().at(-1), { status: undefined, fault: { fault: { network: 'reset' } } });

  const off = build(t, { store, control, prefer: 'off' });
  const ignored = await ask(t, off, NGINX, { headers: { prefer: 'code=503' } });
  t.equal(ignored.status, 200);
  t.strictSame(ignored.body, NGINX_BODY);
});
