import { performance } from 'node:perf_hooks';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import type { ApiError } from '../../src/api/errors.js';
import { createArmedFaults, MAX_ARMED_FAULTS, type MatchedRequest } from '../../src/faults/armed.js';
import {
  type Candidate,
  type ChosenFault,
  chooseFault,
  type Delay,
  type Fault,
  MAX_DELAY,
} from '../../src/faults/fault.js';
import { drawDelay, messageOf } from '../../src/faults/inject.js';
import { readPrefer } from '../../src/faults/prefer.js';
import { checkRule, type FaultRule } from '../../src/faults/rule.js';
import { createRandom, createSessions, MAX_SESSIONS, SESSION_LIFETIME } from '../../src/faults/sessions.js';
import { matchesGlob } from '../../src/util/text.js';

const REQUEST: MatchedRequest = {
  ref: 'acme/web/images',
  artifact: 'library/nginx',
  version: '1.25.3',
  method: 'GET',
  key: 'developer',
  session: undefined,
  headers: { 'user-agent': 'curl/8.5.0', accept: '*/*' },
};

const DOWN: FaultRule = { fault: { code: 503 } };

/** Returns the error that a function throws. */
function errorOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

t.test('in a glob, a star matches any text and everything else itself', async (t) => {
  const rows: [glob: string, text: string, matches: boolean][] = [
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['*', 'acme/web/images', true],
    ['a', 'a', true],
    ['a', 'A', false],
    ['a', 'ab', false],
    ['acme/*', 'acme/web/images', true],
    ['acme/*', 'acme', false],
    ['*/images', 'acme/web/images', true],
    ['*/images', 'acme/web/images/2', false],
    ['a*b*c', 'aXbXbXc', true],
    ['a*b*c', 'aXbXbX', false],
    ['a**c', 'abc', true],
    ['1.2?.0', '1.20.0', false],
    ['1.*.0', '1.25.0', true],
    ['[a-z]', 'a', false],
    ['.*', 'ab', false],
    ['*é*', 'café au lait', true],
    ['a*', '*', false],
    ['*', '*', true],
  ];
  for (const [glob, text, matches] of rows) t.equal(matchesGlob(glob, text), matches, `${glob} on ${text}`);
  t.equal(matchesGlob(`${'a*'.repeat(1_000)}b`, 'a'.repeat(4_000)), false, 'many stars take no exponential time');
});

t.test('a glob matches what the equivalent regular expression matches', async (t) => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '/'), maxLength: 12 });
  const property = fc.property(text, text, (glob, tried) => {
    const expression = glob.split('*').map((part) => part.replace(/\//g, '\\/'));
    return matchesGlob(glob, tried) === new RegExp(`^${expression.join('.*')}$`).test(tried);
  });
  const { failed, counterexample, seed } = fc.check(property);
  t.notOk(failed, `seed ${seed}: ${JSON.stringify(counterexample)}`);
});

t.test('a random generator repeats its numbers for the same seed', async (t) => {
  const draw = (seed: number) => {
    const random = createRandom(seed);
    return Array.from({ length: 5 }, () => random());
  };
  t.strictSame(draw(7), draw(7));
  t.notSame(draw(7), draw(8));
  t.notSame(draw(0), draw(4_294_967_295));
});

t.test('random numbers are evenly distributed from 0 to 1', async (t) => {
  const random = createRandom(1);
  const tenths = new Array<number>(10).fill(0);
  for (let drawn = 0; drawn < 100_000; drawn += 1) {
    const number = random();
    if (number < 0 || number >= 1) t.fail(`${number} is out of range`);
    const at = Math.floor(number * 10);
    tenths[at] = (tenths[at] as number) + 1;
  }
  for (const count of tenths) t.ok(count > 9_500 && count < 10_500, `${count} of 100000 in a tenth`);
});

