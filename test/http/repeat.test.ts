import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Test } from 'tap';
import t from 'tap';
import type { AppOptions } from '../../src/app.js';
import type { Fault } from '../../src/faults/fault.js';
import { mergeFixtures } from '../../src/fixtures/load.js';
import { openStore, type Store } from '../../src/store/store.js';
import {
  type Answer,
  askRaw,
  build,
  checkContract,
  KEY,
  listen,
  makeControls,
  NGINX,
  seedStore,
  sendRaw,
} from '../helper.js';

const BASE = '/har/api/v1/registry/acme/platform/web/images/+/artifact';

/** A listening app whose look-ups are counted, and what comes to its router: an answer that is repeated takes neither. */
async function start(t: Test, options: Omit<Partial<AppOptions>, 'logger'> = {}) {
  const store = options.store ?? seedStore(t);
  const state = { lookUps: 0, routed: 0 };
  const counting = Object.create(store, {
    findDetails: {
      value(lookUp: Parameters<Store['findDetails']>[0]) {
        state.lookUps += 1;
        return store.findDetails(lookUp);
      },
    },
  }) as Store;
  const controls = makeControls(store);
  const app = build(t, { controls, ...options, store: counting });
  const [route] = app.server.listeners('request') as [RequestListener];
  app.server.off('request', route).on('request', (request, response) => {
    state.routed += 1;
    route(request, response);
  });
  const port = await listen(app);
  const ask = async (target: string, headers: string[] = []) => {
    const answer = await askRaw(port, target, 'GET', headers);
    checkContract(t, answer);
    return answer;
  };
  return { store, state, controls, port, ask };
}

const withoutDate = ({ headers: { date: _, ...headers }, ...answer }: Answer) => ({ ...answer, headers });

const fixture = (version: string, size: string) => ({
  registries: [
    {
      ref: 'acme/platform/web/images',
      packageType: 'DOCKER' as const,
      artifacts: [{ name: 'library/nginx', versions: [{ version, size }] }],
    },
  ],
});

const REPEATED: Record<string, [target: string, status: number, lookUps: number]> = {
  'a hit': [NGINX, 200, 1],
  'a hit in another spelling': [NGINX.replaceAll('/+', '%2F%2B'), 200, 1],
  'an unknown version': [`${BASE}/library/nginx/+/version/0/details`, 404, 1],
  'an ambiguous artifact': ['/har/api/v1/registry/acme/labs/ml/hub/+/artifact/bert/version/v1/details', 400, 1],
  'a bad parameter': [`${NGINX}?artifact_type=x`, 400, 0],
};

for (const [name, [target, status, lookUps]] of Object.entries(REPEATED)) {
  t.test(`${name} is answered again with the same bytes, counted and recorded`, async (t) => {
    const { state, controls, ask } = await start(t);
    const first = await ask(target);
    const second = await ask(target);
    t.equal(first.status, status);
    t.strictSame(withoutDate(second), withoutDate(first));
    t.equal(state.lookUps, lookUps);
    const [one, two] = controls.journal
      .list()
      .map(({ id: _, at: __, duration, ...entry }) => ({ ...entry, took: duration >= 0 }));
    t.strictSame(two, one);
    t.match(two, { target, status, key: 'developer', took: true });
    t.match(controls.tally.list(), [{ requests: 2, labels: { status: String(status) } }]);
  });
}

const refused = '/har/api/v1/registry/acme/labs/vault/secrets-scanner/+/artifact/scanner/version/1.0.0/details';

t.test('each key gets its own answer', async (t) => {
  const { port } = await start(t);
  const askAs = async (key: string, target = refused) =>
    (await sendRaw(port, `GET ${target} HTTP/1.1\r\nHost: x\r\nx-api-key: ${key}\r\n\r\n`))[0]?.status;
  for (let again = 0; again < 2; again += 1) {
    t.equal(await askAs(KEY), 200);
    t.equal(await askAs('sat.acme.web.local'), 403);
    t.equal(await askAs('nonsense'), 401);
    t.equal(await askAs('pat.acme.old.local'), 401);
  }
});

