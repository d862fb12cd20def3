import { rmSync, writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { SPELLINGS } from '../src/api/spelling.js';
import {
  type Call,
  type FaultRule,
  type FixtureDocument,
  type MockServerOptions,
  type Spelling,
  startMockServer,
} from '../src/index.js';
import { BUNDLED_FIXTURES } from '../src/util/package.js';
import { checkContract, KEY, NGINX, NGINX_BODY, ROUTE_NOT_FOUND } from './helper.js';

const APP = '/har/api/v1/registry/acme/images/+/artifact/app/version/1/details';

const APP_2 = APP.replace('/1/', '/2/');

/** A document with one version of the given size, and four keys of which one is usable. */
const documentOf = (size: number, version = '1'): FixtureDocument => ({
  registries: [
    {
      ref: 'acme/images',
      packageType: 'DOCKER',
      artifacts: [{ name: 'app', versions: [{ version, size }] }],
    },
  ],
  apiKeys: [
    { key: 'old', name: 'old', grants: ['acme'], expiresAt: '2020-01-01' },
    { key: 'idle', name: 'idle', grants: [] },
    { key: 'lost', name: 'lost', grants: ['acme'], revoked: true },
    { key: 'new', name: 'new', grants: ['acme'], expiresAt: '9999-01-01' },
  ],
});

const keyOf = (key: string): FixtureDocument => ({ apiKeys: [{ key, name: key, grants: ['acme'] }] });

const found = (size: string, version = '1') => ({
  status: 200,
  body: { status: 'SUCCESS', data: { version, packageType: 'DOCKER', name: 'app', size, isQuarantined: false } },
});

const failed = (status: number, message: string) => ({ status, body: { code: String(status), message } });

const VERSION_NOT_FOUND = failed(404, 'Artifact version not found');

/** Starts a server that closes with the test. */
async function start(t: Test, options?: MockServerOptions) {
  const server = await startMockServer(options);
  t.teardown(server.close);
  return server;
}

/** Sends a request without a socket, checks the answer against the contract, and returns its status and body. */
async function inject(
  t: Test,
  server: Awaited<ReturnType<typeof start>>,
  target: string,
  key = server.apiKey ?? '',
  headers: Record<string, string> = {},
) {
  const response = await server.inject(target, { headers: { 'x-api-key': key, ...headers } });
  const text = await response.text();
  const body = JSON.parse(text);
  checkContract(t, { status: response.status, headers: Object.fromEntries(response.headers), text, body });
  return { status: response.status, body };
}

t.test('serves the bundled fixtures on a free port, over a socket and without one', async (t) => {
  const server = await start(t);
  t.equal(server.url, `http://127.0.0.1:${server.port}`);
  t.equal(server.apiKey, KEY);
  const response = await fetch(server.url + NGINX, { headers: { 'x-api-key': server.apiKey as string } });
  t.equal(response.status, 200);
  t.strictSame(await response.json(), NGINX_BODY);
  t.strictSame(await inject(t, server, NGINX), { status: 200, body: NGINX_BODY });
});

t.test('an injected request has the given method and headers, and no other headers', async (t) => {
  const server = await start(t);
  const head = await server.inject(NGINX, { method: 'HEAD', headers: { 'x-api-key': KEY } });
  t.equal(head.status, 200);
  t.equal(await head.text(), '');
  const post = await server.inject(NGINX, { method: 'POST' });
  t.equal(post.status, 405);
  t.strictSame(await post.json(), { code: '405', message: 'Method not allowed' });
  t.equal(post.headers.get('allow'), 'GET, HEAD');
  const keyless = await server.inject(NGINX);
  t.equal(keyless.status, 401);
  t.strictSame(await keyless.json(), { code: '401', message: 'unauthorized' });
});

t.test('an injected request rejects on a network fault', async (t) => {
  const server = await start(t);
  const headers = { 'x-api-key': KEY, prefer: 'fault=reset' };
  await t.rejects(server.inject(NGINX, { headers }));
});

t.test('serves documents, files, or both', async (t) => {
  const documents = await start(t, { fixtures: documentOf(1024) });
  t.equal(documents.apiKey, 'new');
  t.strictSame(await inject(t, documents, APP), found('1.00KB'));
  for (const key of ['old', 'lost', 'none']) {
    t.strictSame(await inject(t, documents, APP, key), failed(401, 'unauthorized'), key);
  }
  t.strictSame(await inject(t, documents, APP, 'idle'), failed(403, 'forbidden'));

  const line = { registry: 'acme/images', packageType: 'DOCKER', artifact: 'app', version: '2', size: 2 };
  const folder = t.testdir({ 'a.ndjson': `${JSON.stringify(line)}\n` });
  const both = await start(t, { fixtures: [folder, documentOf(1)] });
  t.strictSame(await inject(t, both, APP), found('1.00B'));
  t.strictSame(await inject(t, both, APP_2), found('2.00B', '2'));

  const keyless = await start(t, { fixtures: [folder], auth: 'off' });
  t.equal(keyless.apiKey, undefined);
  t.strictSame(await inject(t, keyless, APP_2), found('2.00B', '2'));
});

t.test('replaces the data, keeps it if the new fixtures are invalid, and resets', async (t) => {
  const server = await start(t, { fixtures: documentOf(1), auth: 'any' });
  server.fixtures.replace(documentOf(2));
  t.strictSame(await inject(t, server, APP), found('2.00B'));
  t.throws(() => server.fixtures.replace([documentOf(3), documentOf(3)]), {
    message: [
      'document 2: registry acme/images is already defined; define it once',
      'document 2: API key "old" is already defined; define it once',
      'document 2: API key "idle" is already defined; define it once',
      'document 2: API key "lost" is already defined; define it once',
      'document 2: API key "new" is already defined; define it once',
    ].join('\n'),
  });
  t.strictSame(await inject(t, server, APP), found('2.00B'));
  server.reset();
  t.strictSame(await inject(t, server, APP), found('1.00B'));
});

t.test('apiKey is a usable key, even if the data or the files change', async (t) => {
  const folder = t.testdir({ 'a.json': JSON.stringify(documentOf(1)), 'b.json': JSON.stringify(documentOf(2)) });
  const server = await start(t, { fixtures: `${folder}/a.json` });
  rmSync(`${folder}/a.json`);
  t.strictSame(await inject(t, server, APP), found('1.00B'));

  server.fixtures.replace([`${folder}/b.json`, keyOf('other')]);
  rmSync(`${folder}/b.json`);
  t.equal(server.apiKey, 'other');
  t.strictSame(await inject(t, server, APP), found('2.00B'));
  server.fixtures.merge(keyOf('merged'));
  t.equal(server.apiKey, 'merged');
  server.fixtures.merge({ apiKeys: [{ key: 'merged', name: 'merged', grants: ['acme'], revoked: true }] });
  t.equal(server.apiKey, 'other');
  server.fixtures.replace({ registries: [] });
  t.equal(server.apiKey, undefined);
  server.reset();
  t.equal(server.apiKey, 'new');
});

t.test('apiKey may be a key that the admin API merged', async (t) => {
  const server = await start(t, { fixtures: documentOf(1) });
  const merged = await fetch(`${server.url}/__admin/fixtures`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(keyOf('merged')),
  });
  t.equal(merged.status, 200);
  t.strictSame(await merged.json(), { registries: 0, artifacts: 0, versions: 0, keys: 1 });
  t.equal(server.apiKey, 'merged');
});