t.test('accepts valid rules', async (t) => {
  for (const rule of [
    { fault: { code: 503 } },
    { fault: { delay: { min: 1, max: 2 }, network: 'reset' }, times: 1_000_000, percentage: 0.1 },
    { sequence: [{ code: 500 }, 'pass', { status: 'FAILURE' }], match: { ref: '*', method: 'HEAD', session: 'a b' } },
    { fault: { code: 503 }, match: { ref: 'acme/*', artifact: '+', version: 'v1/+' } },
    { fault: { code: 503, details: { a: [{ b: null }] } }, match: { artifact: 'lib\n/c++' } },
    { fault: { code: 503, retryAfter: 'Wed, 21 Oct 2026 07:28:00 GMT' } },
    {
      fault: {
        raw: { status: 200, contentType: 'text/html; charset=UTF-8', headers: { 'x-A': ' a'.trim() }, body: 'é' },
      },
    },
    { sequence: [{ raw: { status: 304 } }, { gateway: 'armor403', delay: 1 }] },
  ]) {
    t.equal(checkRule(rule), rule);
  }
});

t.test('refuses an invalid rule and names the field', async (t) => {
  const mapping = 'a fault rule, as a mapping: match, then fault or sequence, times, percentage';
  const star = '* matches any text, slashes included';
  const code = 'expected the HTTP status of an error, from 400 to 599';
  const fault = 'a fault, as a mapping with at least one of code, status, network, raw, gateway, delay';
  const step = `"pass" or ${fault}`;
  const outcomes = 'set at most one of code, status, network, raw and gateway';
  const alone = 'sequence: cannot be combined with times or percentage: each step hits one request';
  const errorParts = 'fault: message, details and retryAfter need a code';
  const times = 'expected how many requests it hits, from 1 to 1000000; unlimited unless given';
  const loop: Record<string, unknown> = {};
  loop.loop = loop;
  const rows: [unknown, string][] = [
    [undefined, `found nothing, expected ${mapping}`],
    [[], `found a list, expected ${mapping}`],
    [{}, 'set exactly one of "fault" and "sequence"'],
    [{ fault: { code: 500 }, sequence: ['pass'] }, 'set exactly one of "fault" and "sequence"'],
    [{ falt: {} }, 'falt: unknown key "falt"; did you mean "fault"?'],
    [{ fault: { code: 200 } }, `fault.code: found 200, ${code}`],
    [{ fault: {} }, `fault: found a mapping, expected ${fault}`],
    [{ fault: { code: 500, network: 'reset' } }, `fault: ${outcomes}`],
    [{ fault: { delay: 1, message: 'x' } }, errorParts],
    [{ fault: { status: 'ERROR', details: {} } }, errorParts],
    [{ fault: { network: 'reset', retryAfter: 1 } }, errorParts],
    [{ fault: { delay: { min: 2, max: 1 } } }, 'fault: the min of delay is above its max'],
    [{ fault: { raw: { status: 503 }, gateway: 'badGateway' } }, `fault: ${outcomes}`],
    [{ fault: { raw: { status: 199 } } }, 'fault.raw.status: found 199, expected the HTTP status, from 200 to 599'],
    [{ fault: { raw: { status: 600 } } }, 'fault.raw.status: found 600, expected the HTTP status, from 200 to 599'],
    [{ fault: { raw: {} } }, 'fault.raw.status: missing key "status"; expected the HTTP status, from 200 to 599'],
    [{ fault: { raw: { status: 500, boddy: '' } } }, 'fault.raw.boddy: unknown key "boddy"; did you mean "body"?'],
    [{ fault: { raw: { status: 204, body: 'x' } } }, 'fault.raw.body: a 204 has no body; remove it'],
    [{ fault: { raw: { status: 205, body: 'x' } } }, 'fault.raw.body: a 205 has no body; remove it'],
    [{ fault: { raw: { status: 304, body: 'x' } } }, 'fault.raw.body: a 304 has no body; remove it'],
    [
      { fault: { raw: { status: 500, headers: JSON.parse('{"__proto__":"a"}') } } },
      'fault.raw.headers.__proto__: is not the name of a header: up to 256 letters, digits and -',
    ],
    [
      { fault: { raw: { status: 500, headers: { 'x-a': '1', 'X-A': '2' } } } },
      'fault.raw.headers.x-a: is there twice; remove one',
    ],
    [
      { fault: { raw: { status: 500, contentType: 'html' } } },
      'fault.raw.contentType: found "html", expected the media type; text/plain; charset=utf-8 unless given',
    ],
    [
      { fault: { raw: { status: 500, body: 'x'.repeat(65_537) } } },
      `fault.raw.body: found "${'x'.repeat(58)}…, expected the body, a string of up to 65536 characters`,
    ],
    [
      { fault: { raw: { status: 500, body: '\ud800' } } },
      'fault.raw.body: contains half of a surrogate pair, which UTF-8 cannot encode',
    ],
    [
      { fault: { raw: { status: 500, headers: { 'x-a': 'a\r\nb: c' } } } },
      'fault.raw.headers.x-a: found "a\\r\\nb: c", expected the value of a header, up to 1024 printable ASCII characters',
    ],
    [
      { fault: { raw: { status: 500, headers: { 'a b': '' } } } },
      'fault.raw.headers.a b: is not the name of a header: up to 256 letters, digits and -',
    ],
    [
      { fault: { raw: { status: 500, headers: { 'Content-Type': 'text/html' } } } },
      'fault.raw.headers.Content-Type: set contentType instead',
    ],
    ...[
      'Content-Length',
      'transfer-encoding',
      'CONNECTION',
      'keep-alive',
      'te',
      'trailer',
      'upgrade',
      'X-Request-Id',
    ].map((name): [unknown, string] => [
      { fault: { raw: { status: 500, headers: { [name]: '1' } } } },
      `fault.raw.headers.${name}: is set by the server; remove it`,
    ]),
    [
      { fault: { gateway: 'invalidTokn' } },
      'fault.gateway: found "invalidTokn", expected one of invalidToken, expiredToken, accessDenied, armor403, armor429, loginPage, loginPage200, badGateway200, badGateway; did you mean "invalidToken"?',
    ],
    [
      { fault: { code: 503, retryAfter: 'tomorrow' } },
      'fault.retryAfter: found "tomorrow", expected the Retry-After of the error: whole seconds up to 86400, or a date such as Wed, 21 Oct 2026 07:28:00 GMT',
    ],
    [
      { fault: { code: 503, retryAfter: 'Wed, 31 Feb 2026 07:28:00 GMT' } },
      'fault.retryAfter: found "Wed, 31 Feb 2026 07:28:00 GMT", which is not a date; check the day of the week',
    ],
    [
      { fault: { code: 500, message: '\ud800' } },
      'fault.message: contains half of a surrogate pair, which UTF-8 cannot encode',
    ],
    [
      { fault: { code: 500, details: { a: [Number.NaN] } } },
      'fault.details.a[0]: found NaN, expected a number that JSON holds exactly; put it in quotes',
    ],
    [
      { sequence: ['pass', { code: 500, details: { a: () => 1 } }] },
      'sequence[1].details.a: found [Function: a], expected a JSON value',
    ],
    [{ sequence: [{ code: 500, details: { a: 1n } }] }, 'sequence[0].details.a: found 1n, expected a JSON value'],
    [
      { fault: { code: 500 }, match: { version: '\udfff' } },
      'match.version: contains half of a surrogate pair, which UTF-8 cannot encode',
    ],
    [{ fault: { code: 500, details: loop } }, 'fault.details: is nested deeper than 100, or refers to itself'],
    [
      { sequence: [] },
      'sequence: found a list, expected a list of 1 to 1000 faults, one per request; "pass" is no fault',
    ],
    [{ sequence: ['pass'], times: 1 }, alone],
    [{ sequence: ['pass'], percentage: 1 }, alone],
    [{ sequence: ['pass', { code: 500, status: 'ERROR' }] }, `sequence[1]: ${outcomes}`],
    [{ sequence: [500, 500, 'pass'] }, `sequence[0]: found 500, expected ${step}`],
    [{ sequence: ['pass', 'pas'] }, `sequence[1]: found "pas", expected ${step}; did you mean "pass"?`],
    [{ sequence: [null] }, `sequence[0]: found null, expected ${step}`],
    [{ sequence: [{}] }, `sequence[0]: found a mapping, expected ${step}`],
    [{ sequence: [{ cod: 1 }] }, 'sequence[0].cod: unknown key "cod"; did you mean "code"?'],
    [{ sequence: [{ code: 500 }, { code: 1 }] }, `sequence[1].code: found 1, ${code}`],
    [{ fault: { code: 500 }, times: 0 }, `times: found 0, ${times}`],
    [
      { fault: { code: 500 }, percentage: 0 },
      'percentage: found 0, expected percentage of requests, above 0 up to 100',
    ],
    [{ fault: { code: 500 }, match: { method: 'POST' } }, 'match.method: found "POST", expected one of GET, HEAD'],
    [
      { fault: { code: 500 }, match: { session: 'a,b' } },
      'match.session: found "a,b", expected the name of a session, 1 to 100 printable ASCII characters without a comma',
    ],
    [
      { fault: { code: 500 }, match: { ref: 7 } },
      `match.ref: found 7, expected a glob of up to 256 characters over the registry_ref, decoded, without the marker /+; ${star}; put it in quotes`,
    ],
    [
      { fault: { code: 500 }, match: { ref: 'acme/*/+' } },
      `match.ref: found "acme/*/+", expected a glob of up to 256 characters over the registry_ref, decoded, without the marker /+; ${star}`,
    ],
    [
      { fault: { code: 500 }, match: { artifact: 'library/nginx/+' } },
      `match.artifact: found "library/nginx/+", expected a glob of up to 256 characters over the artifact's name, decoded, without the marker /+; ${star}`,
    ],
    [
      { fault: { code: 500 }, match: { version: '' } },
      `match.version: found "", expected a glob of up to 256 characters over the version's name, decoded; ${star}`,
    ],
    [
      { fault: { code: 500 }, match: { registry: '*' } },
      'match.registry: unknown key "registry"; expected one of ref, artifact, version, key, session, headers, method',
    ],
    [
      { fault: { code: 500 }, match: { headers: { cookie: '*' } } },
      'match.headers.cookie: unknown key "cookie"; expected one of user-agent, accept, content-type, traceparent, x-request-id, harness-account',
    ],
    [
      { fault: { code: 500 }, match: { headers: { 'User-Agent': '*' } } },
      'match.headers.User-Agent: unknown key "User-Agent"; did you mean "user-agent"?',
    ],
    [
      { fault: { code: 500 }, match: { headers: { accept: '' } } },
      `match.headers.accept: found "", expected a glob of up to 256 characters over the header accept; ${star}`,
    ],
  ];
  for (const [rule, message] of rows) {
    t.equal((errorOf(() => checkRule(rule)) as Error).message, message);
  }
});

