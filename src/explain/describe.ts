import type { Reason } from '../reason.js';
import type { NameFinder } from '../store/names.js';
import { advise, type Facts } from './advice.js';
import { findDoubleEncoding } from './double-encoding.js';
import { findMisfit, isMisfit } from './misfit.js';
import { readTarget } from './read-target.js';

/** A refusal as it was recorded. */
export interface Refusal {
  target: string;
  reason: Reason;
}

/** The exact reason of a refusal, and one sentence that says what to change. */
export interface Description {
  reason: Reason;
  advice: string;
}

/**
 * Tells why a request was refused and what to change, from what was recorded of it: a route that does not fit, or a name
 * that is not known, has its exact reason in the target. Any text may be the target. The advice names what the store
 * holds, and is for those who may see all of it.
 */
export function describeRefusal(store: NameFinder, refusal: Refusal): Description {
  return describeTo({ store, key: undefined }, refusal);
}

/** Does what `describeRefusal` does, for the holder of a key on a server with its limit: names that no grant covers are left out. */
export function describeTo(
  reader: Pick<Facts, 'store' | 'key' | 'maxHeaderBytes'>,
  { target, reason }: Refusal,
): Description {
  if (isMisfit(reason)) {
    const misfit = findMisfit(target);
    return { reason: misfit.reason, advice: withTarget(misfit.advice, misfit.corrected) };
  }
  const read = readTarget(target);
  const doubled = findDoubleEncoding(target, read, reason);
  if (doubled === undefined) {
    return {
      reason,
      // Looking for the nearest names takes time, and whoever counts reasons does not read it.
      get advice() {
        return advise(reason, { ...reader, target, read });
      },
    };
  }
  const advice = `the ${doubled.parameter} is percent-encoded twice; encode it once`;
  return { reason: 'doubleEncoded', advice: withTarget(advice, doubled.corrected) };
}

function withTarget(advice: string, corrected: string | undefined): string {
  return corrected === undefined ? advice : `${advice}: ${corrected}`;
}