t.test('apiKey of a store that is already filled comes from the fixtures unless they are gone', async (t) => {
  const folder = t.testdir({ 'a.json': JSON.stringify(documentOf(1)), 'a.ndjson': '' });
  const options = { fixtures: folder, db: `${folder}/store.db` };
  await (await startMockServer(options)).close();
  const again = await startMockServer(options);
  t.strictSame(await inject(t, again, APP), found('1.00B'));
  await again.close();
  for (const fixtures of [BUNDLED_FIXTURES, `${folder}/nowhere`, { registries: [] }, {}]) {
    const other = await startMockServer({ ...options, fixtures });
    t.equal(other.apiKey, undefined);
    await other.close();
  }
});

t.test('arms faults, records requests, and verifies both', async (t) => {
  const server = await start(t, { fixtures: documentOf(1), auth: 'any' });
  const armed = server.faults.arm({ match: { artifact: 'a*' }, sequence: [{ code: 503 }, 'pass'] });
  t.throws(() => server.verify(), {
    message: `armed fault ${armed.id} was never hit; it matches requests with artifact a*`,
  });

  const waiting = server.journal.waitFor({ status: 503 });
  t.strictSame(await inject(t, server, APP), failed(503, 'Service Unavailable'));
  t.match(await waiting, [{ target: APP, status: 503, fault: { trigger: 'armed', id: armed.id } }]);
  t.strictSame(await inject(t, server, APP), found('1.00B'));
  const unknown = await inject(t, server, '/nope');
  t.equal(unknown.status, 404);
  t.strictSame(unknown.body, ROUTE_NOT_FOUND);
  t.match(server.faults.list(), [{ hits: 2, left: 0 }]);
  t.strictSame(
    server.journal.list({ artifact: 'app' }).map(({ status }) => status),
    [503, 200],
  );
  t.match(server.journal.list().at(-1), { reason: 'unknownRoute', advice: /./ });
  server.verify({ requests: [{ match: { artifact: 'app' }, count: 2 }] });
  t.throws(() => server.verify({ requests: [{ match: { status: 500 } }] }), {
    message: 'requests[0]: found 0 with status 500, expected at least 1',
  });
  await t.rejects(server.journal.waitFor({ status: 503 }, { count: 2, timeout: 1 }), {
    message: 'found 1 request, expected at least 2 within 1 ms',
  });
  server.journal.clear();
  t.strictSame(server.journal.list(), []);
  t.ok(server.faults.disarm(armed.id));
  t.notOk(server.faults.disarm(armed.id));
  server.verify();
});

