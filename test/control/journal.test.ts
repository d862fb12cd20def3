import t from 'tap';
import type { Entry } from '../../src/control/exchange.js';
import { createJournal, MOST_WAITS } from '../../src/control/journal.js';
import { exchangeOf, makeJournal, targetOf } from './support.js';

t.test('an entry tells all that is known, and leaves out what is not', async (t) => {
  const journal = makeJournal();
  journal.record(exchangeOf());
  journal.record({
    time: 1_704_067_200_000,
    method: 'HEAD',
    target: '/nope?a=b',
    key: undefined,
    session: 's',
    status: 404,
    duration: 0,
    fault: undefined,
    reason: 'unknownRoute',
  });
  journal.record(
    exchangeOf({
      target: `${targetOf('a%2Fb%2F%2B', '1.0+c%25')}?artifact_type=model&x=1+2`,
      status: undefined,
      fault: { trigger: 'armed', id: 3, fault: { network: 'reset' } },
    }),
  );
  const [first, second, third] = journal.list();
  t.strictSame(first, {
    id: 1,
    at: '1970-01-01T00:00:00.000Z',
    method: 'GET',
    target: targetOf('app'),
    spelling: { ref: 'published', artifact: 'published' },
    parameters: { registry_ref: 'acme/images', artifact: 'app', version: '1' },
    key: 'developer',
    status: 200,
    duration: 1.235,
  });
  t.strictSame(second, {
    id: 2,
    at: '2024-01-01T00:00:00.000Z',
    method: 'HEAD',
    target: '/nope?a=b',
    session: 's',
    status: 404,
    duration: 0,
    reason: 'unknownRoute',
    advice: 'because: unknownRoute',
  });
  const { status: _, ...withoutStatus } = first as Entry;
  t.strictSame(third, {
    ...withoutStatus,
    id: 3,
    target: `${targetOf('a%2Fb%2F%2B', '1.0+c%25')}?artifact_type=model&x=1+2`,
    spelling: { ref: 'published', artifact: 'encoded' },
    parameters: {
      registry_ref: 'acme/images',
      artifact: 'a/b',
      version: '1.0+c%',
      artifact_type: 'model',
      x: '1 2',
    },
    fault: { trigger: 'armed', id: 3, fault: { network: 'reset' } },
  });
});

t.test('holds the newest, bounded by count', async (t) => {
  const journal = makeJournal({ entries: 3 });
  for (let id = 1; id <= 10; id += 1) journal.record(exchangeOf({ target: targetOf('app', String(id)) }));
  t.strictSame(
    journal.list().map(({ id, parameters }) => [id, parameters?.version]),
    [
      [8, '8'],
      [9, '9'],
      [10, '10'],
    ],
  );
  t.equal(journal.dropped, 7);
});

t.test('holds the newest, bounded by bytes', async (t) => {
  const journal = makeJournal({ bytes: 3_000 });
  for (let id = 1; id <= 10; id += 1) journal.record(exchangeOf({ target: `/${'x'.repeat(749)}`, session: 'abc' }));
  t.strictSame(
    journal.list().map(({ id }) => id),
    [9, 10],
  );
  t.equal(journal.dropped, 8);
  journal.record(exchangeOf({ target: 'x'.repeat(3_000) }));
  t.strictSame(journal.list(), [], 'one that does not fit at all is dropped too');
  journal.record(exchangeOf());
  t.equal(journal.list().length, 1);
});

t.test('holds nothing when it is off', async (t) => {
  const journal = makeJournal({ entries: 0 });
  journal.record(exchangeOf());
  t.strictSame(journal.list(), []);
  t.equal(journal.dropped, 0);
});

t.test('clears all, or one session', async (t) => {
  const journal = makeJournal({ entries: 4 });
  for (const session of [undefined, 'a', 'b', 'a', 'b']) journal.record(exchangeOf({ session }));
  const ids = () => journal.list().map(({ id }) => id);
  t.strictSame(ids(), [2, 3, 4, 5]);
  journal.clear('a');
  t.strictSame(ids(), [3, 5]);
  t.equal(journal.dropped, 1);
  for (let more = 0; more < 4; more += 1) journal.record(exchangeOf());
  t.strictSame(ids(), [6, 7, 8, 9]);
  t.equal(journal.dropped, 3, 'what was cleared has not been dropped');
  journal.clear();
  t.strictSame(ids(), []);
  t.equal(journal.dropped, 0);
  journal.record(exchangeOf());
  t.strictSame(ids(), [10]);
});