/** Uses up the next step that matches, as a request does when there is only one rule; returns it. */
function hit(faults: ReturnType<typeof createArmedFaults>, random = Math.random): Fault | 'pass' | undefined {
  const [step] = faults.steps(REQUEST, random);
  step?.use?.();
  return step?.fault;
}

t.test('a rule matches by globs, key, session and method', async (t) => {
  const rows: [FaultRule['match'], boolean][] = [
    [undefined, true],
    [{}, true],
    [{ ref: 'acme/*' }, true],
    [{ ref: 'acme' }, false],
    [{ artifact: '*nginx' }, true],
    [{ artifact: 'nginx' }, false],
    [{ version: '1.*' }, true],
    [{ version: '2.*' }, false],
    [{ key: 'developer' }, true],
    [{ key: 'dev*' }, false],
    [{ method: 'GET' }, true],
    [{ method: 'HEAD' }, false],
    [{ session: 's' }, false],
    [{ headers: {} }, true],
    [{ headers: { 'user-agent': 'curl/*' } }, true],
    [{ headers: { 'user-agent': 'curl/*', accept: '*json*' } }, false],
    [{ headers: { 'harness-account': '*' } }, false],
    [{ ref: 'acme/*', artifact: '*', version: '1.25.3', key: 'developer', method: 'GET' }, true],
    [{ ref: 'acme/*', artifact: '*', version: '1.25.4', key: 'developer', method: 'GET' }, false],
  ];
  for (const [match, matches] of rows) {
    const faults = createArmedFaults();
    faults.arm({ ...(match && { match }), ...DOWN });
    t.strictSame(hit(faults), matches ? DOWN.fault : undefined, JSON.stringify(match));
    t.equal(faults.list()[0]?.hits, matches ? 1 : 0);
  }
  const faults = createArmedFaults();
  faults.arm({ match: { session: 's' }, ...DOWN });
  t.equal([...faults.steps({ ...REQUEST, session: 's' }, undefined)].length, 1);
});

