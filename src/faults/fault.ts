import { type Static, Type } from '@sinclair/typebox';
import { optionalInteger, optionalString, strict, stringEnum } from '../api/schema.js';
import { type DocumentPath, requireJson, ValidationError } from '../util/validate.js';

/** What can happen to a connection instead of an answer. */
export const NETWORK_FAULTS = ['reset', 'empty', 'truncated', 'garbage', 'stall'] as const;

/** The values of `status` in a 200 that say that the request failed (source: contract). */
export const FAILED_STATUSES = ['FAILURE', 'ERROR'] as const;

/** The longest delay, in milliseconds. */
export const MAX_DELAY = 600_000;

const milliseconds = (description: string) => Type.Integer({ minimum: 0, maximum: MAX_DELAY, description });

const DelaySchema = Type.Union(
  [
    milliseconds('a fixed delay'),
    Type.Object({ min: milliseconds('the minimum'), max: milliseconds('the maximum') }, strict),
    Type.Object({ median: milliseconds('the median'), sigma: Type.Number({ minimum: 0, maximum: 5 }) }, strict),
  ],
  { description: `milliseconds up to ${MAX_DELAY}, or {min, max}, or {median, sigma} for a log-normal delay` },
);

/** A delay in milliseconds: fixed, uniform, or log-normal like real latencies. */
export type Delay = Static<typeof DelaySchema>;

const details = { description: 'the details of the error, a mapping' };

/** A fault of one answer (source: our decision). */
export const FaultSchema = Type.Object(
  {
    code: optionalInteger(400, 599, 'the HTTP status of an error, from 400 to 599'),
    message: optionalString('the message of the error'),
    details: Type.Optional(Type.Record(Type.String(), Type.Unknown(), details)),
    retryAfter: optionalInteger(0, 86_400, 'the Retry-After of the error, in whole seconds'),
    status: Type.Optional(stringEnum(FAILED_STATUSES, 'the status inside a 200')),
    delay: Type.Optional(DelaySchema),
    network: Type.Optional(stringEnum(NETWORK_FAULTS, 'what happens to the connection')),
  },
  {
    ...strict,
    minProperties: 1,
    description: 'a fault, as a mapping with at least one of code, status, delay, network',
  },
);

/** An error, a failed status inside a 200, or a network fault; each may be delayed. */
export type Fault = Static<typeof FaultSchema>;

/** Whether a fault changes a 200, and so needs a version that exists. */
export const needsDetails = ({ status, network }: Fault) => status !== undefined || network === 'truncated';

/** Whether a fault only delays the answer. */
export const isDelayOnly = ({ code, status, network }: Fault) => (code ?? status ?? network) === undefined;

/** Throws a ValidationError for members that cannot be combined, and for what JSON would lose or change. */
export function checkFault(fault: Fault, path: DocumentPath): void {
  const contradiction = findContradiction(fault);
  if (contradiction !== undefined) throw new ValidationError(path, contradiction);
  for (const [key, value] of Object.entries(fault)) if (value !== undefined) requireJson(value, [...path, key]);
}

/** Returns why the members of a fault cannot be combined, or undefined for a valid fault. */
export function findContradiction(fault: Fault): string | undefined {
  const { code, status, network, message, details, retryAfter, delay } = fault;
  const outcomes = [code, status, network].filter((outcome) => outcome !== undefined);
  if (outcomes.length > 1) return 'set at most one of code, status and network';
  const hasErrorPart = (message ?? details ?? retryAfter) !== undefined;
  if (hasErrorPart && code === undefined) return 'message, details and retryAfter need a code';
  if (typeof delay === 'object' && 'min' in delay && delay.min > delay.max) return 'the min of delay is above its max';
  return undefined;
}

/** What can trigger a fault, in order of precedence. */
export const TRIGGERS = ['prefer', 'armed', 'data'] as const;

/** A fault that happened to a request. */
export const InjectedFaultSchema = Type.Object({
  trigger: stringEnum(TRIGGERS, 'what triggered it: the Prefer header, an armed fault, or the data of a fixture'),
  id: Type.Optional(Type.Integer({ description: 'the id of the armed fault' })),
  fault: FaultSchema,
});

export type InjectedFault = Static<typeof InjectedFaultSchema>;

/** The fault that happens to a request. */
export interface ChosenFault extends InjectedFault {
  /** The delays that add up. */
  delays: Delay[];
  /** Their sum as drawn, in milliseconds. */
  delay?: number;
}

/** Leaves out what would fill the journal: message and details can be large. */
export function toInjected({ delay, delays: [first, ...others], fault, ...chosen }: ChosenFault): InjectedFault {
  const { message: _message, details: _details, delay: _delay, ...kept } = fault;
  const shown = others.length > 0 ? delay : first;
  return { ...chosen, fault: { ...kept, ...(shown !== undefined && { delay: shown }) } };
}

/**
 * Chooses among the faults of a request, which are added in order of precedence: the first outcome that can happen, and
 * the delays of all delay-only faults (source: our decision).
 *
 * @param isFound whether the request has found a version, which some faults need
 */
export function createChoice(isFound: boolean) {
  const delays: Delay[] = [];
  let outcome: InjectedFault | undefined;
  let firstDelay: InjectedFault | undefined;
  let isPassed = false;
  return {
    /** Returns whether the fault takes effect. `pass` excludes the armed outcomes that follow. */
    add(trigger: InjectedFault['trigger'], fault: Fault | 'pass', id?: number): boolean {
      const isDelay = fault !== 'pass' && isDelayOnly(fault);
      if (!isDelay && (outcome !== undefined || (isPassed && trigger === 'armed'))) return false;
      if (fault === 'pass') {
        isPassed = true;
        return true;
      }
      if (!isFound && needsDetails(fault)) return false;
      const injected = { trigger, ...(id !== undefined && { id }), fault };
      if (isDelay) firstDelay ??= injected;
      else outcome = injected;
      if (fault.delay !== undefined) delays.push(fault.delay);
      return true;
    },
    get chosen(): ChosenFault | undefined {
      const chosen = outcome ?? firstDelay;
      return chosen && { ...chosen, delays };
    },
  };
}
