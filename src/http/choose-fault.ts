import type { InjectedFault } from '../control/exchange.js';
import { isDelayAlone } from '../faults/fault.js';

/** What may set off a fault; returns undefined where it does not. */
type Trigger = () => InjectedFault | undefined;

/**
 * Chooses the fault that happens to a request: the first that is set off, in the order of the triggers, which are asked no
 * further. A delay alone is none to stop at: what comes next happens as late.
 */
export function chooseFault(triggers: readonly Trigger[]): InjectedFault | undefined {
  let chosen: InjectedFault | undefined;
  for (const find of triggers) {
    const next = find();
    if (next !== undefined) chosen = { ...next, fault: { ...next.fault, ...chosen?.fault } };
    if (chosen !== undefined && !isDelayAlone(chosen.fault)) return chosen;
  }
  return chosen;
}
