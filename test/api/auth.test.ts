import { Agent, get } from 'node:http';
import t from 'tap';
import { findGrant } from '../../src/api/auth.js';
import { writeFixtures } from '../../src/seed/write.js';
import { BUNDLED_FIXTURES } from '../../src/util/package.js';
import { ask, askRaw, build, checkContract, KEY, listen, NGINX, NGINX_BODY, seedStore, sendRaw } from '../helper.js';

const UNAUTHORIZED = { code: '401', message: 'unauthorized' };
const FORBIDDEN = { code: '403', message: 'forbidden' };
const REGISTRY_NOT_FOUND = { code: '404', message: 'Registry not found' };

const at = (ref: string) => `/har/api/v1/registry/${ref}/+/artifact/x/version/1/details`;

/** A GET with the given header lines. */
const getWith = (lines: string[], target = NGINX) =>
  Buffer.from([`GET ${target} HTTP/1.1`, 'Host: x', 'Connection: close', ...lines, '', ''].join('\r\n'));

t.test('strict: only a known key that is neither expired nor revoked passes', async (t) => {
  const port = await listen(build(t));
  const rows: [name: string, lines: string[], status: number][] = [
    ['a known key', [`x-api-key: ${KEY}`], 200],
    ['the header in capitals', [`X-API-KEY: ${KEY}`], 200],
    ['twice the same', [`x-api-key: ${KEY}`, `X-Api-Key: ${KEY}`], 200],
    ['thrice the same', [`x-api-key: ${KEY}`, `x-api-key: ${KEY}`, `x-api-key: ${KEY}`], 200],
    ['two different ones', [`x-api-key: ${KEY}`, 'x-api-key: sat.acme.web.local'], 401],
    ['twice the same, joined by a proxy', [`x-api-key: ${KEY}, ${KEY}`], 200],
    ['two different ones, joined by a proxy', [`x-api-key: ${KEY}, sat.acme.web.local`], 401],
    ['one and an empty one', [`x-api-key: ${KEY}`, 'x-api-key:'], 401],
    ['no key', [], 401],
    ['an empty key', ['x-api-key:'], 401],
    ['two empty keys', ['x-api-key:', 'x-api-key:'], 401],
    ['an unknown key', ['x-api-key: nobody'], 401],
    ['another case', [`x-api-key: ${KEY.toUpperCase()}`], 401],
    ['an expired key', ['x-api-key: pat.acme.old.local'], 401],
    ['a revoked key', ['x-api-key: pat.acme.lost.local'], 401],
    ['only a bearer token', [`Authorization: Bearer ${KEY}`], 401],
    ['a key and a bearer token', [`x-api-key: ${KEY}`, 'Authorization: Bearer x'], 200],
  ];
  for (const [name, lines, status] of rows) {
    const [answer] = await sendRaw(port, getWith(lines));
    t.equal(answer?.status, status, name);
    t.strictSame(answer?.body, status === 200 ? NGINX_BODY : UNAUTHORIZED);
    if (answer !== undefined) checkContract(t, answer);
  }
});

t.test('each request of a connection is judged by its own key', async (t) => {
  const port = await listen(build(t));
  const rows: [key: string, status: number][] = [
    [KEY, 200],
    ['nobody', 401],
    [KEY, 200],
    ['', 401],
    ['pat.acme.old.local', 401],
    ['pat.acme.old.local', 401],
    [KEY, 200],
    ['sat.acme.web.local', 200],
  ];
  const requests = rows.map(([key]) => `GET ${NGINX} HTTP/1.1\r\nHost: x\r\nx-api-key: ${key}\r\n\r\n`);
  const answers = await sendRaw(port, requests.join(''), rows.length);
  t.strictSame(
    answers.map(({ status, body }) => [status, body]),
    rows.map(([, status]) => [status, status === 200 ? NGINX_BODY : UNAUTHORIZED]),
  );
});

t.test('a change of the keys takes effect on open connections', async (t) => {
  const store = seedStore(t);
  const port = await listen(build(t, { store }));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  const ports = new Set<number | undefined>();
  const askAgain = () =>
    new Promise<number | undefined>((resolve, reject) => {
      const asked = get({ port, path: NGINX, agent, headers: { 'x-api-key': KEY } }, (response) => {
        ports.add(response.socket.localPort);
        response.resume().on('end', () => resolve(response.statusCode));
      });
      asked.on('error', reject);
    });
  t.equal(await askAgain(), 200);
  store.replace(() => {});
  t.equal(await askAgain(), 401);
  writeFixtures([BUNDLED_FIXTURES], store.seed);
  t.equal(await askAgain(), 200);
  t.equal(ports.size, 1, 'it was one connection');
});

