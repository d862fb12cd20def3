import t, { type Test } from 'tap';
import type { Control } from '../../src/control.js';
import { NotAsExpected } from '../../src/journal/verify.js';
import { ValidationError } from '../../src/util/validate.js';
import { ask, build, KEY, makeControl, NGINX, seedStore } from '../helper.js';
import { requestOf } from '../journal/support.js';

const keyOf = (key: string, more: object = {}) => ({ apiKeys: [{ key, name: key, grants: ['acme'], ...more }] });

/** Creates the control of a store that is seeded from a document with the key `seeded`. */
function makeSeeded(t: Test, fixtures: object[] = [keyOf('seeded')]): Control {
  const control = makeControl(seedStore(t, []), { fixtures });
  control.fixtures.seed();
  return control;
}

/** Returns the message of the ValidationError that a function throws or rejects with. */
async function problemOf(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof ValidationError) return error.message;
    throw error;
  }
  return 'nothing is thrown';
}

t.test('apiKey is the first usable key, newest first, however it came', async (t) => {
  const control = makeSeeded(t, [keyOf('old', { expiresAt: '2020-01-01' }), keyOf('seeded')]);
  t.equal(control.apiKey, 'seeded');
  control.fixtures.merge(keyOf('merged'));
  t.equal(control.apiKey, 'merged');
  control.fixtures.merge(keyOf('revoked', { revoked: true }));
  control.fixtures.merge(keyOf('idle', { grants: [] }));
  t.equal(control.apiKey, 'merged', 'neither a revoked key nor one without grants is usable');
  control.fixtures.merge(keyOf('clé'));
  t.equal(control.apiKey, 'clé');
  control.fixtures.replace([keyOf('replaced')]);
  t.equal(control.apiKey, 'replaced');
  control.fixtures.merge(keyOf('replaced', { revoked: true }));
  t.equal(control.apiKey, undefined);
  control.reset();
  t.equal(control.apiKey, 'seeded');
  control.fixtures.seed();
  t.equal(control.apiKey, 'seeded');
  control.close();
  t.equal(control.apiKey, undefined);
});

t.test('apiKey of a store that somebody else seeded is read from the fixtures', async (t) => {
  const store = seedStore(t);
  t.equal(makeControl(store).apiKey, KEY);
  t.equal(makeControl(store, { fixtures: [keyOf('not stored')] }).apiKey, undefined);
  t.equal(makeControl(store, { fixtures: ['/nowhere'] }).apiKey, undefined);
});

