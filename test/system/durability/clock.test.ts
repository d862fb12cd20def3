import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { writeFixtures } from '../../../src/seed/write.js';
import { openStore } from '../../../src/store/store.js';
import { build, makeControl } from '../../helper.js';

const HOUR = 3_600_000;
const START = Date.UTC(2030, 0, 1);

const FIXTURE = {
  registries: [{ ref: 'a/b', packageType: 'NPM' as const, artifacts: [{ name: 'app', versions: [{ version: '1' }] }] }],
  apiKeys: [{ key: 'k', name: 'hourly', grants: ['a'], expiresAt: new Date(START + HOUR).toISOString() }],
};

const TARGET = '/har/api/v1/registry/a/b/+/artifact/app/version/1/details';

t.test('keys expire by the wall clock, durations do not depend on it', async (t) => {
  const clock = { now: START };
  t.intercept(Date, 'now', { value: () => clock.now });
  const store = openStore();
  t.teardown(() => store.close());
  writeFixtures([FIXTURE], store.seed);
  const control = makeControl(store);
  const app = build(t, { store, control });
  const ask = async (headers = {}) => {
    const { statusCode } = await app.inject({ url: TARGET, headers: { 'x-api-key': 'k', ...headers } });
    return statusCode;
  };

  t.equal(await ask(), 200);
  clock.now = START + HOUR;
  t.equal(await ask(), 401, 'set forward');
  clock.now = START;
  t.equal(await ask(), 200, 'set back');

  const answered = ask({ prefer: 'delay=200' });
  await sleep(50);
  clock.now = START - HOUR;
  t.equal(await answered, 200);
  const entry = control.journal.list().at(-1);
  t.equal(entry?.at, new Date(START - HOUR).toISOString());
  const { duration = 0 } = entry ?? {};
  t.ok(duration > 100 && duration < HOUR / 2, `${duration} ms`);
});

t.test('a timeout does not depend on the wall clock', async (t) => {
  const store = openStore();
  t.teardown(() => store.close());
  const { journal } = makeControl(store);
  const timedOut = t.rejects(journal.waitFor({}, { timeout: 100 }));
  t.intercept(Date, 'now', { value: () => START - 1_000 * HOUR });
  await timedOut;
});