t.test('an armed delay does not keep the next armed fault from its hit', async (t) => {
  const server = await start(t, { fixtures: documentOf(1) });
  server.faults.arm({ fault: { delay: 1 } });
  server.faults.arm({ fault: { code: 503 }, times: 1 });
  t.strictSame(await inject(t, server, APP), failed(503, 'Service Unavailable'));
  t.strictSame(await inject(t, server, APP), found('1.00B'));
  t.match(server.faults.list(), [{ hits: 2 }, { hits: 1, left: 0 }]);
  server.verify();
});

t.test('a list of rules can be armed with map', async (t) => {
  const { faults } = await start(t, { fixtures: documentOf(1) });
  const rules = [{ fault: { code: 503 } }, { match: { session: 'a' }, fault: { code: 500 } }];
  t.strictSame(rules.map(faults.arm), [
    { id: 1, ...rules[0], hits: 0 },
    { id: 2, ...rules[1], hits: 0 },
  ]);
  t.strictSame(Object.keys(faults), ['arm', 'list', 'disarm', 'clear']);
});

t.test('faults, journal and verify can be limited to a session', async (t) => {
  const server = await start(t, { fixtures: documentOf(1) });
  const { id } = server.faults.arm({ match: { session: 'a' }, fault: { code: 500 } });
  const headers = { 'x-api-key': 'new', 'x-mock-session': 'b' };
  const response = await server.inject(APP, { headers });
  t.equal(response.status, 200);
  t.strictSame(await response.json(), found('1.00B').body);
  t.strictSame(server.faults.list('b'), []);
  t.match(server.faults.list('a'), [{ id }]);
  t.notOk(server.faults.disarm(id, 'b'));
  server.verify({ requests: [{ count: 1 }] }, 'b');
  t.throws(() => server.verify({}, 'a'), {
    message: `armed fault ${id} was never hit; it matches requests with session a`,
  });
  server.journal.clear('a');
  t.equal(server.journal.list().length, 1);
  server.journal.clear('b');
  t.strictSame(server.journal.list(), []);
  server.faults.clear('b');
  t.equal(server.faults.list().length, 1);
  server.faults.clear('a');
  t.strictSame(server.faults.list(), []);
});

t.test('says if the journal is off', async (t) => {
  const server = await start(t, { journalEntries: 0 });
  const off = 'the journal is off: start with --journal-entries above 0';
  await t.rejects(server.journal.waitFor({}, { timeout: 1 }), {
    message: `found 0 requests, expected at least 1 within 1 ms; ${off}`,
  });
  t.throws(() => server.verify({ requests: [{}] }), {
    message: `requests[0]: found 0 of any kind, expected at least 1; ${off}`,
  });
});