t.test('merges, removes, exports and counts data', async (t) => {
  const control = makeSeeded(t);
  const registries = [
    { ref: 'acme/go', packageType: 'GO' as const, artifacts: [{ name: 'a', versions: [{ version: '1' }] }] },
  ];
  t.strictSame(control.fixtures.merge({ registries }), { registries: 1, artifacts: 1, versions: 1, keys: 0 });
  t.match([...control.fixtures.export()].join(''), /ref: "?acme\/go/);
  t.strictSame(control.fixtures.remove({ registryRef: 'acme/go', artifact: 'a', version: '1' }), {
    registries: 0,
    artifacts: 0,
    versions: 1,
  });
  t.strictSame(control.summary(), { registries: 1, artifacts: 1, versions: 0, keys: 1, versionsByPackageType: [] });
});

t.test('validates its own arguments, whatever the face', async (t) => {
  const control = makeSeeded(t);
  const status = 'status: found "x", expected the HTTP status, from 100 to 599';
  const count = 'expected how many entries to wait for, from 1 to 10000; 1 unless given';
  const timeout = 'expected the longest wait in milliseconds, from 0 to 600000; 5000 unless given';
  const rows: [run: () => unknown, message: string][] = [
    [() => control.journal.waitFor({}, { count: 'x' }), `count: found "x", ${count}`],
    [() => control.journal.waitFor({}, { count: 0 }), `count: found 0, ${count}`],
    [() => control.journal.waitFor({}, { timeout: 600_001 }), `timeout: found 600001, ${timeout}`],
    [() => control.journal.waitFor({}, { cuont: 1 }), 'cuont: unknown key "cuont"; did you mean "count"?'],
    [() => control.journal.waitFor({}, null), 'found null, expected options of a wait, a mapping'],
    [() => control.journal.waitFor({ status: 'x' }), status],
    [() => control.journal.waitFor(undefined), 'found nothing, expected a filter, a mapping'],
    [() => control.journal.list({ status: 'x' }), status],
    [() => control.journal.list({ state: 404 }), 'state: unknown key "state"; did you mean "status"?'],
    [() => control.faults.arm({ falt: {} }), 'falt: unknown key "falt"; did you mean "fault"?'],
    [() => control.verify([]), 'found a list, expected a mapping with the key requests'],
    [
      () => control.fixtures.remove({ ref: 'acme' }),
      'registryRef: missing key "registryRef"; expected the ref of a registry, without its marker',
    ],
  ];
  for (const [run, message] of rows) t.equal(await problemOf(run), message);
});

t.test('a session arms, lists, waits and verifies for itself', async (t) => {
  const control = makeSeeded(t);
  const fault = { code: 503 };
  t.strictSame(control.faults.arm({ fault }, 's'), { id: 1, match: { session: 's' }, fault, hits: 0 });
  t.strictSame(control.faults.arm({ match: {}, fault }), { id: 2, fault, hits: 0 });
  t.strictSame(control.faults.arm({ match: { ref: '*', session: 's' }, fault }, 's'), {
    id: 3,
    match: { ref: '*', session: 's' },
    fault,
    hits: 0,
  });
  t.equal(control.faults.size, 3);
  control.record(requestOf({ session: 's' }));
  control.record(requestOf());
  t.equal(control.journal.list({}, 's').length, 1);
  t.strictSame(
    control.journal.list({}, 's').map(({ id }) => id),
    [1],
  );
  t.strictSame(
    control.journal.list(undefined, undefined, 1).map(({ id }) => id),
    [2],
  );
  t.equal(await control.journal.waitFor({}, {}, 's'), 1);
  t.equal(await control.journal.waitFor({}, { count: 2 }), 2);

  const reason = 'found "a", expected the session of the header, "s"';
  t.equal(
    await problemOf(() => control.faults.arm({ match: { session: 'a' }, fault }, 's')),
    `match.session: ${reason}`,
  );
  t.equal(await problemOf(() => control.journal.list({ session: 'a' }, 's')), `session: ${reason}`);

  const reasons = (session?: string) => {
    try {
      control.verify({}, session);
    } catch (error) {
      return (error as NotAsExpected).reasons.length;
    }
    return 0;
  };
  t.equal(reasons('s'), 2);
  t.equal(reasons(), 3);
  control.reset('s');
  t.strictSame(
    control.faults.list().map(({ id }) => id),
    [2],
  );
  t.equal(control.journal.list({}).length, 1);
  control.journal.clear();
  t.equal(control.journal.list({}).length, 0);
  t.equal(
    [...(control.counters.list()[0]?.buckets ?? [])].reduce((sum, count) => sum + count),
    2,
    'a reset does not change the counters',
  );
});

t.test('a wait that ends without enough entries throws what it found', async (t) => {
  const control = makeSeeded(t);
  control.record(requestOf({ status: 503 }));
  await t.rejects(
    control.journal.waitFor({ status: 503 }, { count: 2, timeout: 1 }),
    new NotAsExpected(['found 1 request, expected at least 2 within 1 ms']),
  );
});

t.test('an expired session takes its faults and entries with it', async (t) => {
  const control = makeSeeded(t);
  let now = performance.now();
  t.intercept(performance, 'now', { value: () => now });
  control.sessions.enter('old');
  control.faults.arm({ fault: { code: 503 } }, 'old');
  control.record(requestOf({ session: 'old' }));
  now += 900_000;
  control.sessions.enter('new');
  t.strictSame(control.faults.list(), []);
  t.equal(control.journal.list({}).length, 0);
});

t.test('after a close the journal can be read, with refused entries, and the data cannot', async (t) => {
  const store = seedStore(t);
  const control = makeControl(store);
  const app = build(t, { store, control });
  t.equal((await ask(t, app, NGINX)).status, 200);
  t.equal((await ask(t, app, NGINX.replace('1.25.3', '0'))).status, 404);
  t.equal((await ask(t, app, `${NGINX}/`)).status, 404);
  const open = control.journal.list();
  t.strictSame(
    open.map(({ reason, advice }) => [reason, advice]),
    [
      [undefined, undefined],
      ['versionUnknown', 'nearest known versions: 1.24.0, 1.25.3'],
      ['trailingSlash', `remove the slash after details: ${NGINX}`],
    ],
  );
  await app.close();
  control.close();
  store.close();
  t.strictSame(
    control.journal.list(),
    open.map(({ advice: _, ...entry }) => entry),
    'the same entries without advice',
  );
  t.equal(control.journal.list({ reason: 'trailingSlash' }).length, 1);
  control.verify({ requests: [{ count: 3 }] });
  await t.rejects(
    control.journal.waitFor({}, { count: 4, timeout: 60_000 }),
    new NotAsExpected(['found 3 requests, expected at least 4 within 60000 ms']),
  );
  const message = 'the server is closed';
  t.throws(() => control.fixtures.seed(), { message });
  t.throws(() => control.fixtures.replace([{}]), { message });
  t.throws(() => control.fixtures.merge({}), { message });
  t.throws(() => control.fixtures.remove({ registryRef: 'acme/pypi' }), { message });
  t.throws(() => control.fixtures.export(), { message });
  t.throws(() => control.reset(), { message });
  t.equal(control.apiKey, undefined);
});
