import { performance } from 'node:perf_hooks';
import { Writable } from 'node:stream';
import t from 'tap';
import type { LogRequests } from '../../src/config/options.js';
import { createArmedFaults } from '../../src/faults/armed.js';
import { createCounters } from '../../src/journal/counters.js';
import type { Entry, Filter, RecordedRequest } from '../../src/journal/entry.js';
import { createJournal, MAX_WAITS } from '../../src/journal/journal.js';
import { createRequestLog } from '../../src/journal/log.js';
import { verify as verifySteps } from '../../src/journal/verify.js';
import { runAtOnce } from '../../src/util/steps.js';
import { describe, makeJournal, requestOf, targetOf, withList } from './support.js';

const verify = (...args: Parameters<typeof verifySteps>) => runAtOnce(verifySteps(...args));

t.test('an entry has everything that is known, and leaves out what is not', async (t) => {
  const journal = makeJournal();
  journal.record(requestOf());
  journal.record({
    time: 1_704_067_200_000,
    method: 'HEAD',
    target: '/nope?a=b',
    requestId: 'r-2',
    traceId: 'a'.repeat(32),
    headers: ['curl/8.5.0', undefined, 'text/plain\u0007', '', 'é', 'acc'],
    key: undefined,
    session: 's',
    status: 404,
    duration: 0,
    fault: undefined,
    reason: 'unknownRoute',
  });
  const target = `${targetOf('a%2Fb%2F%2B', '1.0+c%25')}?artifact_type=model&x=1+2&y=%ZZ`;
  journal.record(
    requestOf({
      target,
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
    requestId: 'r-1',
    spelling: { ref: 'published', artifact: 'published', portable: true },
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
    requestId: 'r-2',
    traceId: 'a'.repeat(32),
    headers: { 'user-agent': 'curl/8.5.0', 'harness-account': 'acc' },
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
    target,
    spelling: { ref: 'published', artifact: 'encoded', portable: false },
    parameters: { registry_ref: 'acme/images', artifact: 'a/b', version: '1.0+c%', artifact_type: 'model', x: '1 2' },
    fault: { trigger: 'armed', id: 3, fault: { network: 'reset' } },
  });
});

t.test('a repeated parameter is a list, and a query does not change the names of the path', async (t) => {
  const journal = makeJournal();
  journal.record(requestOf({ target: `${targetOf('app')}?childVersion=a&childVersion=b&x=1&childVersion=c` }));
  journal.record(requestOf({ target: `${targetOf('app')}?version=9&artifact=other&registry_ref=x/y&__proto__=z` }));
  const path = { registry_ref: 'acme/images', artifact: 'app', version: '1' };
  const [repeated, named] = journal.list().map(({ parameters }) => parameters);
  t.strictSame(repeated, { ...path, childVersion: ['a', 'b', 'c'], x: '1' });
  t.strictSame(Object.entries(named ?? {}).sort(), Object.entries({ ...path, ['__proto__']: 'z' }).sort());
});

t.test('keeps the newest entries, limited by their number', async (t) => {
  const journal = makeJournal(3);
  for (let id = 1; id <= 10; id += 1) journal.record(requestOf({ target: targetOf('app', String(id)) }));
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

t.test('keeps the newest entries, limited by their memory', async (t) => {
  const journal = makeJournal(3);
  for (let id = 1; id <= 10; id += 1) journal.record(requestOf({ target: `/${'x'.repeat(1_200)}`, session: 'abc' }));
  t.strictSame(
    journal.list().map(({ id }) => id),
    [9, 10],
  );
  t.equal(journal.dropped, 8);
  journal.record(requestOf({ target: 'x'.repeat(3_000) }));
  t.strictSame(journal.list(), [], 'an entry that is larger than the journal is dropped too');
  journal.record(requestOf());
  t.equal(journal.list().length, 1);
});

t.test('records nothing when it is off', async (t) => {
  const journal = makeJournal(0);
  journal.record(requestOf());
  t.strictSame(journal.list(), []);
  t.equal(journal.dropped, 0);
  t.equal(journal.isOff, true);
});

t.test('clears all entries, or those of one session', async (t) => {
  const journal = makeJournal(4);
  for (const session of [undefined, 'a', 'b', 'a', 'b']) journal.record(requestOf({ session }));
  const ids = () => journal.list().map(({ id }) => id);
  t.strictSame(ids(), [2, 3, 4, 5]);
  journal.clear('a');
  t.strictSame(ids(), [3, 5]);
  t.equal(journal.dropped, 1);
  for (let more = 0; more < 4; more += 1) journal.record(requestOf());
  t.strictSame(ids(), [6, 7, 8, 9]);
  t.equal(journal.dropped, 3, 'cleared entries are not dropped ones');
  journal.clear();
  t.strictSame(ids(), []);
  t.equal(journal.dropped, 0);
  journal.record(requestOf());
  t.strictSame(ids(), [10]);
});

t.test('the oldest entries make room as soon as their session is cleared', async (t) => {
  const journal = makeJournal(3);
  for (const session of ['a', 'a', undefined]) journal.record(requestOf({ session }));
  journal.clear('a');
  for (let more = 0; more < 2; more += 1) journal.record(requestOf());
  t.equal(journal.count({}), 3);
  t.equal(journal.dropped, 0);
});

t.test('filters by every member of an entry', async (t) => {
  const journal = makeJournal();
  journal.record(requestOf({ session: 's', headers: ['curl/8.5.0', '*/*'] }));
  journal.record(requestOf({ target: targetOf('lib%2Fx', '2'), method: 'HEAD', key: 'web' }));
  journal.record(requestOf({ target: '/nope', key: undefined, status: 404, reason: 'unknownRoute' }));
  journal.record(requestOf({ status: 503, fault: { trigger: 'data', fault: { code: 503 } } }));
  const rows: [Filter, number[]][] = [
    [{}, [1, 2, 3, 4]],
    [{ method: 'HEAD' }, [2]],
    [{ target: '/nope' }, [3]],
    [{ target: '*lib%2Fx*' }, [2]],
    [{ ref: 'acme/*' }, [1, 2, 4]],
    [{ artifact: 'lib/*' }, [2]],
    [{ version: '2' }, [2]],
    [{ key: 'web' }, [2]],
    [{ session: 's' }, [1]],
    [{ headers: { 'user-agent': 'curl/*' } }, [1]],
    [{ headers: { 'user-agent': 'curl/*', accept: 'text/*' } }, []],
    [{ headers: {} }, [1, 2, 3, 4]],
    [{ status: 404 }, [3]],
    [{ fault: 'data' }, [4]],
    [{ fault: 'armed' }, []],
    [{ reason: 'unknownRoute' }, [3]],
    [{ reason: 'versionUnknown' }, []],
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
    t.equal(journal.count(filter), ids.length);
  }
});

t.test('looks up reason and advice only when they are needed', async (t) => {
  const looked = { reasons: 0, advice: 0 };
  const journal = withList(
    createJournal(100, {
      reasonOf(_, reason) {
        looked.reasons += 1;
        return reason;
      },
      adviceOn() {
        looked.advice += 1;
        return undefined;
      },
    }),
  );
  for (let id = 1; id <= 10; id += 1) journal.record(requestOf({ status: 404, reason: 'versionUnknown' }));
  t.equal(journal.count({ status: 404 }), 10);
  t.strictSame(looked, { reasons: 0, advice: 0 });
  t.strictSame(
    journal.list({}, 2).map(({ id, reason, advice }) => [id, reason, advice]),
    [
      [9, 'versionUnknown', undefined],
      [10, 'versionUnknown', undefined],
    ],
  );
  t.strictSame(looked, { reasons: 2, advice: 2 });
  t.equal(journal.count({ reason: 'versionUnknown' }), 10);
  t.strictSame(looked, { reasons: 12, advice: 2 });
});

t.test('a list whose advice takes too long leaves out the rest of it', async (t) => {
  let now = 0;
  t.intercept(performance, 'now', { value: () => now });
  const journal = withList(
    createJournal(100, {
      ...describe,
      adviceOn() {
        now += 150;
        return 'slow';
      },
    }),
  );
  for (let id = 1; id <= 3; id += 1) journal.record(requestOf({ status: 404, reason: 'versionUnknown' }));
  t.strictSame(
    journal.list().map(({ advice }) => advice),
    ['slow', undefined, undefined],
  );
});

t.test('waits until enough entries match, or until the timeout', async (t) => {
  const journal = makeJournal();
  journal.record(requestOf({ status: 404 }));
  t.equal(await journal.waitFor({ status: 404 }, 1, 60_000), 1, 'they are there already');
  t.equal(await journal.waitFor({ status: 404 }, 2, 1), 1, 'they do not come');

  const two = journal.waitFor({ status: 404 }, 2, 60_000);
  const three = journal.waitFor({ status: 404 }, 3, 60_000);
  journal.record(requestOf());
  journal.record(requestOf({ status: 404 }));
  t.equal(await two, 2);
  journal.record(requestOf({ status: 404 }));
  t.equal(await three, 3);

  const never = journal.waitFor({ status: 500 }, 1, 60_000);
  journal.close();
  t.equal(await never, 0, 'the journal is closed');
  t.equal(await journal.waitFor({ status: 500 }, 1, 60_000), 0, 'it is closed already');
  t.equal(journal.list().length, 4, 'a closed journal can be read');
});

t.test('cleared entries are waited for again', async (t) => {
  const journal = makeJournal();
  journal.record(requestOf());
  const waiting = journal.waitFor({}, 2, 60_000);
  journal.clear();
  journal.record(requestOf());
  t.equal(journal.count({}), 1);
  journal.record(requestOf());
  t.equal(await waiting, 2);
  t.equal(journal.count({}), 2);
});

t.test('the number of waits is limited, and a wait ends with its client', async (t) => {
  const journal = makeJournal();
  const clients = Array.from({ length: MAX_WAITS }, () => new AbortController());
  const waits = clients.map(({ signal }) => journal.waitFor({}, 1, 60_000, signal));
  await t.rejects(async () => journal.waitFor({}, 1, 60_000), {
    message: 'limit of 1000 waits reached; let some of them end first',
  });
  clients[0]?.abort();
  t.equal(await waits[0], 0, 'a client that leaves while entries are counted');
  for (const client of clients) client.abort();
  t.ok((await Promise.all(waits)).every((count) => count === 0));
  t.equal(await journal.waitFor({}, 1, 0), 0);
  const more = Array.from({ length: MAX_WAITS }, () => journal.waitFor({}, 1, 60_000));
  journal.record(requestOf());
  t.ok((await Promise.all(more)).every((count) => count === 1));
});

t.test('counts requests by labels that are no names', async (t) => {
  const counters = createCounters();
  counters.add(requestOf({ duration: 1 }));
  counters.add(requestOf({ duration: 2, target: targetOf('other', '2'), key: 'other', session: 'other' }));
  counters.add(requestOf({ duration: 4, target: '/other', status: 404 }));
  const fault = { trigger: 'armed' as const, id: 1, fault: { network: 'reset' as const } };
  const target = targetOf('app').replace('acme/images/+', 'acme%2Fimages%2F%2B');
  counters.add(requestOf({ duration: 8, target, status: undefined, fault }));
  const labels = { route: 'details', status: '200', spelling: 'published', fault: 'none' };
  const listed = counters
    .list()
    .map(({ buckets, ...count }) => ({ ...count, requests: buckets.reduce((a, b) => a + b) }));
  t.strictSame(listed, [
    { labels, duration: 3, requests: 2 },
    { labels: { ...labels, route: 'unknown', status: '404', spelling: 'none' }, duration: 4, requests: 1 },
    { labels: { ...labels, status: 'none', spelling: 'encoded', fault: 'armed' }, duration: 8, requests: 1 },
  ]);
});

/** A journal with two requests that got 200 and one of a session that got 404, and no armed fault. */
function makeTester() {
  const journal = makeJournal(3);
  journal.record(requestOf());
  journal.record(requestOf());
  journal.record(requestOf({ status: 404, session: 's' }));
  return { journal, faults: createArmedFaults() };
}

t.test('verifies that the expected requests came', async (t) => {
  const rows: [object, string?][] = [
    [{}],
    [{ match: { status: 200 }, count: 2 }],
    [{ match: { status: 200 }, atLeast: 2 }],
    [{ match: { status: 200 }, atMost: 2 }],
    [{ match: { status: 500 }, count: 0 }],
    [{ match: { status: 500 }, atMost: 1 }],
    [{ atLeast: 1, atMost: 3 }],
    [{ atLeast: 3, atMost: 3 }],
    [{ match: { status: 500 } }, 'found 0 with status 500, expected at least 1'],
    [{ match: { status: 200 }, count: 3 }, 'found 2 with status 200, expected 3'],
    [{ count: 0 }, 'found 3 of any kind, expected 0'],
    [
      { match: { status: 200, key: 'developer' }, atMost: 1 },
      'found 2 with status 200, key developer, expected at most 1',
    ],
    [{ atLeast: 4, atMost: 5 }, 'found 3 of any kind, expected at least 4'],
  ];
  for (const [expectation, problem] of rows) {
    const expected = problem === undefined ? [] : [`requests[0]: ${problem}`];
    t.strictSame(verify({ requests: [expectation] }, makeTester()), expected, JSON.stringify(expectation));
  }
});

t.test('verifies that every armed fault was hit', async (t) => {
  const tester = makeTester();
  t.strictSame(verify({}, tester), []);
  tester.faults.arm({ fault: { code: 503 } });
  tester.faults.arm({ match: { artifact: 'app', session: 's' }, fault: { code: 500 } });
  t.strictSame(verify({}, tester), [
    'armed fault 1 was never hit; it matches requests of any kind',
    'armed fault 2 was never hit; it matches requests with artifact app, session s',
  ]);
  const asked = {
    ref: 'r',
    artifact: 'app',
    version: '1',
    method: 'GET',
    key: undefined,
    session: undefined,
    headers: {},
  };
  for (const step of tester.faults.steps(asked, Math.random)) step.use?.();
  t.strictSame(verify({}, tester), ['armed fault 2 was never hit; it matches requests with artifact app, session s']);
});

t.test('verifies only the faults and requests of a session', async (t) => {
  const tester = makeTester();
  tester.faults.arm({ fault: { code: 503 } });
  t.strictSame(verify({ requests: [{ count: 1 }] }, tester, 's'), []);
  t.strictSame(verify({ requests: [{ count: 1 }, { count: 0 }] }, tester, 'other'), [
    'requests[0]: found 0 of any kind, expected 1',
  ]);
});

t.test('says when the journal was too small to know', async (t) => {
  const tester = makeTester();
  tester.journal.record(requestOf());
  t.strictSame(verify({ requests: [{ count: 4 }] }, tester), [
    'requests[0]: found 3 of any kind, expected 4; the journal has dropped 1 older entry: raise --journal-entries',
  ]);
  t.strictSame(
    verify({ requests: [{ atMost: 2 }] }, tester),
    ['requests[0]: found 3 of any kind, expected at most 2'],
    'with more entries it would be more, not less',
  );
});

t.test('says when the journal is off', async (t) => {
  const tester = { ...makeTester(), journal: makeJournal(0) };
  t.strictSame(verify({ requests: [{}, { count: 0 }] }, tester), [
    'requests[0]: found 0 of any kind, expected at least 1; the journal is off: start with --journal-entries above 0',
  ]);
});

t.test('refuses invalid expectations', async (t) => {
  const ref =
    'found "acme/images/+", expected a glob of up to 256 characters over the registry_ref, decoded, without the marker /+; * matches any text, slashes included';
  const rows: [unknown, string][] = [
    [[], 'found a list, expected a mapping with the key requests'],
    [{ request: [] }, 'request: unknown key "request"; did you mean "requests"?'],
    [
      { requests: [{ count: -1 }] },
      'requests[0].count: found -1, expected the exact number of requests, a whole number',
    ],
    [{ requests: [{ count: 1, atMost: 2 }] }, 'requests[0].count: cannot be combined with atLeast or atMost'],
    [{ requests: [{ count: 1, atLeast: 2 }] }, 'requests[0].count: cannot be combined with atLeast or atMost'],
    [{ requests: [{}, { atLeast: 3, atMost: 1 }] }, 'requests[1].atMost: found 1, expected at least atLeast, 3'],
    [{ requests: [{ match: { ref: 'acme/images/+' } }] }, `requests[0].match.ref: ${ref}`],
    [{ requests: [{ match: { sinse: 1 } }] }, 'requests[0].match.sinse: unknown key "sinse"; did you mean "since"?'],
  ];
  for (const [value, expected] of rows) {
    let message = 'nothing is thrown';
    try {
      verify(value, makeTester());
    } catch (error) {
      ({ message } = error as Error);
    }
    t.equal(message, expected);
  }
});

/** Logs requests to a stream with the given members; returns what it wrote. */
function logOf(requests: readonly RecordedRequest[], stream: object, mode: LogRequests = 'on', describing = describe) {
  const lines: string[] = [];
  const output = Object.assign(
    new Writable({ write: (chunk, _, done) => done(void lines.push(String(chunk))) }),
    stream,
  );
  for (const request of requests) createRequestLog(mode, output)?.(request, describing);
  return lines.join('');
}

t.test('requests are logged on a terminal, elsewhere only if that is on', async (t) => {
  const rows: [LogRequests, isTTY: boolean, RegExp][] = [
    ['auto', true, /^200 GET/],
    ['auto', false, /^$/],
    ['on', true, /^200 GET/],
    ['on', false, /^\{"level":30,"time":0,/],
    ['off', true, /^$/],
    ['off', false, /^$/],
  ];
  for (const [mode, isTTY, expected] of rows) {
    t.match(logOf([requestOf()], { isTTY }, mode), expected, `${mode} ${isTTY}`);
  }
});

const NOT_FOUND = { status: 404, reason: 'versionUnknown' } as const;

t.test('a terminal gets a line per request, with what was wrong', async (t) => {
  const fault = { trigger: 'armed', id: 3, fault: { network: 'reset' } } as const;
  const preferred = { trigger: 'prefer', fault: { code: 503 } } as const;
  const long = 'x'.repeat(99);
  const rows: [Parameters<typeof requestOf>[0], string][] = [
    [{}, '200 GET acme/images app 1  1.2 ms'],
    [{ duration: 1_234.56, method: 'HEAD' }, '200 HEAD acme/images app 1  1234.6 ms'],
    [NOT_FOUND, '404 GET acme/images app 1  versionUnknown: because: versionUnknown  1.2 ms'],
    [{ status: 503, reason: 'fault', fault: preferred }, '503 GET acme/images app 1  fault: prefer  1.2 ms'],
    [{ status: undefined, reason: 'fault', fault }, '--- GET acme/images app 1  fault: armed 3  1.2 ms'],
    [
      { target: `${targetOf('%40a%2Fb%2F%2B', '1%0A%1b')}?key=canary` },
      '200 GET acme/images @a/b "1\\n\\u001b"  1.2 ms',
    ],
    [{ target: targetOf(long, long) }, `200 GET acme/images ${long.slice(0, 59)}… ${long.slice(0, 59)}…  1.2 ms`],
    [{ target: 'http://h/nope?key=canary' }, '200 GET /nope  1.2 ms'],
    [{ target: '/a\x1b[2J\n404' }, '200 GET "/a\\u001b[2J\\n404"  1.2 ms'],
    [{ target: `/${long}` }, `200 GET /${long}  1.2 ms`],
    [{ target: `/${long}${long}` }, `200 GET /${long.slice(0, 98)}…  1.2 ms`],
  ];
  for (const [request, line] of rows) t.equal(logOf([requestOf(request)], { isTTY: true }), `${line}\n`);
  const without = { ...describe, adviceOn: () => undefined };
  const line = '404 GET acme/images app 1  versionUnknown  1.2 ms\n';
  t.equal(logOf([requestOf(NOT_FOUND)], { isTTY: true }, 'on', without), line);
});

t.test('a terminal that shows colours gets the status in one', async (t) => {
  const rows: [Parameters<typeof requestOf>[0], color: number][] = [
    [{}, 32],
    [NOT_FOUND, 33],
    [{ status: 503 }, 31],
    [{ status: undefined }, 31],
  ];
  for (const [request, color] of rows) {
    const text = logOf([requestOf(request)], { isTTY: true, hasColors: () => true });
    t.ok(text.startsWith(`\x1b[${color}m${request?.status ?? (color === 32 ? 200 : '---')}\x1b[0m GET `), text);
    t.ok(text.endsWith('\x1b[2m1.2 ms\x1b[0m\n'), text);
  }
});

t.test('a stream that is not a terminal gets the members of the journal as JSON', async (t) => {
  const fault = { trigger: 'data', fault: { code: 500 } } as const;
  const ids = { requestId: 'r-9', traceId: 'b'.repeat(32) };
  const target = '/a\x7f\u202e?key=1';
  const text = logOf([requestOf({ ...ids, target, session: 's', status: 500, reason: 'fault', fault })], {});
  t.notMatch(text, /[\x7f\u202e]/);
  t.strictSame(JSON.parse(text), {
    level: 30,
    time: 0,
    method: 'GET',
    target,
    status: 500,
    duration: 1.235,
    key: 'developer',
    session: 's',
    fault,
    reason: 'fault',
    ...ids,
    msg: 'request',
  });
});

t.test('looking up advice takes only a part of the time', async (t) => {
  const slow = (_: string, reason: string) => {
    const end = performance.now() + 60;
    while (performance.now() < end);
    return reason;
  };
  const lines: string[] = [];
  const output = new Writable({ write: (chunk, _, done) => done(void lines.push(String(chunk))) });
  const log = createRequestLog('on', Object.assign(output, { isTTY: true }));
  // They cross the end of a second at most once.
  for (let line = 0; line < 5; line += 1) log?.(requestOf(NOT_FOUND), { ...describe, adviceOn: slow });
  t.match(lines[0], 'versionUnknown: versionUnknown  ');
  t.ok(lines.some((line) => line.includes('  versionUnknown  ')));
});

t.test('an entry that is dropped between two steps of a search does not match', async (t) => {
  const journal = makeJournal(2);
  for (const requestId of ['a', 'b']) journal.record(requestOf({ requestId }));
  const search = journal.search([{}]);
  search.next();
  for (const requestId of ['c', 'd']) journal.record(requestOf({ requestId }));
  t.strictSame(runAtOnce(search), [[1]]);
  const read = journal.read();
  for (let step = 0; step < 3; step += 1) read.next();
  for (const requestId of ['e', 'f']) journal.record(requestOf({ requestId }));
  t.strictSame(
    runAtOnce(read).entries.map(({ requestId }) => requestId),
    ['c'],
  );
});

t.test('clearing a session starts its waits again, and keeps what other waits have counted', async (t) => {
  const journal = makeJournal();
  const ofAll = journal.waitFor({}, 2, 60_000);
  const ofSession = journal.waitFor({ session: 's' }, 2, 60_000);
  journal.record(requestOf({ session: 's' }));
  journal.clear('s');
  journal.record(requestOf({ session: 's' }));
  t.equal(await ofAll, 2);
  journal.record(requestOf({ session: 's' }));
  t.equal(await ofSession, 2);
});