t.test('refuses invalid rules, filters, waits, expectations and removals, and names the mistake', async (t) => {
  const server = await start(t, { fixtures: documentOf(1) });
  const unknownRule = { falt: {} } as FaultRule;
  t.throws(() => server.faults.arm(unknownRule), { message: 'falt: unknown key "falt"; did you mean "fault"?' });
  t.throws(() => server.faults.arm({}), { message: 'set exactly one of "fault" and "sequence"' });
  t.throws(() => server.journal.list({ state: 404 } as object), {
    message: 'state: unknown key "state"; did you mean "status"?',
  });
  await t.rejects(server.journal.waitFor({ status: 'x' } as object), {
    message: 'status: found "x", expected the HTTP status, from 100 to 599',
  });
  await t.rejects(server.journal.waitFor({}, { count: 'x' } as object), {
    message: 'count: found "x", expected how many entries to wait for, from 1 to 10000; 1 unless given',
  });
  t.throws(() => server.verify({ request: [] } as object), {
    message: 'request: unknown key "request"; did you mean "requests"?',
  });
  t.throws(() => server.fixtures.delete({ ref: 'acme/images' } as never), {
    message: 'registryRef: missing key "registryRef"; expected the ref of a registry, without its marker',
  });
  t.strictSame(server.faults.list(), []);
  t.strictSame(await inject(t, server, APP), found('1.00B'));
});

t.test('merges, deletes and exports data, and returns to the start', async (t) => {
  const server = await start(t, { fixtures: documentOf(1), auth: 'any' });
  const seeded = server.fixtures.export();
  server.fixtures.merge(documentOf(2, '2'));
  t.strictSame(await inject(t, server, APP), found('1.00B'));
  t.strictSame(await inject(t, server, APP_2), found('2.00B', '2'));
  server.fixtures.delete({ registryRef: 'acme/images', artifact: 'app', version: '1' });
  t.strictSame(await inject(t, server, APP), VERSION_NOT_FOUND);
  server.faults.arm({ fault: { code: 500 } });
  server.reset();
  t.strictSame(await inject(t, server, APP), found('1.00B'));
  t.strictSame(await inject(t, server, APP_2), VERSION_NOT_FOUND);
  t.equal(server.fixtures.export(), seeded);
  t.strictSame(server.faults.list(), []);
  t.equal(server.journal.list().length, 2);
});

t.test('a delete names what does not exist', async (t) => {
  const server = await start(t);
  const rows: [Parameters<typeof server.fixtures.delete>[0], string][] = [
    [{ registryRef: 'acme/nope' }, 'Registry not found: {"registryRef":"acme/nope"}'],
    [{ registryRef: 'a\u009b' }, 'Registry not found: {"registryRef":"a\\u009b"}'],
    [
      { registryRef: 'acme/pypi', artifact: 'acme-metrics', version: '0' },
      'Artifact version not found: {"registryRef":"acme/pypi","artifact":"acme-metrics","version":"0"}',
    ],
    [
      { registryRef: 'acme/pypi', artifact: 'acme-metrics', artifactType: 'model' },
      'only artifacts of a HUGGINGFACE registry have a type: {"registryRef":"acme/pypi","artifact":"acme-metrics","artifactType":"model"}',
    ],
  ];
  for (const [removal, message] of rows) t.throws(() => server.fixtures.delete(removal), { message }, message);
});

