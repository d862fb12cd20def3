import t from 'tap';
import type { InjectedFault } from '../../src/control/exchange.js';
import type { Fault } from '../../src/faults/fault.js';
import { chooseFault } from '../../src/http/choose-fault.js';

const prefer = (fault: Fault): InjectedFault => ({ trigger: 'prefer', fault });
const armed = (fault: Fault): InjectedFault => ({ trigger: 'armed', id: 1, fault });
const data = (fault: Fault): InjectedFault => ({ trigger: 'data', fault });

const ROWS: Record<string, [set: (InjectedFault | undefined)[], chosen: InjectedFault | undefined, asked: number]> = {
  'none where none is set off': [[undefined, undefined], undefined, 2],
  'the first that is set off, and no other is asked for': [
    [undefined, armed({ code: 503 }), data({ network: 'reset' })],
    armed({ code: 503 }),
    2,
  ],
  'a delay alone goes with the next': [
    [prefer({ delay: 20 }), undefined, data({ code: 503 })],
    data({ code: 503, delay: 20 }),
    3,
  ],
  'the first delay counts': [
    [prefer({ delay: 20 }), armed({ status: 'ERROR', delay: 5 })],
    armed({ status: 'ERROR', delay: 20 }),
    2,
  ],
  'a delay that nothing follows': [[prefer({ delay: 20 }), undefined], prefer({ delay: 20 }), 2],
};

for (const [name, [set, chosen, asked]] of Object.entries(ROWS)) {
  t.test(name, async (t) => {
    let calls = 0;
    const triggers = set.map((found) => () => {
      calls += 1;
      return found;
    });
    t.strictSame(chooseFault(triggers), chosen);
    t.equal(calls, asked);
  });
}
