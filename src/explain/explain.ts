import type { AuthMode } from '../auth.js';
import { type Fault, needsDetails } from '../faults/fault.js';
import { attemptDetails } from '../store/details.js';
import { Miss } from '../store/errors.js';
import type { Store } from '../store/store.js';
import type { ApiKey } from '../store/types.js';
import { describeTo } from './describe.js';
import { type Explanation, type Outcome, type Pass, Refused, type Step } from './explanation.js';
import { toLookUp } from './read-target.js';
import {
  checkGrant,
  checkKey,
  checkMethod,
  checkMethodName,
  checkSyntax,
  checkTarget,
  findRoute,
  type Presented,
} from './walk-request.js';
import { type ArmedFor, checkArmed, walkStore } from './walk-store.js';

/** A request that is not sent. */
export interface Question extends Presented {
  /** As it would stand on the wire, such as `/har/api/v1/…`. */
  target: string;
  /** `GET` unless given; in capitals or not. */
  method?: string | undefined;
}

/** What decides about a request: the data, and how keys are checked. */
export interface Judge {
  store: Pick<Store, 'findDetails' | 'findKey' | 'findPackageType' | 'listNeighbours'>;
  auth: AuthMode;
  /** How many bytes the first line and the headers of a request may have; Node's default unless given. */
  maxHeaderBytes?: number;
  /** Finds the fault that is armed for a request which has got as far as the look-up. */
  findArmed?(
    request: {
      ref: string;
      artifact: string;
      version: string;
      method: string;
      key?: string | undefined;
    },
    canHappen: (fault: Fault) => boolean,
  ): ArmedFor | undefined;
}

/**
 * Tells what the server would decide about a request, step by step up to the first that fails, and what to change. Any
 * text may be the target. The header `Prefer` is left out of account, and of the server's own paths, such as `/healthz`,
 * it is only told that they are no part of the API.
 */
export function explain(question: Question, judge: Judge): Explanation {
  const { store, maxHeaderBytes } = judge;
  const { target, key } = question;
  const steps: Step[] = [];
  const pass: Pass = (step, found) => steps.push({ step, passed: true, found });
  try {
    return { target, steps, ...walk(question, judge, pass) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { step, found, outcome } = error;
    const { status, message, reason } = outcome;
    steps.push({ step, passed: false, found });
    const reader = { store, maxHeaderBytes, key: holderOf(key, judge) };
    return { target, steps, status, message, ...describeTo(reader, { target, reason }) };
  }
}

function walk(
  { target, method = 'GET', ...presented }: Question,
  { store, auth, maxHeaderBytes, findArmed }: Judge,
  pass: Pass,
): Outcome {
  const verb = method.toUpperCase();
  checkMethodName(verb);
  checkTarget(target, maxHeaderBytes, pass);
  const read = findRoute(target, pass);
  if (read === undefined) return { message: 'not explained' };
  checkMethod(verb, pass);
  const apiKey = checkKey(presented, auth, store, pass);
  checkSyntax(read, pass);
  checkGrant(apiKey, read.path.registryRef, pass);
  const { registryRef: ref, artifact, version } = read.path;
  const found = attemptDetails(store, toLookUp(read));
  const canHappen = (fault: Fault) => !needsDetails(fault) || !(found instanceof Miss);
  const armed = findArmed?.({ ref, artifact, version, method: verb, key: apiKey?.name }, canHappen);
  checkArmed(armed, pass);
  return walkStore(store, read, found, armed, pass);
}

/** The key that a request would be judged by, known or refused; undefined where keys are not known by name. */
function holderOf(key: string | undefined, { store, auth }: Judge): ApiKey | undefined {
  return auth === 'strict' && key ? store.findKey(key) : undefined;
}
