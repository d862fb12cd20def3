import type { InjectedFault } from '../control/exchange.js';
import { type Delay, type Fault, isDelayAlone, needsDetails } from '../faults/fault.js';
import { chooseFault } from '../http/choose-fault.js';
import { fromMiss } from '../http/errors.js';
import { messageOf } from '../http/inject-fault.js';
import type { FoundDetails } from '../store/details.js';
import { Miss, type MissReason } from '../store/errors.js';
import type { NameFinder } from '../store/names.js';
import type { LookUp } from '../store/types.js';
import { type Outcome, type Pass, Refused, type StepName } from './explanation.js';
import { quote } from './quote.js';
import { type ReadTarget, toLookUp } from './read-target.js';

/** The decisions of a look-up, in the order in which the vendor checks. */
const LOOK_UPS = ['registry', 'artifactType', 'artifact', 'version', 'child'] as const satisfies StepName[];

/** The decision at which a look-up misses, and what is told of it. */
const MISSES: Record<MissReason, { step: (typeof LOOK_UPS)[number]; found: string }> = {
  registry: { step: 'registry', found: 'is not known' },
  packageType: { step: 'artifactType', found: 'is asked for, and the registry has none' },
  artifact: { step: 'artifact', found: 'is not known' },
  ambiguous: { step: 'artifact', found: 'is both a model and a dataset' },
  version: { step: 'version', found: 'is not known' },
  child: { step: 'child', found: 'is not known' },
};

/** A fault that a tester has armed for a request. */
export interface ArmedFor {
  id: number;
  fault: Fault;
}

/** Throws a Refused where a fault is armed for the request that spares it the look-up. */
export function checkArmed(armed: ArmedFor | undefined, pass: Pass): void {
  if (armed === undefined || needsDetails(armed.fault) || isDelayAlone(armed.fault)) return;
  meetFault({ trigger: 'armed', ...armed }, pass);
}

/**
 * Tells of a look-up; returns what is answered, with the armed fault or else with that which the version carries. Takes what
 * was found. Throws a Refused where that is nothing, or where the request fails on purpose.
 */
export function walkStore(
  store: NameFinder,
  read: ReadTarget,
  found: FoundDetails | Miss,
  armed: ArmedFor | undefined,
  pass: Pass,
): Outcome {
  const lookUp = toLookUp(read);
  const details = found instanceof Miss ? undefined : found;
  const words = describe(lookUp, details, store.findPackageType(lookUp.registryRef));
  for (const step of LOOK_UPS) {
    if (found instanceof Miss && step === MISSES[found.reason].step) {
      const asked = { params: { artifact: lookUp.artifact }, query: read.query };
      throw new Refused(step, `${words[step]} ${MISSES[found.reason].found}`, fromMiss(found, asked));
    }
    pass(step, words[step]);
  }
  const carried = details?.fault ?? null;
  const chosen = chooseFault([
    () => armed && { trigger: 'armed', ...armed },
    () => (carried === null ? undefined : { trigger: 'data', fault: JSON.parse(carried) }),
  ]);
  return meetFault(chosen, pass);
}

function describe(
  { registryRef, artifactType, artifact, version, childVersion }: LookUp,
  found: FoundDetails | undefined,
  packageType: string | undefined,
): Record<(typeof LOOK_UPS)[number], string> {
  const isChild = childVersion !== undefined && (found === undefined || found.detail.version === childVersion);
  return {
    registry: quote(registryRef) + (packageType === undefined ? '' : `, ${packageType}`),
    artifactType: artifactType ?? 'none is asked for',
    artifact: quote(artifact),
    version: quote(version) + (isChild ? '' : quarantine(found)),
    child: describeChild(childVersion, isChild, quarantine(found)),
  };
}

function quarantine(found: FoundDetails | undefined): string {
  return found?.detail.isQuarantined ? `, in quarantine: ${quote(found.detail.quarantineReason)}` : '';
}

function describeChild(childVersion: string | undefined, isChild: boolean, suffix: string): string {
  if (childVersion === undefined) return 'none is asked for';
  return isChild ? quote(childVersion) + suffix : 'childVersion has no effect here';
}

/** Tells of a fault, or of none; returns what is answered, or throws a Refused for what is no 200. */
function meetFault(met: InjectedFault | undefined, pass: Pass): Outcome {
  const { code, message, status, delay, network } = met?.fault ?? {};
  const name = met?.id === undefined ? '' : `armed fault ${met.id}: `;
  const late = delay === undefined ? '' : ` after ${writeDelay(delay)}`;
  if (code !== undefined) {
    const answer = message ?? messageOf(code);
    throw new Refused('fault', `${name}${code} ${quote(answer)}${late}`, {
      status: code,
      message: answer,
      reason: 'fault',
    });
  }
  if (network !== undefined) {
    throw new Refused('fault', `${name}network ${network}${late}`, {
      message: `network fault: ${network}`,
      reason: 'fault',
    });
  }
  const answered = status ?? 'SUCCESS';
  pass('fault', `${met === undefined ? 'none: ' : name || 'on purpose: '}200 ${answered}${late}`);
  return { status: 200, message: answered };
}

function writeDelay(delay: Delay): string {
  if (typeof delay === 'number') return `${delay} ms`;
  return 'min' in delay ? `${delay.min} to ${delay.max} ms` : `${delay.median} ms, more or less`;
}
