import { type Static, Type } from '@sinclair/typebox';
import { stringEnum } from '../contract/values.js';

/** What can happen to a connection instead of an answer. */
export const NETWORK_FAULTS = ['reset', 'empty', 'truncated', 'garbage', 'stall'] as const;

/** The statuses inside a 200 that say that the request has failed (source: contract). */
export const FAILED_STATUSES = ['FAILURE', 'ERROR'] as const;

/** The longest delay, in milliseconds. */
export const MOST_DELAY = 600_000;

const milliseconds = (description: string) => Type.Integer({ minimum: 0, maximum: MOST_DELAY, description });

const strict = { additionalProperties: false };

/** How long an answer waits, in milliseconds: always the same, evenly spread, or log-normal as real latencies are. */
const DelaySchema = Type.Union(
  [
    milliseconds('a fixed delay'),
    Type.Object({ min: milliseconds('the least'), max: milliseconds('the most') }, strict),
    Type.Object({ median: milliseconds('the median'), sigma: Type.Number({ minimum: 0, maximum: 5 }) }, strict),
  ],
  { description: `milliseconds up to ${MOST_DELAY}, or {min, max}, or {median, sigma} for a log-normal delay` },
);

/** A delay, in milliseconds. */
export type Delay = Static<typeof DelaySchema>;

/** What goes wrong with one answer (source: our decision). */
export const FaultSchema = Type.Object(
  {
    code: Type.Optional(
      Type.Integer({ minimum: 400, maximum: 599, description: 'the HTTP status of an error answer, from 400 to 599' }),
    ),
    message: Type.Optional(Type.String({ description: 'the message of the error answer' })),
    details: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: 'the details of the error answer, a mapping' }),
    ),
    retryAfter: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 86_400,
        description: 'the Retry-After of the error answer, in whole seconds',
      }),
    ),
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

/** A fault: an error answer, a failed status inside a 200, or trouble with the connection; each may come late. */
export type Fault = Static<typeof FaultSchema>;

/** Whether a fault works on the details of a version, and so cannot happen where there are none. */
export function needsDetails({ status, network }: Fault): boolean {
  return status !== undefined || network === 'truncated';
}

/** Whether a fault makes an answer late and does nothing else to it. */
export function isDelayAlone({ code, status, network }: Fault): boolean {
  return code === undefined && status === undefined && network === undefined;
}

/** Returns what keeps the parts of a fault from going together, or undefined where they do. */
export function findContradiction({
  code,
  message,
  details,
  retryAfter,
  status,
  delay,
  network,
}: Fault): string | undefined {
  const outcomes = [code, status, network].filter((outcome) => outcome !== undefined);
  if (outcomes.length > 1) return 'has more than one of code, status and network; a fault ends in one way';
  const isOfCode = message !== undefined || details !== undefined || retryAfter !== undefined;
  if (isOfCode && code === undefined) return 'has a message, details or retryAfter, which belong to a code';
  if (typeof delay === 'object' && 'min' in delay && delay.min > delay.max)
    return 'has a delay whose min is above its max';
  return undefined;
}