t.test('faults of fixtures are declared, and outlive what disarms the others', async (t) => {
  const declared: FixtureDocument = { faults: [{ match: { version: '1' }, fault: { code: 503 }, times: 1 }] };
  const folder = t.testdir({ 'a.json': JSON.stringify({ ...documentOf(1), ...declared }) });
  const options = { fixtures: `${folder}/a.json`, db: `${folder}/store.db` };
  const first = await startMockServer(options);
  const listed = { id: 1, ...declared.faults?.[0], hits: 0, left: 1, declared: true };
  t.strictSame(first.faults.list(), [listed]);
  first.verify();
  first.faults.clear();
  t.strictSame(await inject(t, first, APP), failed(503, 'Service Unavailable'));
  t.strictSame(await inject(t, first, APP), found('1.00B'), 'it is used up');
  t.match(first.faults.list(), [{ id: 1, hits: 1, left: 0 }]);
  first.reset();
  t.match(first.faults.list(), [{ id: 2, hits: 0, left: 1 }], 'a reset starts its counters');

  const ofSession = { match: { session: 'a' }, fault: { code: 502 } };
  first.fixtures.merge({ faults: [{ fault: { delay: 0 } }, ofSession] });
  const { id } = first.faults.arm({ fault: { code: 500 }, times: 1 });
  t.strictSame(
    first.faults.list().map((fault) => [fault.id, fault.declared]),
    [
      [id, undefined],
      [2, true],
      [3, true],
      [4, true],
    ],
    'armed faults come first',
  );
  const listIds = (session: string) => first.faults.list(session).map((fault) => fault.id);
  t.strictSame(listIds('a'), [2, 3, 4]);
  t.strictSame(listIds('b'), [2, 3], 'without a session in its match, a declared fault is one of every session');
  t.strictSame(await inject(t, first, APP), failed(500, 'Internal server error'));
  t.strictSame(await inject(t, first, APP), failed(503, 'Service Unavailable'));
  t.strictSame(await inject(t, first, APP), found('1.00B'), 'the last one is of a session');
  const session = { 'x-mock-session': 'a' };
  t.strictSame(await inject(t, first, APP, first.apiKey, session), failed(502, 'Bad Gateway'));
  t.equal(first.faults.disarm(2), true);
  t.equal(first.faults.disarm(2), false);
  t.notMatch(first.fixtures.export(), 'faults:');
  first.fixtures.replace(documentOf(2));
  t.strictSame(
    first.faults.list().map((fault) => fault.id),
    [id],
  );
  first.reset();
  t.match(first.faults.list(), [{ hits: 0, declared: true }]);
  await first.close();

  writeFileSync(`${folder}/a.json`, JSON.stringify({ ...documentOf(3), faults: [{ fault: { code: 501 } }] }));
  const second = await start(t, options);
  t.strictSame(await inject(t, second, APP), failed(501, 'Not Implemented'), 'read at the start of a filled store');
  second.faults.disarm(1);
  t.strictSame(await inject(t, second, APP), found('1.00B'), 'whose data is not read again');
});

t.test('resets to the seeding of a store in a file without loading its fixtures again', async (t) => {
  const folder = t.testdir({ 'a.json': JSON.stringify(documentOf(1)) });
  const options = { fixtures: `${folder}/a.json`, db: `${folder}/store.db`, auth: 'any' as const };
  const first = await startMockServer(options);
  first.fixtures.replace(documentOf(2));
  first.fixtures.merge(documentOf(3));
  await first.close();
  writeFileSync(`${folder}/a.json`, 'broken');
  await t.rejects(startMockServer(options), { message: /a\.json:1:1: is not JSON/ }, 'keys and faults are read');
  writeFileSync(`${folder}/a.json`, JSON.stringify(documentOf(5)));
  const server = await start(t, options);
  t.strictSame(await inject(t, server, APP, 'new'), found('3.00B'), 'the file keeps changes');
  server.fixtures.replace(documentOf(4));
  server.reset();
  t.strictSame(await inject(t, server, APP, 'new'), found('1.00B'), 'and the state of its seeding');
});

t.test('urlFor gives the URL of a call in every spelling', async (t) => {
  const server = await start(t);
  const nginx = { ref: 'acme/platform/web/images', artifact: 'library/nginx', version: '1.25.3' };
  const headers = { 'x-api-key': KEY };
  t.equal(server.urlFor(nginx), server.url + NGINX);
  for (const spelling of Object.keys(SPELLINGS) as Spelling[]) {
    const url = server.urlFor(nginx, spelling);
    const response = await fetch(url, { headers });
    t.strictSame([response.status, await response.json()], [200, NGINX_BODY], url);
    const target = server.journal.list({ target: url.slice(server.url.length) }).at(-1)?.target;
    t.equal(server.url + target, url, 'the client has not changed it');
  }
  const odd = { ref: 'a/b', artifact: "c++/@x/%2F é'(+", version: '1 +#?/..', childVersion: "a b&c=+%é'" };
  for (const spelling of Object.keys(SPELLINGS) as Spelling[]) {
    const url = server.urlFor({ ...odd, artifactType: undefined } as typeof odd, spelling);
    await (await fetch(url, { headers })).text();
    const [entry] = server.journal.list().slice(-1);
    const { ref, ...names } = odd;
    t.strictSame(entry?.parameters, { registry_ref: ref, ...names }, url);
  }
  const bert = server.urlFor(
    { ref: 'a/b', artifact: 'c', version: '1', artifactType: 'model', childVersion: 'x' },
    'cli',
  );
  t.equal(
    bert,
    `${server.url}/har/api/v1/registry/a%2Fb/+/artifact/c/+/version/1/details?artifact_type=model&childVersion=x`,
  );
});