t.test('grants cover whole segments', async (t) => {
  const refs = ['acc/org1', 'acc/org1/reg', 'acc/org1/proj/reg', 'acc/org10/reg', 'acc/reg', 'accounts/reg'];
  const covered: Record<string, string[]> = {
    acc: ['acc/org1', 'acc/org1/reg', 'acc/org1/proj/reg', 'acc/org10/reg', 'acc/reg'],
    'acc/org1': ['acc/org1', 'acc/org1/reg', 'acc/org1/proj/reg'],
    'acc/org1/proj': ['acc/org1/proj/reg'],
    'acc/org10/reg': ['acc/org10/reg'],
    other: [],
  };
  const store = seedStore(t, []);
  const apiKeys = Object.keys(covered).map((grant) => ({ key: `key ${grant}`, name: grant, grants: [grant] }));
  writeFixtures([{ apiKeys: [...apiKeys, { key: 'none', name: 'none', grants: [] }] }], store.seed);
  const app = build(t, { store });
  for (const [grant, itsRefs] of Object.entries(covered)) {
    for (const ref of refs) {
      const answer = await ask(t, app, at(ref), { headers: { 'x-api-key': `key ${grant}` } });
      const isCovered = itsRefs.includes(ref);
      t.equal(answer.status, isCovered ? 404 : 403, `${grant} on ${ref}`);
      t.strictSame(answer.body, isCovered ? REGISTRY_NOT_FOUND : FORBIDDEN);
    }
  }
  const none = await ask(t, app, at('acc/reg'), { headers: { 'x-api-key': 'none' } });
  t.equal(none.status, 403);
  t.strictSame(none.body, FORBIDDEN);
  t.equal(findGrant(['other', 'acc/org1', 'acc'], 'acc/org1/reg'), 'acc/org1', 'the first that covers the ref');
});

t.test('the key is checked first, then the components of the ref, then its grant, then other syntax', async (t) => {
  const invalidRef = (value: string) => ({
    code: '400',
    message: 'invalid parameter',
    details: {
      field: 'registry_ref',
      value,
      reason: 'must have 2 to 4 non-empty components: account[/org[/project]]/registry',
    },
  });
  const flat = '/har/api/v1/registry/other/artifact//version/1/details?artifact_type=x';
  const rows: [target: string, auth: 'strict' | 'any' | 'off', key: string, status: number, body: object][] = [
    [flat, 'strict', 'nobody', 401, UNAUTHORIZED],
    [flat, 'strict', 'sat.acme.web.local', 400, invalidRef('other')],
    [flat, 'any', 'nobody', 400, invalidRef('other')],
    [flat, 'any', '', 401, UNAUTHORIZED],
    [flat, 'off', '', 400, invalidRef('other')],
    [at('other/a/b/c/d'), 'strict', 'sat.acme.web.local', 400, invalidRef('other/a/b/c/d')],
    [at('other//x'), 'strict', 'sat.acme.web.local', 400, invalidRef('other//x')],
    [`${at('other/x')}?artifact_type=x&childVersion=1&childVersion=2`, 'strict', KEY, 403, FORBIDDEN],
    [at('other/x').replace('artifact/x', 'artifact/'), 'strict', KEY, 403, FORBIDDEN],
  ];
  for (const [target, auth, key, status, body] of rows) {
    const answer = await ask(t, build(t, { auth }), target, { headers: { 'x-api-key': key } });
    t.equal(answer.status, status, `${auth} ${key} ${target}`);
    t.strictSame(answer.body, body);
  }
});

t.test('a key may contain commas and letters beyond ASCII', async (t) => {
  const key = 'schlüssel, nº 1';
  const store = seedStore(t, []);
  writeFixtures([{ apiKeys: [{ key, name: 'k', grants: ['a'] }] }], store.seed);
  const port = await listen(build(t, { store }));
  for (const lines of [[`x-api-key: ${key}`], [`x-api-key: ${key}`, `x-api-key: ${key}`]]) {
    const [answer] = await sendRaw(port, getWith(lines, at('a/b')));
    t.equal(answer?.status, 404);
    t.strictSame(answer?.body, REGISTRY_NOT_FOUND);
  }
});

t.test('any: every key that is not empty passes, and grants are not checked', async (t) => {
  const app = build(t, { auth: 'any' });
  for (const key of ['anything', 'pat.acme.old.local', 'sat.acme.web.local']) {
    const answer = await ask(t, app, NGINX, { headers: { 'x-api-key': key } });
    t.equal(answer.status, 200, key);
    t.strictSame(answer.body, NGINX_BODY);
  }
  const port = await listen(app);
  const refused = [
    [],
    ['x-api-key:'],
    ['x-api-key:', 'x-api-key:'],
    ['x-api-key: a', 'x-api-key: b'],
    [`Authorization: Bearer ${KEY}`],
  ];
  for (const lines of refused) {
    const [answer] = await sendRaw(port, getWith(lines));
    t.equal(answer?.status, 401, lines.join());
    t.strictSame(answer?.body, UNAUTHORIZED);
  }
});

t.test('off: no key is needed', async (t) => {
  const answer = await ask(t, build(t, { auth: 'off' }), NGINX, { headers: { 'x-api-key': '' } });
  t.equal(answer.status, 200);
  t.strictSame(answer.body, NGINX_BODY);
});

t.test('a key is not echoed', async (t) => {
  const port = await listen(build(t));
  for (const target of ['/nope', NGINX, '/%ZZ', '/a b']) {
    const answer = await askRaw(port, target, 'GET', ['x-api-key: canary-of-a-key']);
    t.ok(answer.status >= 400, target);
    t.notMatch(answer.text + JSON.stringify(answer.headers), 'canary');
  }
});
