import { rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { type FixtureDocument, type MockServerOptions, startMockServer } from '../src/index.js';
import { BUNDLED_FIXTURES } from '../src/package.js';
import { checkContract, KEY, NGINX, NGINX_BODY } from './helper.js';

const APP = '/har/api/v1/registry/acme/images/+/artifact/app/version/1/details';

/** A document with one version of the given size, and one key. */
const documentOf = (size: number): FixtureDocument => ({
  registries: [
    {
      ref: 'acme/images',
      packageType: 'DOCKER',
      artifacts: [{ name: 'app', versions: [{ version: '1', size }] }],
    },
  ],
  apiKeys: [
    { key: 'old', name: 'old', grants: ['acme'], expiresAt: '2020-01-01' },
    { key: 'idle', name: 'idle', grants: [] },
    { key: 'lost', name: 'lost', grants: ['acme'], revoked: true },
    { key: 'new', name: 'new', grants: ['acme'], expiresAt: '9999-01-01' },
  ],
});

const bodyOf = (size: string) => ({
  status: 'SUCCESS',
  data: { version: '1', packageType: 'DOCKER', name: 'app', size, isQuarantined: false },
});

/** Starts a server that closes with the test. */
async function start(t: Test, options?: MockServerOptions) {
  const server = await startMockServer(options);
  t.teardown(server.close);
  return server;
}

/** Asks a server without a socket, checks the answer against the contract, and returns its status and body. */
async function inject(t: Test, server: Awaited<ReturnType<typeof start>>, target: string, key = server.apiKey ?? '') {
  const response = await server.inject(target, { headers: { 'x-api-key': key } });
  const text = await response.text();
  const body = JSON.parse(text);
  checkContract(t, { status: response.status, headers: Object.fromEntries(response.headers), text, body });
  return { status: response.status, body };
}

t.test('serves the bundled fixtures on a free port, over the socket and without one', async (t) => {
  const server = await start(t);
  t.equal(server.url, `http://127.0.0.1:${server.port}`);
  t.equal(server.apiKey, KEY);
  const response = await fetch(server.url + NGINX, { headers: { 'x-api-key': server.apiKey as string } });
  t.equal(response.status, 200);
  t.strictSame(await response.json(), NGINX_BODY);
  t.strictSame(await inject(t, server, NGINX), { status: 200, body: NGINX_BODY });
});

t.test('an injected request has the method and the headers that it is given, and no other', async (t) => {
  const server = await start(t);
  const head = await server.inject(NGINX, { method: 'HEAD', headers: { 'x-api-key': KEY } });
  t.equal(head.status, 200);
  t.equal(await head.text(), '');
  const post = await server.inject(NGINX, { method: 'POST' });
  t.equal(post.status, 405);
  t.equal(post.headers.get('allow'), 'GET, HEAD');
  t.equal((await server.inject(NGINX)).status, 401);
});

t.test('serves documents, files, or both', async (t) => {
  const only = await start(t, { fixtures: documentOf(1024) });
  t.equal(only.apiKey, 'new');
  t.strictSame(await inject(t, only, APP), { status: 200, body: bodyOf('1.00KB') });
  t.equal((await inject(t, only, APP, 'old')).status, 401);

  const file = t.testdir({
    'a.ndjson': `${JSON.stringify({ registry: 'acme/images', packageType: 'DOCKER', artifact: 'app', version: '2' })}\n`,
  });
  const both = await start(t, { fixtures: [file, documentOf(1)] });
  t.equal((await inject(t, both, APP)).status, 200);
  t.equal((await inject(t, both, APP.replace('/1/', '/2/'))).status, 200);

  const keyless = await start(t, { fixtures: [file], auth: 'off' });
  t.equal(keyless.apiKey, undefined);
  t.equal((await inject(t, keyless, APP.replace('/1/', '/2/'))).status, 200);
});

t.test('replaces its fixtures, keeps them when the new ones are bad, and resets', async (t) => {
  const server = await start(t, { fixtures: documentOf(1), auth: 'any' });
  server.fixtures.replace(documentOf(2));
  t.strictSame(await inject(t, server, APP), { status: 200, body: bodyOf('2.00B') });
  t.throws(() => server.fixtures.replace([documentOf(3), documentOf(3)]), {
    message: [
      'document 2: registry acme/images is already defined at document 1',
      'document 2: API key "old" is already defined at document 1',
      'document 2: API key "idle" is already defined at document 1',
      'document 2: API key "lost" is already defined at document 1',
      'document 2: API key "new" is already defined at document 1',
    ].join('\n'),
  });
  t.strictSame(await inject(t, server, APP), { status: 200, body: bodyOf('2.00B') });
  server.reset();
  t.strictSame(await inject(t, server, APP), { status: 200, body: bodyOf('1.00B') });
});

t.test('gives a key that it takes, whatever becomes of its data and its files', async (t) => {
  const keyOf = (key: string): FixtureDocument => ({ apiKeys: [{ key, name: key, grants: ['acme'] }] });
  const folder = t.testdir({ 'a.json': JSON.stringify(documentOf(1)), 'b.json': JSON.stringify(documentOf(2)) });
  const server = await start(t, { fixtures: `${folder}/a.json` });
  rmSync(`${folder}/a.json`);
  t.strictSame(await inject(t, server, APP), { status: 200, body: bodyOf('1.00B') });

  server.fixtures.replace([`${folder}/b.json`, keyOf('other')]);
  rmSync(`${folder}/b.json`);
  t.equal(server.apiKey, 'other');
  t.strictSame(await inject(t, server, APP), { status: 200, body: bodyOf('2.00B') });
  server.fixtures.merge(keyOf('merged'));
  t.equal(server.apiKey, 'merged');
  server.fixtures.merge({ apiKeys: [{ key: 'merged', name: 'merged', grants: ['acme'], revoked: true }] });
  t.equal(server.apiKey, 'other');
  server.fixtures.replace({ registries: [] });
  t.equal(server.apiKey, undefined);
  server.reset();
  t.equal(server.apiKey, 'new');
});

t.test('gives a key of a kept store where its fixtures tell one', async (t) => {
  const folder = t.testdir({ 'a.json': JSON.stringify(documentOf(1)), 'a.ndjson': '' });
  const options = { fixtures: folder, db: `${folder}/store.db` };
  await (await startMockServer(options)).close();
  const again = await startMockServer(options);
  t.strictSame(await inject(t, again, APP), { status: 200, body: bodyOf('1.00B') });
  await again.close();
  for (const fixtures of [BUNDLED_FIXTURES, `${folder}/nowhere`, { registries: [] }, {}]) {
    const other = await startMockServer({ ...options, fixtures });
    t.equal(other.apiKey, undefined);
    await other.close();
  }
  writeFileSync(`${folder}/a.json`, 'broken');
  t.equal((await start(t, options)).apiKey, undefined);
});

t.test('arms faults, remembers what was asked, and verifies both', async (t) => {
  const server = await start(t, { fixtures: documentOf(1), auth: 'any' });
  const armed = server.faults.arm({ match: { artifact: 'a*' }, sequence: [{ code: 503 }, 'pass'] });
  t.throws(() => server.verify(), {
    message: `armed fault ${armed.id} was never hit; it waits for requests with artifact a*`,
  });

  const came = server.journal.waitFor({ status: 503 });
  t.equal((await inject(t, server, APP)).status, 503);
  t.match(await came, [{ target: APP, status: 503, fault: { trigger: 'armed', id: armed.id } }]);
  t.equal((await inject(t, server, APP)).status, 200);
  t.equal((await inject(t, server, '/nope')).status, 404);
  t.match(server.faults.list(), [{ hits: 2, left: 0 }]);
  t.strictSame(
    server.journal.list({ artifact: 'app' }).map(({ status }) => status),
    [503, 200],
  );
  t.match(server.journal.list().at(-1), { reason: 'unknownRoute', advice: /./ });
  server.verify({ requests: [{ match: { artifact: 'app' }, count: 2 }] });
  t.throws(() => server.verify({ requests: [{ match: { status: 500 } }] }), {
    message: 'requests[0]: 0 came with status 500, expected at least 1',
  });
  await t.rejects(server.journal.waitFor({ status: 503 }, { count: 2, timeout: 1 }), {
    message: 'journal: 1 came within 1 ms, expected at least 2',
  });
  server.journal.clear();
  t.strictSame(server.journal.list(), []);
});

t.test('says when the journal is off', async (t) => {
  const server = await start(t, { journalEntries: 0 });
  const off = 'the journal is off: start with --journal-entries above 0';
  await t.rejects(server.journal.waitFor({}, { timeout: 1 }), {
    message: `journal: 0 came within 1 ms, expected at least 1; ${off}`,
  });
  t.throws(() => server.verify({ requests: [{}] }), {
    message: `requests[0]: 0 came of any kind, expected at least 1; ${off}`,
  });
});

t.test('refuses instructions and filters that do not fit', async (t) => {
  const server = await start(t);
  t.throws(() => server.faults.arm({ falt: {} } as object), {
    message: 'falt: unknown key "falt"; did you mean "fault"?',
  });
  t.throws(() => server.journal.list({ state: 404 } as object), {
    message: 'state: unknown key "state"; did you mean "status"?',
  });
  await t.rejects(server.journal.waitFor({ status: 'x' } as object), {
    message: 'status: found "x", expected the HTTP status, from 100 to 599',
  });
});

t.test('merges, deletes and exports data, and goes back to the start', async (t) => {
  const server = await start(t, { fixtures: documentOf(1), auth: 'any' });
  const seeded = server.fixtures.export();
  server.fixtures.merge({
    registries: [
      {
        ref: 'acme/images',
        packageType: 'DOCKER',
        artifacts: [{ name: 'app', versions: [{ version: '2', size: 2 }] }],
      },
    ],
  });
  const second = APP.replace('/1/', '/2/');
  t.equal((await inject(t, server, APP)).status, 200);
  t.equal((await inject(t, server, second)).status, 200);
  server.fixtures.delete({ registryRef: 'acme/images', artifact: 'app', version: '1' });
  t.equal((await inject(t, server, APP)).status, 404);
  t.throws(() => server.fixtures.delete({ registryRef: 'acme/nope' }), { message: 'registry acme/nope is not known' });
  t.throws(() => server.fixtures.delete({ ref: 'acme/images' } as never), {
    message: 'registryRef: missing key "registryRef"; expected the ref of a registry, without its marker',
  });
  server.faults.arm({ fault: { code: 500 } });
  server.reset();
  t.equal((await inject(t, server, APP)).status, 200);
  t.equal((await inject(t, server, second)).status, 404);
  t.equal(server.fixtures.export(), seeded);
  t.strictSame(server.faults.list(), []);
  t.equal(server.journal.list().length, 2);
});

t.test('resets to what it served at the start, without a look at any file', async (t) => {
  const folder = t.testdir({ 'a.json': JSON.stringify(documentOf(1)) });
  const options = { fixtures: `${folder}/a.json`, db: `${folder}/store.db`, auth: 'any' as const };
  const first = await startMockServer(options);
  first.fixtures.replace(documentOf(2));
  first.fixtures.merge(documentOf(3));
  await first.close();
  writeFileSync(`${folder}/a.json`, 'broken');
  const server = await start(t, options);
  t.strictSame(
    await inject(t, server, APP, 'new'),
    { status: 200, body: bodyOf('3.00B') },
    'the file keeps what is written',
  );
  server.fixtures.replace(documentOf(4));
  server.reset();
  t.strictSame(
    await inject(t, server, APP, 'new'),
    { status: 200, body: bodyOf('1.00B') },
    'and what it was seeded with',
  );
});

t.test('several run side by side with data of their own', async (t) => {
  const sizes = [1, 2, 3, 4, 5];
  const servers = await Promise.all(sizes.map((size) => start(t, { fixtures: documentOf(size) })));
  t.equal(new Set(servers.map(({ port }) => port)).size, sizes.length);
  for (const [index, server] of servers.entries()) {
    t.strictSame(await inject(t, server, APP), { status: 200, body: bodyOf(`${sizes[index]}.00B`) });
  }
});

t.test('is closed at the end of its block', async (t) => {
  const server = await startMockServer();
  await server[Symbol.asyncDispose]();
  const code = await new Promise((resolve) => {
    connect(server.port, '127.0.0.1').on('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
  });
  t.equal(code, 'ECONNREFUSED');
});

t.test('says that it is closed to what asks for data later', async (t) => {
  const server = await startMockServer({ fixtures: documentOf(1) });
  t.equal((await server.inject(APP, { headers: { 'x-api-key': 'new' } })).status, 200);
  const [entry] = server.journal.list();
  await server.inject(APP.replace('/1/', '/2/'), { headers: { 'x-api-key': 'new' } });
  await server.close();
  const message = 'the server is closed';
  t.throws(() => server.fixtures.replace(documentOf(2)), { message });
  t.throws(() => server.fixtures.merge(documentOf(2)), { message });
  t.throws(() => server.fixtures.delete({ registryRef: 'acme/images' }), { message });
  t.throws(() => server.fixtures.export(), { message });
  t.throws(() => server.reset(), { message });
  await t.rejects(server.inject(APP), { message });
  t.throws(() => server.journal.list(), { message }, 'the store tells why a request was refused');
  t.strictSame(server.journal.list({ status: 200 }), [entry]);
  server.verify({ requests: [{ count: 2 }] });
});

t.test('refuses what it cannot use, and names it', async (t) => {
  const bad = (options: unknown) => t.rejects(() => startMockServer(options as MockServerOptions));
  const rows: [unknown, string][] = [
    [null, 'startMockServer: found null, expected a mapping of options'],
    [['port'], 'startMockServer: found a list, expected a mapping of options'],
    ['fixtures', 'startMockServer: found "fixtures", expected a mapping of options'],
    [{ prot: 1 }, 'startMockServer: unknown key "prot"; did you mean "port"?'],
    [{ port: 65_536 }, 'startMockServer: port: found "65536", expected a whole number from 0 to 65535'],
    [{ auth: 'of' }, 'startMockServer: auth: found "of", expected one of strict, any, off; did you mean "off"?'],
    [{ fixtures: 'nowhere' }, 'nowhere: does not exist; expected a fixture file or a folder of them'],
    [{ fixtures: 7 }, 'document 1: found 7, expected a mapping with the keys registries and apiKeys'],
    [
      { fixtures: { registries: [{ ref: 'acme/x', packageType: 'GO', artefacts: [] }] } },
      'document 1: registries[0].artefacts: unknown key "artefacts"; did you mean "artifacts"?',
    ],
  ];
  for (const [options, message] of rows) {
    t.match(await bad(options), { message }, message);
  }
});

t.test('an option that is undefined is not given', async (t) => {
  const server = await start(t, { port: undefined, auth: undefined, fixtures: undefined } as unknown as object);
  t.strictSame(await inject(t, server, NGINX), { status: 200, body: NGINX_BODY });
});

t.test('starts with nothing to watch among its fixtures, and with something', async (t) => {
  for (const fixtures of [documentOf(1), [BUNDLED_FIXTURES, documentOf(1)]]) {
    const server = await start(t, { fixtures, watch: true });
    t.strictSame(await inject(t, server, APP, 'new'), { status: 200, body: bodyOf('1.00B') });
  }
});

t.test('a host of two addresses is served on one', async (t) => {
  const server = await startMockServer({ host: 'localhost' });
  t.teardown(server.close);
  t.equal(server.url, `http://localhost:${server.port}`);
  const response = await fetch(`${server.url}/healthz`);
  t.equal(response.status, 200);
  t.strictSame(await response.json(), { status: 'ok' });
});
