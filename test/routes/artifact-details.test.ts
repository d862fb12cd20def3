import t from 'tap';
import { ask, build, NGINX, NGINX_BODY } from '../helper.js';

const at = (registryRef: string, artifact: string, version: string, query = '') =>
  `/har/api/v1/registry/${registryRef}/+/artifact/${artifact}/+/version/${version}/details${query}`;

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
    data: { version: '0', packageType: 'GENERIC', name: 'empty', size: '0.00B', isQuarantined: false },
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

  const unknown = await ask(t, app, images('library/nginx', '1.25.3', '?childVersion=sha256:0'));
  t.equal(unknown.status, 404);
  t.strictSame(unknown.body, { code: '404', message: 'Artifact version not found' });

  const childless = await ask(t, app, images('storefront', '2024.05.1-rc.1', '?childVersion=sha256:0'));
  t.equal(childless.status, 200, 'no effect without children');
  const chart = await ask(t, app, at('acme/platform/charts', 'storefront', '1.4.0+build.5', '?childVersion=x'));
  t.equal(chart.status, 200, 'no effect on other package types');
});

t.test('a model and a dataset may share a name', async (t) => {
  const app = build(t);
  const bert = (query: string) => at('acme/labs/ml/hub', 'bert', 'v1', query);
  const rows: [query: string, size: string, artifactType: string, downloadCount: number, created: string][] = [
    ['?artifact_type=model', '420.07MB', 'model', 100, '1704067200000'],
    ['?artifact_type=dataset', '13.00MB', 'dataset', 9, '1704240000000'],
  ];
  for (const [query, size, artifactType, downloadCount, created] of rows) {
    const answer = await ask(t, app, bert(query));
    t.equal(answer.status, 200, query);
    t.strictSame(answer.body, {
      status: 'SUCCESS',
      data: {
        version: 'v1',
        packageType: 'HUGGINGFACE',
        artifactType,
        name: 'bert',
        size,
        createdAt: created,
        createdBy: 'ml@example.com',
        modifiedAt: created,
        downloadCount,
        isQuarantined: false,
      },
    });
  }

  const ambiguous = {
    code: '400',
    message: 'ambiguous artifact',
    details: {
      field: 'artifact',
      value: 'bert',
      reason: 'names both a model and a dataset: add artifact_type=model or artifact_type=dataset',
    },
  };
  for (const url of [bert(''), at('acme/labs/ml/hub', 'bert', 'no-such-version')]) {
    const answer = await ask(t, app, url);
    t.equal(answer.status, 400, url);
    t.strictSame(answer.body, ambiguous);
  }

  const clear = await ask(t, app, at('acme/labs/ml/hub', 'acme/sentiment', 'main'));
  t.equal(clear.status, 200, 'an unambiguous name needs no type');
  t.match(clear.body, { data: { artifactType: 'model', metadata: { license: 'apache-2.0' } } });
});

t.test('syntax is 400 with the field, the value and the reason', async (t) => {
  const app = build(t);
  const rows: [url: string, field: string, value: unknown, reason: string][] = [
    ['/har/api/v1/registry/reg/artifact/app/version/1/details', 'registry_ref', 'reg', REF_RULE],
    [at('a/b/c/d/e', 'x', '1'), 'registry_ref', 'a/b/c/d/e', REF_RULE],
    [at('a//b', 'x', '1'), 'registry_ref', 'a//b', REF_RULE],
    [at('a/b/', 'x', '1'), 'registry_ref', 'a/b/', REF_RULE],
    ['/har/api/v1/registry/a/b/+/artifact//version/1/details', 'artifact', '', 'must not be empty'],
    ['/har/api/v1/registry/a/b/+/artifact/+/version/1/details', 'artifact', '', 'must not be empty'],
    [at('a/b', 'x', ''), 'version', '', 'must not be empty'],
    [`${NGINX}?artifact_type=`, 'artifact_type', '', TYPE_RULE],
    [`${NGINX}?artifact_type=Model`, 'artifact_type', 'Model', TYPE_RULE],
    [`${NGINX}?artifact_type=model&artifact_type=model`, 'artifact_type', ['model', 'model'], TYPE_RULE],
    [`${NGINX}?childVersion=a&childVersion=b`, 'childVersion', ['a', 'b'], 'must be given once'],
  ];
  for (const [url, field, value, reason] of rows) {
    const answer = await ask(t, app, url);
    t.equal(answer.status, 400, url);
    t.strictSame(answer.body, invalid(field, value, reason));
  }
});

t.test('decisions are made in the documented order', async (t) => {
  const app = build(t);
  const narrow = { headers: { 'x-api-key': 'sat.acme.web.local' } };
  const nobody = { headers: { 'x-api-key': 'nobody' } };
  const type = '?artifact_type=model';
  const rows: [name: string, url: string, options: object, status: number, message: string][] = [
    ['undecodable before key', '/%ZZ', nobody, 400, 'malformed target'],
    ['route before key', '/nope', nobody, 404, 'Route not found'],
    ['method before key', NGINX, { ...nobody, method: 'POST' }, 405, 'Method not allowed'],
    ['key before syntax', `${NGINX}?artifact_type=`, nobody, 401, 'unauthorized'],
    ['syntax before grant', at('other/reg', 'x', '1', '?artifact_type='), narrow, 400, 'invalid parameter'],
    ['grant before registry', at('acme/nope', 'x', '1'), narrow, 403, 'forbidden'],
    ['grant even where nothing is', at('acme/platform/nuget', 'Acme.Logging', '5.1.0'), narrow, 403, 'forbidden'],
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
    ['version of a typed artifact', at('acme/labs/ml/hub', 'bert', '0', type), {}, 404, 'Artifact version not found'],
  ];
  for (const [name, url, options, status, message] of rows) {
    const answer = await ask(t, app, url, options);
    t.equal(answer.status, status, name);
    t.match(answer.body, { code: String(status), message });
  }
});

t.test('artifact_type elsewhere than on HUGGINGFACE says why it is refused', async (t) => {
  const answer = await ask(t, build(t), `${NGINX}?artifact_type=model`);
  t.equal(answer.status, 400);
  t.strictSame(answer.body, {
    code: '400',
    message: 'invalid package type',
    details: {
      field: 'artifact_type',
      value: 'model',
      reason: 'only a HUGGINGFACE registry has artifact types, and this is another',
    },
  });
});