t.test('yields the steps of all matching rules in the order of arming, and skips rules that are used up', async (t) => {
  const faults = createArmedFaults();
  faults.arm({ match: { version: '2' }, fault: { code: 500 } });
  faults.arm({ fault: { code: 502 }, times: 2 });
  faults.arm(DOWN);
  const yielded = () => [...faults.steps(REQUEST, Math.random)].map(({ id, fault }) => [id, (fault as Fault).code]);
  t.strictSame(yielded(), [
    [2, 502],
    [3, 503],
  ]);
  t.strictSame(
    faults.list().map(({ hits, left }) => [hits, left]),
    [
      [0, undefined],
      [0, 2],
      [0, undefined],
    ],
    'a step that is only looked at does not count',
  );
  t.strictSame([hit(faults), hit(faults), hit(faults)], [{ code: 502 }, { code: 502 }, { code: 503 }]);
  t.strictSame(yielded(), [[3, 503]]);
  t.strictSame(
    faults.list().map(({ hits, left }) => [hits, left]),
    [
      [0, undefined],
      [2, 0],
      [1, undefined],
    ],
  );
});

t.test('each step of a sequence hits one request, and a pass is a hit', async (t) => {
  const faults = createArmedFaults();
  const sequence: FaultRule['sequence'] = [{ code: 500 }, 'pass', { network: 'reset' }];
  t.strictSame(faults.arm({ sequence }), { id: 1, sequence, hits: 0, left: 3 });
  t.strictSame(
    [1, 2, 3, 4].map(() => hit(faults)),
    [{ code: 500 }, 'pass', { network: 'reset' }, undefined],
  );
  t.strictSame(faults.list(), [{ id: 1, sequence, hits: 3, left: 0 }]);
});

