import type { Fault } from '../faults/fault.js';
import { matchesGlob } from '../glob.js';
import type { Random } from '../random.js';
import { checkInstruction, type Instruction, type Match } from './instruction.js';
import { LimitReached } from './limit.js';

/** How many faults may be armed at once; those that are spent count until they are disarmed. */
export const MOST_ARMED_FAULTS = 1_000;

/** A fault that is armed, with its account. */
export interface ArmedFault extends Instruction {
  /** Counts from 1 in the order of arming. */
  id: number;
  /** How many requests it has hit; a `pass` of a sequence counts. */
  hits: number;
  /** How many it will hit yet; absent where there is no end. */
  left?: number;
}

/** What is known of a request when a fault is chosen for it. */
export interface FaultRequest {
  ref: string;
  artifact: string;
  version: string;
  method: string;
  key: string | undefined;
  session: string | undefined;
}

/** Tells whether a fault can happen to a request: some need details to work on. All can unless it is given. */
export type CanHappen = (fault: Fault) => boolean;

/** A fault that is to happen to a request, and the armed fault that it is of. */
export interface PickedFault {
  id: number;
  fault: Fault;
}

/** The faults that testers have armed. Where a session is named, only the faults of that session are meant. */
export interface ArmedFaults {
  /** Arms a fault. Throws a Misfit for an instruction that is none, a LimitReached when too many are armed. */
  arm(instruction: Instruction): ArmedFault;
  /** How many are armed, spent or not, in all sessions. */
  readonly size: number;
  /** Lists the armed faults in the order of arming. */
  list(session?: string): ArmedFault[];
  /** Disarms one; returns whether it was there. */
  disarm(id: number, session?: string): boolean;
  /** Disarms all. */
  clear(session?: string): void;
  /**
   * Takes the next step of the first armed fault that matches a request, is not spent, and can happen to it; undefined
   * lets it pass.
   */
  pick(request: FaultRequest, random: Random, canHappen?: CanHappen): PickedFault | undefined;
  /** Returns what `pick` would, were a percentage drawn, and takes nothing. */
  peek(request: FaultRequest, canHappen?: CanHappen): PickedFault | undefined;
}

/** Makes an empty set of armed faults. */
export function createArmedFaults(): ArmedFaults {
  let armed: ArmedFault[] = [];
  let lastId = 0;
  const isOf = (session: string | undefined) => (fault: ArmedFault) =>
    session === undefined || fault.match?.session === session;

  const findMatch = (request: FaultRequest, canHappen: CanHappen = () => true) =>
    armed.find((fault) => {
      if (fault.left === 0 || !matches(fault.match, request)) return false;
      const step = nextStep(fault);
      return step === undefined || canHappen(step.fault);
    });

  return {
    arm(value) {
      const instruction = checkInstruction(value);
      if (armed.length >= MOST_ARMED_FAULTS) {
        throw new LimitReached('armed faults', MOST_ARMED_FAULTS, 'disarm some, or reset');
      }
      const left = instruction.sequence?.length ?? instruction.times;
      const fault = { id: ++lastId, ...structuredClone(instruction), hits: 0, ...(left !== undefined && { left }) };
      armed.push(fault);
      return structuredClone(fault);
    },
    get size() {
      return armed.length;
    },
    list: (session) => structuredClone(armed.filter(isOf(session))),
    disarm(id, session) {
      const at = armed.findIndex((fault) => fault.id === id && isOf(session)(fault));
      if (at !== -1) armed.splice(at, 1);
      return at !== -1;
    },
    clear(session) {
      armed = armed.filter((fault) => !isOf(session)(fault));
    },
    pick(request, random, canHappen) {
      const found = findMatch(request, canHappen);
      return found && take(found, random);
    },
    peek(request, canHappen) {
      const found = findMatch(request, canHappen);
      return found && nextStep(found);
    },
  };
}

function matches(match: Match = {}, request: FaultRequest): boolean {
  const { ref, artifact, version, ...exact } = match;
  return (
    (exact.session === undefined || exact.session === request.session) &&
    (exact.key === undefined || exact.key === request.key) &&
    (exact.method === undefined || exact.method === request.method) &&
    (ref === undefined || matchesGlob(ref, request.ref)) &&
    (artifact === undefined || matchesGlob(artifact, request.artifact)) &&
    (version === undefined || matchesGlob(version, request.version))
  );
}

function take(armed: ArmedFault, random: Random): PickedFault | undefined {
  const { percentage = 100 } = armed;
  if (percentage < 100 && random() * 100 >= percentage) return undefined;
  const picked = nextStep(armed);
  armed.hits += 1;
  if (armed.left !== undefined) armed.left -= 1;
  return picked;
}

function nextStep({ id, fault, sequence, hits }: ArmedFault): PickedFault | undefined {
  const step = sequence === undefined ? fault : sequence[hits];
  return step === undefined || step === 'pass' ? undefined : { id, fault: step };
}
