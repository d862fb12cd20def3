import { type Static, type TObject, Type } from '@sinclair/typebox';
import { REASONS, type Reason } from '../api/errors.js';
import { optionalInteger, optionalString, strict, stringEnum } from '../api/schema.js';
import { type Spelling, spellingsOf } from '../api/spelling.js';
import { parseQuery, parseTarget, type Query } from '../api/target.js';
import { InjectedFaultSchema, TRIGGERS } from '../faults/fault.js';
import { HEADER_NAMES, type HeaderValues, headersOf, nameHeaders } from '../faults/headers.js';
import { globOf, matchesProperties, requestProperties } from '../faults/rule.js';

const parameters = { description: 'the parameters of path and query, decoded; a list if one is repeated' };

/** An entry of the journal. */
export const EntrySchema = Type.Object({
  id: Type.Integer({ description: 'counts from 1 in the order of the answers' }),
  at: Type.String({ format: 'date-time', description: 'when it was answered' }),
  method: Type.String({ description: 'the method' }),
  target: Type.String({ description: 'the target exactly as sent' }),
  requestId: Type.String({ description: 'the x-request-id of the answer' }),
  traceId: optionalString('the trace id of its header traceparent'),
  headers: headersOf(optionalString, 'the headers of the request that are recorded'),
  spelling: Type.Optional(
    Type.Object(
      {
        ref: Type.Unsafe<Spelling>(Type.String()),
        artifact: Type.Unsafe<Spelling>(Type.String()),
        portable: Type.Boolean({ description: 'whether the open-source server accepts these spellings' }),
      },
      { description: 'how the registry_ref and the artifact were spelled' },
    ),
  ),
  parameters: Type.Optional(Type.Unsafe<Query>(Type.Record(Type.String(), Type.Unknown(), parameters))),
  key: optionalString('the name of the API key'),
  session: optionalString('the name of the session'),
  status: Type.Optional(Type.Integer({ description: 'the HTTP status; absent if a fault left no complete answer' })),
  duration: Type.Number({ description: 'how long the answer took, in milliseconds' }),
  fault: Type.Optional(InjectedFaultSchema),
  anyVersion: Type.Optional(Type.Literal(true, { description: 'whether the version * stood for the requested one' })),
  reason: Type.Optional(Type.Unsafe<Reason>(stringEnum(REASONS, 'why it got no 200'))),
  advice: optionalString('what was wrong, and what to change'),
});

export type Entry = Static<typeof EntrySchema>;

const MEMBERS = Object.keys(EntrySchema.properties);

/** What a request may lack. */
type Optional = 'traceId' | 'key' | 'session' | 'status' | 'fault' | 'reason';

/** A request with its answer, as recorded; everything else is derived when an entry is read. */
export type RecordedRequest = Pick<Entry, 'method' | 'target' | 'requestId' | 'duration' | 'anyVersion'> & {
  [Member in Optional]: Entry[Member] | undefined;
} & {
  /** When it was answered, in epoch milliseconds. */
  time: number;
  headers: HeaderValues;
};

/** Refines the recorded reason of a request by its target, and says what to change. */
export interface Describe {
  reasonOf(target: string, reason: Reason): Reason;
  /** Undefined once the store is closed. Short advice has no corrected target and one name at most. */
  adviceOn(target: string, reason: Reason, isShort?: boolean): string | undefined;
}

/** Rounds milliseconds to three decimals. */
export const roundDuration = (duration: number): number => Number(duration.toFixed(3));

/** Converts a recorded request for a tester. */
export function toEntry(id: number, recorded: RecordedRequest, describe: Describe, withAdvice: boolean): Entry {
  const { time, target, headers, duration, reason } = recorded;
  const parsed = parseTarget(target);
  const { ref, ...names } = parsed.parameters ?? {};
  const entry: Record<string, unknown> = {
    ...recorded,
    id,
    at: new Date(time).toISOString(),
    headers: nameHeaders(headers),
    spelling: spellingsOf(parsed),
    parameters: ref === undefined ? undefined : { ...parseQuery(parsed.query.slice(1)), registry_ref: ref, ...names },
    duration: roundDuration(duration),
    reason: reason && describe.reasonOf(target, reason),
    advice: reason && withAdvice ? describe.adviceOn(target, reason) : undefined,
  };
  const known = MEMBERS.filter((member) => entry[member] !== undefined);
  return Object.fromEntries(known.map((member) => [member, entry[member]])) as unknown as Entry;
}

/** Selects entries of the journal; a member that is left out matches everything (source: our decision). */
export const FilterSchema = Type.Object(
  {
    ...requestProperties,
    method: Type.Optional(Type.String({ pattern: '^[A-Z]+(?:-[A-Z]+)*$', description: 'the method, in capitals' })),
    target: globOf('the target as sent'),
    status: optionalInteger(100, 599, 'the HTTP status, from 100 to 599'),
    fault: Type.Optional(stringEnum(TRIGGERS, 'what triggered a fault')),
    reason: Type.Optional(stringEnum(REASONS, 'why it got no 200')),
    since: Type.Optional(Type.Integer({ minimum: 0, description: 'an id; only later entries match' })),
  },
  { ...strict, description: 'a filter, a mapping' },
);

export type Filter = Static<typeof FilterSchema>;

const { headers: ofHeaders, ...ofOthers } = FilterSchema.properties;

/** The members of a filter as parameters of a query, in which each header is one. */
export const filterParameters = { ...ofOthers, ...(ofHeaders as unknown as TObject).properties };

/** Converts the parameters of a query to a filter. */
export function toFilter(parameters: Record<string, unknown>): object {
  const isHeader = ([name]: [string, unknown]) => HEADER_NAMES.some((header) => header === name);
  const entries = Object.entries(parameters);
  const others = Object.fromEntries(entries.filter((entry) => !isHeader(entry)));
  return entries.some(isHeader) ? { ...others, headers: Object.fromEntries(entries.filter(isHeader)) } : others;
}

/** Tests whether a recorded request matches a filter; `since` is up to the caller. Expensive tests come last. */
export function matchesFilter(filter: Filter, recorded: RecordedRequest, { reasonOf }: Describe): boolean {
  const { ref, artifact, version, reason, since: _, ...own } = filter;
  const { target, headers, fault } = recorded;
  return (
    matchesProperties(own, { ...recorded, headers: own.headers && nameHeaders(headers), fault: fault?.trigger }) &&
    ((ref ?? artifact ?? version) === undefined ||
      matchesProperties({ ref, artifact, version }, parseTarget(target).parameters)) &&
    (reason === undefined || (recorded.reason && reasonOf(target, recorded.reason)) === reason)
  );
}
