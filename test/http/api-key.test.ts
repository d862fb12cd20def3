import { Agent, get } from 'node:http';
import t from 'tap';
import { loadFixtures } from '../../src/fixtures/load.js';
import { BUNDLED_FIXTURES } from '../../src/package.js';
import { openStore } from '../../src/store/store.js';
import { ask, askRaw, build, KEY, listen, NGINX, NGINX_BODY, seedStore, sendRaw } from '../helper.js';

const UNAUTHORIZED = { code: '401', message: 'unauthorized' };
const FORBIDDEN = { code: '403', message: 'forbidden' };

const asked = (lines: string[]) =>
  `GET ${NGINX} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${lines.join('\r\n')}\r\n\r\n`;

t.test('strict: only a known key that is neither expired nor revoked passes', async (t) => {
  const port = await listen(build(t));
  const rows: [name: string, lines: string[], status: number][] = [
    ['a known key', [`x-api-key: ${KEY}`], 200],
    ['the header in capitals', [`X-API-KEY: ${KEY}`], 200],
    ['twice the same', [`x-api-key: ${KEY}`, `X-Api-Key: ${KEY}`], 200],
    ['thrice the same', [`x-api-key: ${KEY}`, `x-api-key: ${KEY}`, `x-api-key: ${KEY}`], 200],
    ['two that differ', [`x-api-key: ${KEY}`, 'x-api-key: sat.acme.web.local'], 401],
    ['twice the same, joined on the way', [`x-api-key: ${KEY}, ${KEY}`], 200],
    ['two that differ, joined on the way', [`x-api-key: ${KEY}, sat.acme.web.local`], 401],
    ['no key', [], 401],
    ['an empty key', ['x-api-key:'], 401],
    ['an unknown key', ['x-api-key: nobody'], 401],
    ['another case', [`x-api-key: ${KEY.toUpperCase()}`], 401],
    ['an expired key', ['x-api-key: pat.acme.old.local'], 401],
    ['a revoked key', ['x-api-key: pat.acme.lost.local'], 401],
    ['a bearer token alone', [`Authorization: Bearer ${KEY}`], 401],
  ];
  for (const [name, lines, status] of rows) {
    const [answer] = await sendRaw(port, asked(lines));
    t.equal(answer?.status, status, name);
    t.strictSame(answer?.body, status === 200 ? NGINX_BODY : UNAUTHORIZED);
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
  ];
  const requests = rows.map(([key]) => `GET ${NGINX} HTTP/1.1\r\nHost: x\r\nx-api-key: ${key}\r\n\r\n`);
  const answers = await sendRaw(port, requests.join(''), rows.length);
  t.strictSame(
    answers.map(({ status, body }) => [status, body]),
    rows.map(([, status]) => [status, status === 200 ? NGINX_BODY : UNAUTHORIZED]),
  );
});

t.test('a change of the keys holds for connections that are open', async (t) => {
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
  loadFixtures(store, [BUNDLED_FIXTURES]);
  t.equal(await askAgain(), 200);
  t.equal(ports.size, 1, 'it was one connection');
});

t.test('grants cover by whole segments', async (t) => {
  const registries = ['acc/org1', 'acc/org1/reg', 'acc/org1/proj/reg', 'acc/org10/reg', 'acc/reg', 'accounts/reg'];
  const grants = ['acc', 'acc/org1', 'acc/org1/proj', 'acc/org10/reg', 'other'];
  const covered: Record<string, string[]> = {
    acc: ['acc/org1', 'acc/org1/reg', 'acc/org1/proj/reg', 'acc/org10/reg', 'acc/reg'],
    'acc/org1': ['acc/org1', 'acc/org1/reg', 'acc/org1/proj/reg'],
    'acc/org1/proj': ['acc/org1/proj/reg'],
    'acc/org10/reg': ['acc/org10/reg'],
    other: [],
  };
  const folder = t.testdir({
    'keys.json': JSON.stringify({
      apiKeys: grants.map((grant) => ({ key: `key ${grant}`, name: grant, grants: [grant] })),
    }),
  });
  const store = openStore();
  t.teardown(() => store.close());
  loadFixtures(store, [folder]);
  const app = build(t, { store });
  for (const grant of grants) {
    for (const ref of registries) {
      const url = `/har/api/v1/registry/${ref}/+/artifact/x/version/1/details`;
      const answer = await ask(t, app, url, { headers: { 'x-api-key': `key ${grant}` } });
      const isCovered = covered[grant]?.includes(ref);
      t.equal(answer.status, isCovered ? 404 : 403, `${grant} on ${ref}`);
      t.strictSame(answer.body, isCovered ? { code: '404', message: 'Registry not found' } : FORBIDDEN);
    }
  }
});

t.test('a key may hold commas and letters beyond ASCII', async (t) => {
  const key = 'schlüssel, nº 1';
  const folder = t.testdir({ 'k.json': JSON.stringify({ apiKeys: [{ key, name: 'k', grants: ['a'] }] }) });
  const store = openStore();
  t.teardown(() => store.close());
  loadFixtures(store, [folder]);
  const port = await listen(build(t, { store }));
  const [answer] = await sendRaw(
    port,
    Buffer.from(
      `GET /har/api/v1/registry/a/b/+/artifact/x/version/1/details HTTP/1.1\r\nHost: x\r\nx-api-key: ${key}\r\n\r\n`,
    ),
  );
  t.equal(answer?.status, 404);
  t.strictSame(answer?.body, { code: '404', message: 'Registry not found' });
});

t.test('any: any key that is not empty passes, and none is asked for its grants', async (t) => {
  const app = build(t, { auth: 'any' });
  for (const key of ['anything', 'pat.acme.old.local', 'sat.acme.web.local']) {
    const answer = await ask(t, app, NGINX, { headers: { 'x-api-key': key } });
    t.equal(answer.status, 200, key);
    t.strictSame(answer.body, NGINX_BODY);
  }
  const none = await ask(t, app, NGINX, { headers: { 'x-api-key': '' } });
  t.equal(none.status, 401);
  t.strictSame(none.body, UNAUTHORIZED);
});

t.test('off: no key is asked for', async (t) => {
  const answer = await ask(t, build(t, { auth: 'off' }), NGINX, { headers: { 'x-api-key': '' } });
  t.equal(answer.status, 200);
  t.strictSame(answer.body, NGINX_BODY);
});

t.test('a key is not echoed', async (t) => {
  const answer = await askRaw(await listen(build(t)), '/nope', 'GET', ['x-api-key: canary-of-a-key']);
  t.equal(answer.status, 404);
  t.notMatch(answer.text + JSON.stringify(answer.headers), 'canary');
});
