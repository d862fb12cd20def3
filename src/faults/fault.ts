import { type Static, Type } from '@sinclair/typebox';
import { optionalInteger, optionalString, strict, stringEnum } from '../api/schema.js';
import { type DocumentPath, requireJson, ValidationError } from '../util/validate.js';
import { checkRaw, GATEWAY_NAMES, RawSchema } from './answers.js';

/** The longest delay, in milliseconds. */
export const MAX_DELAY = 600_000;

const milliseconds = (description: string) => Type.Integer({ minimum: 0, maximum: MAX_DELAY, description });

const DelaySchema = Type.Union(
  [
    milliseconds('a fixed delay'),
    Type.Object({ min: milliseconds('the minimum'), max: milliseconds('the maximum') }, strict),
    Type.Object({ median: milliseconds('the median'), sigma: Type.Number({ minimum: 0, maximum: 5 }) }, strict),
  ],
  {
    description: `milliseconds up to ${MAX_DELAY}, or {min, max} (100-500 in Prefer), or {median, sigma} for a log-normal delay`,
  },
);

/** A delay in milliseconds: fixed, uniform, or log-normal like real latencies. */
export type Delay = Static<typeof DelaySchema>;

const details = { description: 'the details of the error, a mapping' };

/** The longest `Retry-After` in seconds. */
const MAX_RETRY_AFTER = 86_400;

/** As in `Wed, 21 Oct 2026 07:28:00 GMT` (RFC 9110, 5.6.7). */
const HTTP_DATE = '^[A-Z][a-z]{2}, \\d{2} [A-Z][a-z]{2} \\d{4} \\d{2}:\\d{2}:\\d{2} GMT$';

const RetryAfterSchema = Type.Union(
  [Type.Integer({ minimum: 0, maximum: MAX_RETRY_AFTER }), Type.String({ pattern: HTTP_DATE })],
  {
    description: `the Retry-After of the error: whole seconds up to ${MAX_RETRY_AFTER}, or a date such as Wed, 21 Oct 2026 07:28:00 GMT`,
  },
);

/** What replaces the answer or its outcome; a fault has one at most. */
const OUTCOMES = ['code', 'status', 'network', 'raw', 'gateway'] as const;

/** A fault of one answer (source: our decision). */
export const FaultSchema = Type.Object(
  {
    code: optionalInteger(400, 599, 'the HTTP status of an error, from 400 to 599'),
    message: optionalString('the message of the error'),
    details: Type.Optional(Type.Record(Type.String(), Type.Unknown(), details)),
    retryAfter: Type.Optional(RetryAfterSchema),
    status: Type.Optional(stringEnum(['FAILURE', 'ERROR'], 'the status inside a 200')),
    delay: Type.Optional(DelaySchema),
    network: Type.Optional(
      stringEnum(['reset', 'empty', 'truncated', 'garbage', 'stall'], 'what happens to the connection'),
    ),
    raw: Type.Optional(RawSchema),
    gateway: Type.Optional(stringEnum(GATEWAY_NAMES, 'an answer of the hosted front')),
  },
  {
    ...strict,
    minProperties: 1,
    description: `a fault, as a mapping with at least one of ${OUTCOMES.join(', ')}, delay`,
  },
);

/** An error, a failed status inside a 200, a network fault or a whole answer; each may be delayed. */
export type Fault = Static<typeof FaultSchema>;

/** What a fault has but delays: one outcome at most, if it is valid. */
const outcomesOf = (fault: Fault) => OUTCOMES.filter((outcome) => fault[outcome] !== undefined);

/** Whether the request fails: the fault does more than to delay the answer or to change its `status`. */
export const isFailure = (fault: Fault) => outcomesOf(fault).some((outcome) => outcome !== 'status');

/** Throws a ValidationError for members that cannot be combined, and for what JSON would lose or change. */
export function checkFault(fault: Fault, path: DocumentPath): void {
  const { code, message, details, retryAfter, delay, raw } = fault;
  const reject = (reason: string, ...keys: string[]): never => {
    throw new ValidationError([...path, ...keys], reason);
  };
  if (outcomesOf(fault).length > 1) reject('set at most one of code, status, network, raw and gateway');
  if ((message ?? details ?? retryAfter) !== undefined && code === undefined) {
    reject('message, details and retryAfter need a code');
  }
  if (typeof delay === 'object' && 'min' in delay && delay.min > delay.max) reject('the min of delay is above its max');
  if (typeof retryAfter === 'string' && new Date(retryAfter).toUTCString() !== retryAfter) {
    reject(`found "${retryAfter}", which is not a date; check the day of the week`, 'retryAfter');
  }
  if (raw !== undefined) checkRaw(raw, [...path, 'raw']);
  for (const [key, value] of Object.entries(fault)) if (value !== undefined) requireJson(value, [...path, key]);
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

/** A fault that may happen to a request. */
export interface Candidate extends Omit<InjectedFault, 'fault'> {
  /** `pass` excludes the armed outcomes that follow. */
  fault: Fault | 'pass';
  /** Called if it takes effect. */
  use?(): void;
}

/** The fault that happens to a request. */
export interface ChosenFault extends InjectedFault {
  /** The delays that add up. */
  delays: Delay[];
  /** Their sum as drawn, in milliseconds. */
  delay?: number;
}

/**
 * Chooses among the faults of a request, in order of precedence: the first outcome that can happen, and the delays of all
 * delay-only faults (source: our decision).
 *
 * @param isFound whether the request has found a version, which a fault that changes a 200 needs
 */
export function chooseFault(candidates: readonly Candidate[], isFound: boolean): ChosenFault | undefined {
  const delays: Delay[] = [];
  let outcome: InjectedFault | undefined;
  let firstDelay: InjectedFault | undefined;
  let isPassed = false;
  for (const { fault, use, ...trigger } of candidates) {
    const isDelay = fault !== 'pass' && outcomesOf(fault).length === 0;
    if (!isDelay && (outcome !== undefined || (isPassed && trigger.trigger === 'armed'))) continue;
    if (fault !== 'pass' && !isFound && (fault.status !== undefined || fault.network === 'truncated')) continue;
    use?.();
    if (fault === 'pass') isPassed = true;
    else if (isDelay) firstDelay ??= { ...trigger, fault };
    else outcome = { ...trigger, fault };
    if (fault !== 'pass' && fault.delay !== undefined) delays.push(fault.delay);
  }
  const chosen = outcome ?? firstDelay;
  return chosen && { ...chosen, delays };
}

/** Leaves out what would fill the journal: message, details, headers and body can be large. */
export function toInjected({ delay, delays: [first, ...others], fault, ...chosen }: ChosenFault): InjectedFault {
  const { message: _message, details: _details, delay: _delay, raw, ...kept } = fault;
  const shown = others.length > 0 ? delay : first;
  return {
    ...chosen,
    fault: {
      ...kept,
      ...(raw && { raw: { status: raw.status, ...(raw.contentType && { contentType: raw.contentType }) } }),
      ...(shown !== undefined && { delay: shown }),
    },
  };
}