t.test('a percentage is drawn from the generator; without one it always hits', async (t) => {
  const draw = (percentage: number, seed: number) => {
    const faults = createArmedFaults();
    faults.arm({ ...DOWN, percentage });
    const random = createRandom(seed);
    return Array.from({ length: 1_000 }, () => hit(faults, random) !== undefined);
  };
  const count = (drawn: boolean[]) => drawn.filter(Boolean).length;
  t.strictSame(draw(30, 1), draw(30, 1));
  t.notSame(draw(30, 1), draw(30, 2));
  t.ok(Math.abs(count(draw(30, 1)) - 300) < 50, `${count(draw(30, 1))} of 1000`);
  t.equal(count(draw(100, 1)), 1_000);

  const faults = createArmedFaults();
  faults.arm({ ...DOWN, percentage: 50, times: 3 });
  faults.arm({ fault: { code: 500 } });
  const codes = (random?: () => number) => [...faults.steps(REQUEST, random)].map(({ fault }) => (fault as Fault).code);
  t.strictSame(
    codes(() => 0.5),
    [500],
    'a percentage that is not drawn lets the next rule match',
  );
  t.strictSame(
    codes(() => 0.499),
    [503, 500],
  );
  t.strictSame(codes(undefined), [503, 500]);
});

t.test('lists, disarms and clears the faults of all sessions or of one', async (t) => {
  const faults = createArmedFaults();
  faults.arm(DOWN);
  faults.arm({ match: { session: 'a' }, ...DOWN });
  faults.arm({ match: { session: 'b' }, ...DOWN });
  const ids = (session?: string) => faults.list(session).map(({ id }) => id);
  t.strictSame([ids(), ids('a'), ids('c')], [[1, 2, 3], [2], []]);
  t.equal(faults.size, 3);
  t.equal(faults.disarm(1, 'a'), false, 'belongs to no session');
  t.equal(faults.disarm(4), false);
  t.equal(faults.disarm(1), true);
  t.strictSame(ids(), [2, 3]);
  faults.clear('a');
  t.strictSame(ids(), [3]);
  faults.clear();
  t.strictSame(ids(), []);
  t.equal(faults.size, 0);
  t.equal(faults.arm(DOWN).id, 4, 'ids are not used twice');
});

t.test('copies rules that come in and go out', async (t) => {
  const faults = createArmedFaults();
  const rule: FaultRule = { fault: { code: 503, details: { a: 1 } } };
  const armed = faults.arm(rule);
  armed.hits = 7;
  (faults.list()[0] as { hits: number }).hits = 8;
  (rule.fault as Fault).code = 500;
  t.strictSame(faults.list(), [{ id: 1, fault: { code: 503, details: { a: 1 } }, hits: 0 }]);
});