const REFUSED: Record<string, string[]> = {
  keyMissing: [],
  bearerOnly: ['Authorization: Bearer pat.acme.dev.local'],
  keysDiffer: [`x-api-key: ${KEY}`, 'x-api-key: nonsense'],
  keyUnknown: ['x-api-key: nonsense'],
  keyExpired: ['x-api-key: pat.acme.old.local'],
  keyRevoked: ['x-api-key: pat.acme.lost.local'],
};

t.test('a refused key is answered again with the same bytes, and recorded with why it is refused', async (t) => {
  const { state, controls, port } = await start(t);
  const askAs = (headers: string[]) =>
    sendRaw(port, [`GET ${NGINX} HTTP/1.1`, 'Host: x', ...headers, '', ''].join('\r\n'));
  const reasons = Object.keys(REFUSED);
  for (const headers of Object.values(REFUSED)) {
    const [first, second] = [...(await askAs(headers)), ...(await askAs(headers))] as [Answer, Answer];
    t.equal(first.status, 401);
    t.strictSame(first.body, { code: '401', message: 'unauthorized' });
    t.strictSame(withoutDate(second), withoutDate(first));
  }
  t.equal(state.routed, reasons.length);
  t.strictSame(
    controls.journal.list().map(({ status, key, reason }) => ({ status, key, reason })),
    reasons.flatMap((reason) => Array.from({ length: 2 }, () => ({ status: 401, key: undefined, reason }))),
  );
});

t.test('without keys, and with any key, answers are repeated too', async (t) => {
  for (const auth of ['off', 'any'] as const) {
    const { state, ask } = await start(t, { auth });
    for (let again = 0; again < 3; again += 1) t.equal((await ask(NGINX)).status, 200);
    t.equal(state.lookUps, 1, auth);
  }
});

t.test('a change of the data is seen at once', async (t) => {
  const { store, ask } = await start(t);
  const sizeOf = async () => ((await ask(NGINX)).body as { data: { size: string } }).data.size;
  t.equal(await sizeOf(), '69.56MB');
  mergeFixtures(store, [fixture('1.25.3', '1 KB')]);
  t.equal(await sizeOf(), '1 KB');
  store.restore();
  t.equal(await sizeOf(), '69.56MB');
  store.remove({ registryRef: 'acme/platform/web/images' });
  t.equal((await ask(NGINX)).status, 404);
});

t.test('a change that another process makes to a file is seen at the next turn', async (t) => {
  const file = `${t.testdir()}/store.db`;
  const [store, other] = [openStore(file), openStore(file)];
  t.teardown(() => [store, other].map((open) => open.close()));
  const { ask } = await start(t, { store, auth: 'off' });
  t.equal((await ask(NGINX)).status, 404);
  for (const size of ['1 KB', '2 KB']) {
    mergeFixtures(other, [fixture('1.25.3', size)]);
    await nextTurn();
    for (let again = 0; again < 2; again += 1) t.match((await ask(NGINX)).body, { data: { size } });
  }
});

const DOWN: Fault = { code: 503 };