t.test('urlFor refuses what is no call, and names the mistake', async (t) => {
  const server = await start(t);
  const call = { ref: 'a/b', artifact: 'c', version: '1' };
  const ref = 'expected a ref, which must have 2 to 4 non-empty components: account[/org[/project]]/registry';
  const segment = 'urlFor: has a segment "." or "..", which clients remove from a URL; use another spelling or name';
  const half = 'contains half of a surrogate pair, which UTF-8 cannot encode';
  const mapping = 'expected a mapping with the keys ref, artifact and version';
  const rows: [unknown, unknown, string][] = [
    [{ ...call, artifact: '' }, 'cli', 'urlFor.artifact: found "", expected the name of an artifact, not empty'],
    [{ ...call, version: '' }, 'cli', 'urlFor.version: found "", expected a version, not empty'],
    [{ ...call, version: 1 }, 'cli', 'urlFor.version: found 1, expected a version, not empty; put it in quotes'],
    [{ ...call, ref: '' }, 'cli', `urlFor.ref: found "", ${ref}`],
    [{ ...call, ref: 'a' }, 'cli', `urlFor.ref: found "a", ${ref}`],
    [{ ...call, ref: undefined }, 'cli', `urlFor.ref: found nothing, ${ref}`],
    [{ ...call, childVersion: '' }, 'cli', 'urlFor.childVersion: found "", expected the version of a child, not empty'],
    [{ ...call, artefact: 'x' }, 'cli', 'urlFor.artefact: unknown key "artefact"; did you mean "artifact"?'],
    [
      { ...call, artifactType: 'modl' },
      'cli',
      'urlFor.artifactType: found "modl", expected one of model, dataset; did you mean "model"?',
    ],
    [{ ...call, artifact: 'x\ud800' }, 'cli', `urlFor.artifact: ${half}`],
    [{ ...call, version: '\udc00x' }, 'cli', `urlFor.version: ${half}`],
    [{ ...call, childVersion: '\ud800' }, 'cli', `urlFor.childVersion: ${half}`],
    [{ ...call, version: '..' }, 'cli', segment],
    [{ ...call, artifact: 'a/./b' }, 'published', segment],
    [undefined, 'cli', `urlFor: found nothing, ${mapping}`],
    [null, 'cli', `urlFor: found null, ${mapping}`],
    ['a/b', 'cli', `urlFor: found "a/b", ${mapping}`],
    [[], 'cli', `urlFor: found a list, ${mapping}`],
    [
      call,
      'publishd',
      `spelling: found "publishd", expected one of ${Object.keys(SPELLINGS).join(', ')}; did you mean "published"?`,
    ],
    [call, null, `spelling: found null, expected one of ${Object.keys(SPELLINGS).join(', ')}`],
    [call, 'toString', `spelling: found "toString", expected one of ${Object.keys(SPELLINGS).join(', ')}`],
  ];
  for (const [given, spelling, message] of rows) {
    t.throws(() => server.urlFor(given as Call, spelling as Spelling), { message }, message);
  }
  t.match(server.urlFor({ ...call, artifact: 'a/./b' }, 'encoded'), 'a%2F.%2Fb');
});

t.test('servers run in parallel, each with its own data', async (t) => {
  const sizes = [1, 2, 3, 4, 5];
  const servers = await Promise.all(sizes.map((size) => start(t, { fixtures: documentOf(size) })));
  t.equal(new Set(servers.map(({ port }) => port)).size, sizes.length);
  for (const [index, server] of servers.entries()) {
    t.strictSame(await inject(t, server, APP), found(`${sizes[index]}.00B`));
  }
});

t.test('can be disposed of, and closed twice', async (t) => {
  const server = await startMockServer({ fixtures: {} });
  await server[Symbol.asyncDispose]();
  await t.rejects(fetch(server.url), { cause: { code: 'ECONNREFUSED' } });
  await t.resolves(server.close());
});