t.test('the number of armed faults is limited', async (t) => {
  const faults = createArmedFaults();
  for (let index = 0; index < MAX_ARMED_FAULTS; index += 1) faults.arm(DOWN);
  t.throws(() => faults.arm(DOWN), { message: 'limit of 1000 armed faults reached; disarm some or reset' });
});

const prefer = (fault: Fault): Candidate => ({ trigger: 'prefer', fault });
const armed = (id: number, fault: Fault | 'pass'): Candidate => ({ trigger: 'armed', id, fault });
const data = (fault: Fault): Candidate => ({ trigger: 'data', fault });

/** Candidates, whether a version was found, what is chosen, and the positions of the used candidates. */
const CHOICES: Record<
  string,
  [candidates: Candidate[], isFound: boolean, chosen: ChosenFault | undefined, used: number[]]
> = {
  'nothing without candidates': [[], true, undefined, []],
  'the first outcome, and no later one is used': [
    [armed(1, { code: 503 }), armed(2, { code: 500 }), data({ network: 'reset' })],
    true,
    { trigger: 'armed', id: 1, fault: { code: 503 }, delays: [] },
    [0],
  ],
  'the outcome of the Prefer header before armed faults': [
    [prefer({ code: 400 }), armed(1, { code: 503 }), armed(2, 'pass')],
    true,
    { trigger: 'prefer', fault: { code: 400 }, delays: [] },
    [0],
  ],
  'a delay and the outcome after it': [
    [armed(1, { delay: 20 }), armed(2, { code: 503 })],
    true,
    { trigger: 'armed', id: 2, fault: { code: 503 }, delays: [20] },
    [0, 1],
  ],
  'an outcome and the delays after it': [
    [armed(1, { code: 503, delay: 1 }), armed(2, { delay: { min: 2, max: 3 } }), data({ delay: 4 })],
    true,
    { trigger: 'armed', id: 1, fault: { code: 503, delay: 1 }, delays: [1, { min: 2, max: 3 }, 4] },
    [0, 1, 2],
  ],
  'all delays, as the first of them': [
    [prefer({ delay: 20 }), armed(7, { delay: 5 }), data({ delay: 1 })],
    true,
    { trigger: 'prefer', fault: { delay: 20 }, delays: [20, 5, 1] },
    [0, 1, 2],
  ],
  'no other delay of an outcome that does not happen': [
    [prefer({ code: 400, delay: 1 }), armed(1, { code: 503, delay: 2 })],
    true,
    { trigger: 'prefer', fault: { code: 400, delay: 1 }, delays: [1] },
    [0],
  ],
  'nothing after a pass': [[armed(1, 'pass'), armed(2, { code: 503 })], true, undefined, [0]],
  'delays and the fault of the data after a pass': [
    [armed(1, 'pass'), armed(2, { delay: 3 }), armed(3, { code: 500 }), data({ code: 503 })],
    true,
    { trigger: 'data', fault: { code: 503 }, delays: [3] },
    [0, 1, 3],
  ],
  'no fault that needs a version where there is none': [
    [prefer({ status: 'ERROR', delay: 1 }), armed(1, { network: 'truncated' }), armed(2, { network: 'empty' })],
    false,
    { trigger: 'armed', id: 2, fault: { network: 'empty' }, delays: [] },
    [2],
  ],
};

for (const [name, [candidates, isFound, expected, expectedUsed]] of Object.entries(CHOICES)) {
  t.test(`chooses ${name}`, async (t) => {
    const used: number[] = [];
    const chosen = chooseFault(
      candidates.map((candidate, index) => ({ ...candidate, use: () => used.push(index) })),
      isFound,
    );
    t.strictSame(chosen, expected);
    t.strictSame(used, expectedUsed);
  });
}