t.test('what a fault, a session or a header decides is not repeated, nor does it spoil what is', async (t) => {
  const { state, controls, port, ask } = await start(t);
  const countLookUps = async (status: number, asking: Promise<{ status: number }>) => {
    const before = state.lookUps;
    t.equal((await asking).status, status);
    return state.lookUps - before;
  };
  const long = (status: number, headers: string[] = []) => countLookUps(status, ask(NGINX, headers));
  const head = () =>
    countLookUps(200, fetch(`http://127.0.0.1:${port}${NGINX}`, { method: 'HEAD', headers: { 'x-api-key': KEY } }));
  t.equal(await long(503, ['Prefer: code=503']), 0);
  t.equal(await long(200, ['x-mock-session: one']), 1);
  t.equal(await head(), 1);
  t.equal(await long(200), 1, 'nothing of these was remembered');
  t.equal(await long(503, ['Prefer: code=503']), 0);
  t.equal(await long(200, ['x-mock-session: one']), 1);
  t.equal(await head(), 1);
  controls.faults.arm({ fault: DOWN, times: 1 });
  t.equal(await long(503), 0);
  t.equal(await long(200), 1, 'a spent fault is armed until it is disarmed');
  controls.faults.clear();
  t.equal(await long(200), 0);
});

t.test('a fault of the data happens every time', async (t) => {
  const { controls, ask } = await start(t);
  const target = '/har/api/v1/registry/acme/labs/unreliable/+/artifact/error/version/429/details';
  for (let again = 0; again < 2; again += 1) t.equal((await ask(target)).status, 429);
  t.match(controls.journal.list(), [{ fault: { trigger: 'data' } }, { fault: { trigger: 'data' } }]);
});

t.test('a request without a Host is refused, before and after the target was answered', async (t) => {
  const { port, ask } = await start(t);
  const askWithoutHost = async () =>
    (await sendRaw(port, `GET ${NGINX} HTTP/1.1\r\nx-api-key: ${KEY}\r\n\r\n`))[0]?.status;
  t.equal(await askWithoutHost(), 400);
  t.equal((await ask(NGINX)).status, 200);
  t.equal(await askWithoutHost(), 400);
});

t.test('memory is bounded: what was remembered is forgotten at once', async (t) => {
  const store = openStore();
  t.teardown(() => store.close());
  const versions = ['1', '2', '3'].map((version) => ({ version, extra: { text: 'x'.repeat(6_000_000) } }));
  mergeFixtures(store, [{ registries: [{ ref: 'a/b', packageType: 'GO', artifacts: [{ name: 'c', versions }] }] }]);
  const { state, ask } = await start(t, { store, auth: 'off' });
  const lookUps = [];
  for (const version of ['1', '2', '1', '3', '3', '1']) {
    await ask(`/har/api/v1/registry/a/b/+/artifact/c/version/${version}/details`);
    lookUps.push(state.lookUps);
  }
  t.strictSame(lookUps, [1, 2, 2, 3, 3, 4]);
});

t.test('a store that fails gives the envelope of a 500, and serves again when it can', async (t) => {
  const store = seedStore(t);
  const failing = { isOn: false };
  const broken = Object.create(store, {
    revision: {
      get() {
        return failing.isOn ? Number.NaN : store.revision;
      },
    },
    findDetails: {
      value(lookUp: Parameters<Store['findDetails']>[0]) {
        if (failing.isOn) throw new Error('disk on fire');
        return store.findDetails(lookUp);
      },
    },
  }) as Store;
  const port = await listen(build(t, { store: broken }));
  const ask = async () => (await askRaw(port, NGINX)).status;
  t.equal(await ask(), 200);
  failing.isOn = true;
  t.equal(await ask(), 500);
  t.equal(await ask(), 500);
  failing.isOn = false;
  t.equal(await ask(), 200);
});

t.test('a request that comes while the server closes is told to close the connection', async (t) => {
  const app = build(t);
  const bytes = `GET ${NGINX} HTTP/1.1\r\nHost: x\r\nx-api-key: ${KEY}\r\n\r\n`;
  let late: Promise<Answer[]> | undefined;
  app.addHook('preClose', async () => {
    late = sendRaw(port, bytes);
    await once(app.server, 'request');
  });
  const port = await listen(app);
  t.match(await sendRaw(port, bytes), [{ status: 200, headers: { connection: 'keep-alive' } }]);
  await app.close();
  t.match(await late, [{ status: 200, headers: { connection: 'close' } }]);
});