t.test('filters by all that an entry has', async (t) => {
  const journal = makeJournal();
  journal.record(exchangeOf({ session: 's' }));
  journal.record(exchangeOf({ target: targetOf('lib%2Fx', '2'), method: 'HEAD', key: 'web' }));
  journal.record(exchangeOf({ target: '/nope', key: undefined, status: 404, reason: 'unknownRoute' }));
  journal.record(exchangeOf({ status: 503, fault: { trigger: 'data', fault: { code: 503 } } }));
  const rows: [Parameters<typeof journal.list>[0], number[]][] = [
    [{}, [1, 2, 3, 4]],
    [{ method: 'HEAD' }, [2]],
    [{ target: '/nope' }, [3]],
    [{ target: '*lib%2Fx*' }, [2]],
    [{ ref: 'acme/*' }, [1, 2, 4]],
    [{ artifact: 'lib/*' }, [2]],
    [{ version: '2' }, [2]],
    [{ key: 'web' }, [2]],
    [{ session: 's' }, [1]],
    [{ status: 404 }, [3]],
    [{ fault: 'data' }, [4]],
    [{ fault: 'armed' }, []],
    [{ reason: 'unknownRoute' }, [3]],
    [{ since: 2 }, [3, 4]],
    [{ since: 4 }, []],
    [{ ref: 'acme/*', status: 200, method: 'GET' }, [1]],
  ];
  for (const [filter, ids] of rows) {
    t.strictSame(
      journal.list(filter).map(({ id }) => id),
      ids,
      JSON.stringify(filter),
    );
    t.equal(journal.count(filter ?? {}), ids.length);
  }
});

t.test('looks into a refusal only where it is listed or asked for', async (t) => {
  let described = 0;
  const journal = createJournal({ entries: 100, bytes: 1e6 }, ({ reason }) => {
    described += 1;
    return { reason, advice: '' };
  });
  for (let id = 1; id <= 10; id += 1) journal.record(exchangeOf({ status: 404, reason: 'versionUnknown' }));
  t.equal(journal.count({ status: 404 }), 10);
  t.equal(described, 0);
  t.strictSame(
    journal.list({}, 2).map(({ id }) => id),
    [9, 10],
  );
  t.equal(described, 2);
  t.equal(journal.count({ reason: 'versionUnknown' }), 10);
  t.equal(described, 12);
});

t.test('waits until enough are there, or the time is over', async (t) => {
  const journal = makeJournal();
  journal.record(exchangeOf({ status: 404 }));
  t.equal(await journal.waitFor({ status: 404 }, 1, 60_000), true, 'they are there already');
  t.equal(await journal.waitFor({ status: 404 }, 2, 1), false, 'they do not come');

  const two = journal.waitFor({ status: 404 }, 2, 60_000);
  const three = journal.waitFor({ status: 404 }, 3, 60_000);
  journal.record(exchangeOf());
  journal.record(exchangeOf({ status: 404 }));
  t.equal(await two, true);
  journal.record(exchangeOf({ status: 404 }));
  t.equal(await three, true);

  const never = journal.waitFor({ status: 500 }, 1, 60_000);
  journal.close();
  t.equal(await never, false, 'the server closes');
  t.equal(await journal.waitFor({ status: 500 }, 1, 60_000), false, 'it is closed');
});

t.test('whoever is gone waits no longer, and makes room', async (t) => {
  const journal = makeJournal();
  const gone = new AbortController();
  const waits = Array.from({ length: MOST_WAITS }, () => journal.waitFor({}, 1, 60_000, gone.signal));
  gone.abort();
  t.ok((await Promise.all(waits)).every((came) => !came));
  t.equal(await journal.waitFor({}, 1, 0), false);
});

t.test('what a session leaves empty in front of the others is room at once', async (t) => {
  const journal = createJournal({ entries: 3, bytes: 1e6 }, ({ reason }) => ({ reason, advice: '' }));
  for (const session of ['a', 'a', undefined]) journal.record(exchangeOf({ session }));
  journal.clear('a');
  for (let more = 0; more < 2; more += 1) journal.record(exchangeOf());
  t.equal(journal.count({}), 3);
  t.equal(journal.dropped, 0);
});

t.test('what was cleared is waited for again', async (t) => {
  const journal = makeJournal();
  journal.record(exchangeOf());
  const waiting = journal.waitFor({}, 2, Number.POSITIVE_INFINITY);
  journal.clear();
  journal.record(exchangeOf());
  t.equal(journal.count({}), 1);
  journal.record(exchangeOf());
  t.equal(await waiting, true);
  t.equal(journal.count({}), 2);
});

t.test('not everybody can wait at once', async (t) => {
  const journal = makeJournal();
  const waits = Array.from({ length: MOST_WAITS }, () => journal.waitFor({}, 1, 60_000));
  await t.rejects(async () => journal.waitFor({}, 1, 60_000), {
    message: 'there are 1000 waits already, and no more are held: wait for those to end',
  });
  journal.record(exchangeOf());
  t.ok((await Promise.all(waits)).every((came) => came));
  t.equal(await journal.waitFor({}, 1, 0), true);
});