t.test('reads the fault in a Prefer header', async (t) => {
  const rows: [header: string, fault: Fault | undefined, applied?: string][] = [
    ['code=503', { code: 503 }, 'code=503'],
    ['Code = "503"', { code: 503 }, 'code=503'],
    ['delay=250,code=404', { delay: 250, code: 404 }, 'delay=250, code=404'],
    ['code=429, retry-after=2', { code: 429, retryAfter: 2 }, 'code=429, retry-after=2'],
    [
      'code=503, retry-after="Wed, 21 Oct 2026 07:28:00 GMT"',
      { code: 503, retryAfter: 'Wed, 21 Oct 2026 07:28:00 GMT' },
      'code=503, retry-after="Wed, 21 Oct 2026 07:28:00 GMT"',
    ],
    ['gateway=armor429, delay=5', { gateway: 'armor429', delay: 5 }, 'gateway=armor429, delay=5'],
    ['raw=503', undefined],
    ['delay=100-500', { delay: { min: 100, max: 500 } }, 'delay=100-500'],
    ['delay=7-7; x', { delay: 7 }, 'delay=7-7'],
    ['fault=reset', { network: 'reset' }, 'fault=reset'],
    ['status=ERROR', { status: 'ERROR' }, 'status=ERROR'],
    ['respond-async, wait=10', undefined],
    ['__proto__=1, toString=2', undefined],
    ['', undefined],
    [',,=,', undefined],
    ['wait=10, code=500', { code: 500 }, 'code=500'],
    ['code=503, code=500', { code: 503 }, 'code=503'],
    ['note="a, code=503"', undefined],
    ['note="a,code=503, b", code=404', { code: 404 }, 'code=404'],
    ['code=503, note="', { code: 503 }, 'code=503'],
  ];
  for (const [header, fault, applied] of rows) {
    t.strictSame(readPrefer(header), fault && { fault, applied }, header);
  }
});

t.test('says what is wrong with a Prefer header', async (t) => {
  const code = 'expected the HTTP status of an error, from 400 to 599';
  const delay =
    'expected milliseconds up to 600000, or {min, max} (100-500 in Prefer), or {median, sigma} for a log-normal delay';
  const retryAfter =
    'expected the Retry-After of the error: whole seconds up to 86400, or a date such as Wed, 21 Oct 2026 07:28:00 GMT';
  const gateways =
    'expected one of invalidToken, expiredToken, accessDenied, armor403, armor429, loginPage, loginPage200, badGateway200, badGateway';
  const rows: [header: string, value: string, reason: string][] = [
    ['code=200', 'code=200', code],
    ['code=', 'code=', code],
    ['code=5e2', 'code=5e2', code],
    ['delay=600001', 'delay=600001', delay],
    ['delay=1-2-3', 'delay=1-2-3', delay],
    ['delay=1-', 'delay=1-', delay],
    ['delay=-1', 'delay=-1', delay],
    ['fault=rest', 'fault=rest', 'expected one of reset, empty, truncated, garbage, stall; did you mean "reset"?'],
    ['status=SUCCESS', 'status=SUCCESS', 'expected one of FAILURE, ERROR'],
    ['code=429, retry-after=86401', 'retry-after=86401', retryAfter],
    ['retry-after=1', 'retry-after=1', 'message, details and retryAfter need a code'],
    ['delay=2-1', 'delay=2-1', 'the min of delay is above its max'],
    ['code=500, fault=reset', 'code=500, fault=reset', 'set at most one of code, status, network, raw and gateway'],
    ['gateway=invalidTokn', 'gateway=invalidTokn', `${gateways}; did you mean "invalidToken"?`],
    [
      'gateway=badGateway, code=502',
      'gateway=badGateway, code=502',
      'set at most one of code, status, network, raw and gateway',
    ],
    ['code=503, retry-after=soon', 'retry-after=soon', retryAfter],
    [
      'code=503, retry-after="Mon, 21 Oct 2026 07:28:00 GMT"',
      'code=503, retry-after="Mon, 21 Oct 2026 07:28:00 GMT"',
      'found "Mon, 21 Oct 2026 07:28:00 GMT", which is not a date; check the day of the week',
    ],
    ['raw=1, code=1', 'code=1', code],
  ];
  for (const [header, value, reason] of rows) {
    const { envelope } = errorOf(() => readPrefer(header)) as ApiError;
    const details = { field: 'Prefer', value, reason };
    t.strictSame(envelope, { code: '400', message: 'invalid parameter', details }, header);
  }
});

