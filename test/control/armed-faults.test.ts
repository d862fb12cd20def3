import t from 'tap';
import { createArmedFaults, type FaultRequest, MOST_ARMED_FAULTS } from '../../src/control/armed-faults.js';
import type { Instruction } from '../../src/control/instruction.js';
import { createRandom } from '../../src/random.js';

const REQUEST: FaultRequest = {
  ref: 'acme/web/images',
  artifact: 'library/nginx',
  version: '1.25.3',
  method: 'GET',
  key: 'developer',
  session: undefined,
};

const DOWN: Instruction = { fault: { code: 503 } };

t.test('matches by globs, key, session and method', async (t) => {
  const rows: [Instruction['match'], boolean][] = [
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
    [{ ref: 'acme/*', artifact: '*', version: '1.25.3', key: 'developer', method: 'GET' }, true],
    [{ ref: 'acme/*', artifact: '*', version: '1.25.4', key: 'developer', method: 'GET' }, false],
  ];
  for (const [match, hits] of rows) {
    const faults = createArmedFaults();
    faults.arm({ ...(match && { match }), ...DOWN });
    const picked = faults.pick(REQUEST, Math.random);
    t.strictSame(picked, hits ? { id: 1, fault: { code: 503 } } : undefined, JSON.stringify(match));
    t.equal(faults.list()[0]?.hits, hits ? 1 : 0);
  }
  const faults = createArmedFaults();
  faults.arm({ match: { session: 's' }, ...DOWN });
  t.ok(faults.pick({ ...REQUEST, session: 's' }, Math.random));
});

t.test('the first that matches and is not spent wins', async (t) => {
  const faults = createArmedFaults();
  faults.arm({ match: { version: '2' }, fault: { code: 500 } });
  faults.arm({ fault: { code: 502 }, times: 2 });
  faults.arm(DOWN);
  const pick = () => faults.pick(REQUEST, Math.random)?.fault.code;
  t.strictSame([pick(), pick(), pick(), pick()], [502, 502, 503, 503]);
  t.match(faults.list(), [
    { id: 1, hits: 0 },
    { id: 2, hits: 2, left: 0 },
    { id: 3, hits: 2 },
  ]);
});

t.test('a sequence hits one request a step, and lets some pass', async (t) => {
  const faults = createArmedFaults();
  const sequence: Instruction['sequence'] = [{ code: 500 }, 'pass', { network: 'reset' }];
  t.strictSame(faults.arm({ sequence }), { id: 1, sequence, hits: 0, left: 3 });
  const picked = [1, 2, 3, 4].map(() => faults.pick(REQUEST, Math.random));
  t.strictSame(picked, [{ id: 1, fault: { code: 500 } }, undefined, { id: 1, fault: { network: 'reset' } }, undefined]);
  t.strictSame(faults.list(), [{ id: 1, sequence, hits: 3, left: 0 }]);
});

t.test('a look ahead takes nothing', async (t) => {
  const faults = createArmedFaults();
  faults.arm({ match: { version: '1.25.3' }, sequence: [{ code: 500 }, 'pass'] });
  for (let looked = 0; looked < 2; looked += 1) t.strictSame(faults.peek(REQUEST), { id: 1, fault: { code: 500 } });
  t.equal(faults.peek({ ...REQUEST, version: '2' }), undefined);
  t.strictSame(faults.pick(REQUEST, Math.random), { id: 1, fault: { code: 500 } });
  t.equal(faults.peek(REQUEST), undefined);
  t.match(faults.list(), [{ hits: 1 }]);
});

t.test('a percentage is drawn from the generator', async (t) => {
  const hits = (percentage: number, seed: number) => {
    const faults = createArmedFaults();
    faults.arm({ ...DOWN, percentage });
    const random = createRandom(seed);
    return Array.from({ length: 1_000 }, () => (faults.pick(REQUEST, random) ? 1 : 0));
  };
  const count = (drawn: number[]) => drawn.filter((hit) => hit === 1).length;
  t.strictSame(hits(30, 1), hits(30, 1));
  t.notSame(hits(30, 1), hits(30, 2));
  t.ok(Math.abs(count(hits(30, 1)) - 300) < 50, `${count(hits(30, 1))} of 1000`);
  t.equal(count(hits(100, 1)), 1_000);

  const faults = createArmedFaults();
  faults.arm({ ...DOWN, percentage: 50, times: 3 });
  const random = createRandom(1);
  for (let asked = 0; asked < 100; asked += 1) faults.pick(REQUEST, random);
  t.match(faults.list(), [{ hits: 3, left: 0 }]);
});

t.test('is listed, disarmed and cleared, of all or of one session', async (t) => {
  const faults = createArmedFaults();
  faults.arm(DOWN);
  faults.arm({ match: { session: 'a' }, ...DOWN });
  faults.arm({ match: { session: 'b' }, ...DOWN });
  const ids = (session?: string) => faults.list(session).map(({ id }) => id);
  t.strictSame([ids(), ids('a'), ids('c')], [[1, 2, 3], [2], []]);
  t.equal(faults.disarm(1, 'a'), false, 'it is not of the session');
  t.equal(faults.disarm(4), false);
  t.equal(faults.disarm(1), true);
  t.strictSame(ids(), [2, 3]);
  faults.clear('a');
  t.strictSame(ids(), [3]);
  faults.clear();
  t.strictSame(ids(), []);
  t.equal(faults.arm(DOWN).id, 4, 'no id is given twice');
});

t.test('what is handed out or in is a copy', async (t) => {
  const faults = createArmedFaults();
  const instruction: Instruction = { fault: { code: 503, details: { a: 1 } } };
  const armed = faults.arm(instruction);
  armed.hits = 7;
  (faults.list()[0] as { hits: number }).hits = 8;
  (instruction.fault as { code: number }).code = 500;
  t.strictSame(faults.list(), [{ id: 1, fault: { code: 503, details: { a: 1 } }, hits: 0 }]);
});

t.test('there are never more than so many', async (t) => {
  const faults = createArmedFaults();
  for (let index = 0; index < MOST_ARMED_FAULTS; index += 1) faults.arm(DOWN);
  t.throws(() => faults.arm(DOWN), {
    message: 'there are 1000 armed faults already, and no more are held: disarm some, or reset',
  });
});
