import t from 'tap';
import { createArmedFaults } from '../../src/control/armed-faults.js';
import { type Expectations, verify } from '../../src/control/verify.js';
import { exchangeOf, makeJournal } from './support.js';

/** A tester with two requests of 200 and one of 404 in the journal, the last one of a session. */
function make() {
  const journal = makeJournal({ entries: 3 });
  journal.record(exchangeOf());
  journal.record(exchangeOf());
  journal.record(exchangeOf({ status: 404, session: 's' }));
  return { journal, faults: createArmedFaults() };
}

t.test('the expected requests must have come', async (t) => {
  const rows: [NonNullable<Expectations['requests']>[number], string?][] = [
    [{}],
    [{ match: { status: 200 }, count: 2 }],
    [{ match: { status: 200 }, atLeast: 2 }],
    [{ match: { status: 200 }, atMost: 2 }],
    [{ match: { status: 500 }, count: 0 }],
    [{ match: { status: 500 }, atMost: 1 }],
    [{ atLeast: 1, atMost: 3 }],
    [{ atLeast: 3, atMost: 3 }],
    [{ match: { status: 500 } }, '0 came with status 500, expected at least 1'],
    [{ match: { status: 200 }, count: 3 }, '2 came with status 200, expected 3'],
    [{ count: 0 }, '3 came of any kind, expected 0'],
    [
      { match: { status: 200, key: 'developer' }, atMost: 1 },
      '2 came with status 200, key developer, expected at most 1',
    ],
    [{ atLeast: 4, atMost: 5 }, '3 came of any kind, expected at least 4'],
  ];
  for (const [expectation, problem] of rows) {
    const expected = problem === undefined ? [] : [`requests[0]: ${problem}`];
    t.strictSame(verify({ requests: [expectation] }, make()), expected, JSON.stringify(expectation));
  }
});

t.test('every armed fault must have been hit', async (t) => {
  const tester = make();
  t.strictSame(verify({}, tester), []);
  tester.faults.arm({ fault: { code: 503 } });
  tester.faults.arm({ match: { artifact: 'app', session: 's' }, fault: { code: 500 } });
  t.strictSame(verify({}, tester), [
    'armed fault 1 was never hit; it waits for requests of any kind',
    'armed fault 2 was never hit; it waits for requests with artifact app, session s',
  ]);
  const asked = { ref: 'r', artifact: 'app', version: '1', method: 'GET', key: undefined, session: undefined };
  tester.faults.pick(asked, Math.random);
  t.equal(verify({}, tester).length, 1);
});

t.test('a session is asked about its own', async (t) => {
  const tester = make();
  tester.faults.arm({ fault: { code: 503 } });
  t.strictSame(verify({ requests: [{ count: 1 }] }, tester, 's'), []);
  t.strictSame(verify({ requests: [{ count: 1 }, { count: 0 }] }, tester, 'other'), [
    'requests[0]: 0 came of any kind, expected 1',
  ]);
});

t.test('says when the journal was too small to know', async (t) => {
  const tester = make();
  tester.journal.record(exchangeOf());
  t.strictSame(verify({ requests: [{ count: 4 }] }, tester), [
    'requests[0]: 3 came of any kind, expected 4; older entries have been dropped (1); --journal-entries and --journal-bytes keep more',
  ]);
  t.strictSame(
    verify({ requests: [{ atMost: 2 }] }, tester),
    ['requests[0]: 3 came of any kind, expected at most 2'],
    'more entries would not make it less',
  );
});

t.test('says when the journal is off', async (t) => {
  const tester = { ...make(), journal: makeJournal({ entries: 0 }) };
  tester.journal.record(exchangeOf());
  t.strictSame(verify({ requests: [{}, { count: 0 }] }, tester), [
    'requests[0]: 0 came of any kind, expected at least 1; the journal is off: start with --journal-entries above 0',
  ]);
});

t.test('refuses what is no expectation', async (t) => {
  const rows: [unknown, string][] = [
    [[], 'found a list, expected a mapping with the key requests'],
    [{ request: [] }, 'request: unknown key "request"; did you mean "requests"?'],
    [{ requests: [{ count: -1 }] }, 'requests[0].count: found -1, expected how many there must be, a whole number'],
    [{ requests: [{ count: 1, atMost: 2 }] }, 'requests[0].count: goes without atLeast and atMost'],
    [{ requests: [{}, { atLeast: 3, atMost: 1 }] }, 'requests[1].atMost: found 1, expected no less than atLeast, 3'],
    [
      { requests: [{ match: { ref: 'acme/images/+' } }] },
      'requests[0].match.ref: found "acme/images/+", expected a glob over the registry_ref, decoded, the marker /+ left out; * stands for any text, slashes included',
    ],
    [{ requests: [{ match: { sinse: 1 } }] }, 'requests[0].match.sinse: unknown key "sinse"; did you mean "since"?'],
  ];
  for (const [value, message] of rows) t.throws(() => verify(value as Expectations, make()), { message });
});
