import { type Static, Type } from '@sinclair/typebox';
import { stringEnum } from '../api/schema.js';
import { type Delay, type Fault, FaultSchema, isDelayOnly } from './fault.js';

/** What can trigger a fault, in order of precedence. */
export const TRIGGERS = ['prefer', 'armed', 'data'] as const;

/** A fault that happened to a request. */
export const InjectedFaultSchema = Type.Object({
  trigger: stringEnum(TRIGGERS, 'what triggered it: the Prefer header, an armed fault, or the data of a fixture'),
  id: Type.Optional(Type.Integer({ description: 'the id of the armed fault' })),
  fault: FaultSchema,
});

export type InjectedFault = Static<typeof InjectedFaultSchema>;

/** A fault that may happen to a request. */
export interface FaultCandidate {
  trigger: InjectedFault['trigger'];
  id?: number;
  /** `pass` excludes the armed outcomes that follow; delays still add up. */
  fault: Fault | 'pass';
  /** Called once the candidate takes effect. */
  use?(): void;
}

/** The fault that happens to a request, with all delays that add up. */
export interface ChosenFault extends InjectedFault {
  delays: Delay[];
}

/**
 * Chooses, of candidates in order of precedence, the first outcome that can happen, and the delays of all delay-only
 * candidates. Only candidates that take effect are used. (Source: our decision.)
 */
export function chooseFault(
  candidates: Iterable<FaultCandidate>,
  canHappen: (fault: Fault) => boolean,
): ChosenFault | undefined {
  const delays: Delay[] = [];
  let outcome: InjectedFault | undefined;
  let firstDelay: InjectedFault | undefined;
  let isPassed = false;
  for (const { trigger, id, fault, use } of candidates) {
    const isDelay = fault !== 'pass' && isDelayOnly(fault);
    if (!isDelay && (outcome !== undefined || (isPassed && trigger === 'armed'))) continue;
    if (fault !== 'pass' && !canHappen(fault)) continue;
    use?.();
    if (fault === 'pass') {
      isPassed = true;
      continue;
    }
    const injected = { trigger, ...(id !== undefined && { id }), fault };
    if (isDelay) firstDelay ??= injected;
    else outcome = injected;
    if (fault.delay !== undefined) delays.push(fault.delay);
  }
  const chosen = outcome ?? firstDelay;
  return chosen && { ...chosen, delays };
}