t.test('draws a delay', async (t) => {
  const rows: [Delay, random: number, expected: number][] = [
    [250, 0.5, 250],
    [{ min: 100, max: 500 }, 0, 100],
    [{ min: 100, max: 500 }, 0.5, 300],
    [{ min: 100, max: 500 }, 1 - Number.EPSILON, 500],
    [{ median: 100, sigma: 0 }, 0.5, 100],
    [{ median: 100, sigma: 1 }, 0, 100],
    [{ median: MAX_DELAY, sigma: 5 }, 1 - Number.EPSILON, MAX_DELAY],
  ];
  for (const [delay, random, expected] of rows) {
    t.equal(
      drawDelay(delay, () => random),
      expected,
      JSON.stringify([delay, random]),
    );
  }
});

t.test('a log-normal delay has its median and a long tail', async (t) => {
  const random = createRandom(1);
  const drawn = Array.from({ length: 10_001 }, () => drawDelay({ median: 1000, sigma: 0.5 }, random)).sort(
    (a, b) => a - b,
  );
  const median = drawn[5000] as number;
  t.ok(Math.abs(median - 1000) < 50, String(median));
  t.ok((drawn[9900] as number) > 2500, `99 % are at most ${drawn[9900]}`);
});

t.test('an error without a message has that of the vendor, or its status in words', async (t) => {
  const rows: [code: number, message: string][] = [
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'Not Found'],
    [500, 'Internal server error'],
    [503, 'Service Unavailable'],
    [599, 'Fault'],
  ];
  for (const [code, message] of rows) t.equal(messageOf(code), message);
});

/** Creates sessions with a clock that the test sets; collects the names of expired ones. */
function makeSessions(t: Test, seed = 1) {
  const clock = { now: 0 };
  t.intercept(performance, 'now', { value: () => clock.now });
  const expired: string[] = [];
  return { clock, expired, sessions: createSessions(seed, (name) => expired.push(name)) };
}

t.test('a name has one session; requests without a name share one', async (t) => {
  const { sessions } = makeSessions(t);
  t.equal(sessions.enter('a'), sessions.enter('a'));
  t.not(sessions.enter('a'), sessions.enter('b'));
  t.equal(sessions.enter(undefined), sessions.enter(undefined));
});

t.test('each session has its own generator with the same seed', async (t) => {
  const { sessions } = makeSessions(t, 5);
  const draw = (name?: string) => [sessions.enter(name)(), sessions.enter(name)()];
  const first = draw();
  t.strictSame(draw('a'), first);
  t.strictSame(draw('b'), first);
  t.notSame(draw('a'), first);

  sessions.reset('a');
  t.strictSame(draw('a'), first);
  t.notSame(draw('b'), first, 'other sessions continue');
  sessions.reset();
  for (const name of [undefined, 'a', 'b']) t.strictSame(draw(name), first);
});

t.test('a session expires some time after its last request', async (t) => {
  const { clock, expired, sessions } = makeSessions(t);
  sessions.enter('old');
  const kept = sessions.enter('kept');
  clock.now = SESSION_LIFETIME - 1;
  t.equal(sessions.enter('kept'), kept);
  t.strictSame(expired, []);
  clock.now = SESSION_LIFETIME;
  t.equal(sessions.enter('kept'), kept);
  t.strictSame(expired, ['old']);
});

t.test('a session survives a change of the time of day', async (t) => {
  const expired: string[] = [];
  const sessions = createSessions(1, (name) => expired.push(name));
  const session = sessions.enter('a');
  t.intercept(Date, 'now', { value: () => 1e15 });
  t.equal(sessions.enter('a'), session);
  t.strictSame(expired, []);
});

t.test('the number of sessions is limited, and an expired one makes room', async (t) => {
  const { clock, expired, sessions } = makeSessions(t);
  for (let index = 0; index < MAX_SESSIONS; index += 1) sessions.enter(`s${index}`);
  clock.now = 1;
  const known = sessions.enter('s0');
  t.throws(() => sessions.enter('one more'), {
    message: 'limit of 1000 sessions reached; a session ends 15 minutes after its last request',
  });
  clock.now = SESSION_LIFETIME;
  t.equal(sessions.enter('s0'), known, 'a known session is entered');
  sessions.enter('one more');
  t.equal(expired.length, MAX_SESSIONS - 1);
  t.notOk(expired.includes('s0'));
});