t.test('refuses to use data once it is closed; the journal can still be read', async (t) => {
  const server = await startMockServer({ fixtures: documentOf(1) });
  t.strictSame(await inject(t, server, APP), found('1.00B'));
  t.strictSame(await inject(t, server, APP_2), VERSION_NOT_FOUND);
  const [first, second] = server.journal.list();
  t.match(second, { reason: 'versionUnknown', advice: /./ });
  await server.close();
  const closed = { message: 'the server is closed' };
  t.throws(() => server.fixtures.replace(documentOf(2)), closed);
  t.throws(() => server.fixtures.merge(documentOf(2)), closed);
  t.throws(() => server.fixtures.delete({ registryRef: 'acme/images' }), closed);
  t.throws(() => server.fixtures.export(), closed);
  t.throws(() => server.reset(), closed);
  await t.rejects(server.inject(APP), { message: /closed/ });
  t.equal(server.apiKey, undefined);
  const { advice: _, ...withoutAdvice } = second ?? {};
  t.strictSame(server.journal.list(), [first, withoutAdvice], 'advice needs the data');
  server.verify({ requests: [{ count: 2 }] });
  t.strictSame(await server.journal.waitFor({}, { count: 2 }), [first, withoutAdvice]);
  await t.rejects(server.journal.waitFor({}, { count: 3 }), { message: /^found 2 requests, expected at least 3/ });
});

t.test('refuses options that it cannot use, and names the mistake', async (t) => {
  const cors = 'expected local, off, any, or origins such as http://localhost:5173, separated by commas';
  const rows: [unknown, string][] = [
    [null, 'startMockServer: found null, expected a mapping of options'],
    [['port'], 'startMockServer: found a list, expected a mapping of options'],
    ['fixtures', 'startMockServer: found "fixtures", expected a mapping of options'],
    [{ prot: 1 }, 'startMockServer: unknown key "prot"; did you mean "port"?'],
    [{ port: 65_536 }, 'startMockServer: port: found "65536", expected a whole number from 0 to 65535'],
    [{ auth: 'of' }, 'startMockServer: auth: found "of", expected one of strict, any, off; did you mean "off"?'],
    [{ cors: [] }, `startMockServer: cors: found "", ${cors}`],
    [{ cors: ['https://a.example', 'b'] }, `startMockServer: cors: found "https://a.example,b", ${cors}`],
    [{ cors: {} }, `startMockServer: cors: found "", ${cors}`],
    [{ fixtures: 'nowhere' }, 'nowhere: does not exist; expected a fixture file or a folder of them'],
    [{ fixtures: 7 }, 'document 1: found 7, expected a mapping with the keys registries, apiKeys and faults'],
    [
      { fixtures: { registries: [{ ref: 'acme/x', packageType: 'GO', artefacts: [] }] } },
      'document 1: registries[0].artefacts: unknown key "artefacts"; did you mean "artifacts"?',
    ],
  ];
  for (const [options, message] of rows) {
    await t.rejects(startMockServer(options as MockServerOptions), { message }, message);
  }
});

t.test('cors is a mode, an origin or a list of origins', async (t) => {
  const origin = 'https://app.example';
  for (const cors of [origin, `local,${origin}`, ['http://a', origin]]) {
    const server = await start(t, { cors });
    const answer = await server.inject('/healthz', { headers: { origin } });
    t.equal(answer.status, 200);
    t.equal(answer.headers.get('access-control-allow-origin'), origin, String(cors));
  }
});

t.test('an undefined option has its default', async (t) => {
  const server = await start(t, { port: undefined, auth: undefined, fixtures: undefined } as unknown as object);
  t.strictSame(await inject(t, server, NGINX), { status: 200, body: NGINX_BODY });
});

t.test('journal and explain say that the version * was served', async (t) => {
  const server = await start(t, { fixtures: documentOf(1, '*') });
  t.strictSame(await inject(t, server, APP_2), found('1.00B', '2'));
  t.match(server.journal.list(), [{ anyVersion: true, status: 200 }]);
  const target = encodeURIComponent(APP_2);
  const explained = await fetch(`${server.url}/__admin/explain?target=${target}&key=new`);
  const { steps } = (await explained.json()) as { steps: { step: string; found: string }[] };
  t.equal(steps.find(({ step }) => step === 'version')?.found, '2, served by the version "*"');
});
