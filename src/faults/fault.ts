import { type Static, Type } from '@sinclair/typebox';
import { optionalInteger, optionalString, strict, stringEnum } from '../api/schema.js';
import { requireJson } from '../util/json.js';
import { type DocumentPath, ValidationError } from '../util/validate.js';

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
