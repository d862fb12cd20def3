import { type Static, Type } from '@sinclair/typebox';
import { stringEnum } from '../contract/values.js';
import { FaultSchema } from '../faults/fault.js';
import { REASONS, type Reason } from '../reason.js';
import { parsePath, type Spelling } from '../wire/path.js';
import { findSpelling } from '../wire/spelling.js';
import { isDecodable, splitTarget } from '../wire/target.js';

/** What may set off a fault: the request's `Prefer` header, an armed fault, or the fixture's data. */
export const TRIGGERS = ['prefer', 'armed', 'data'] as const;

/** A fault that happened to a request, what set it off, and which armed fault it is of. */
const InjectedFaultSchema = Type.Object({
  trigger: stringEnum(TRIGGERS, 'what set it off: the Prefer header, an armed fault, or the data of a fixture'),
  id: Type.Optional(Type.Integer({ description: 'the id of the armed fault' })),
  fault: FaultSchema,
});

/** A fault that happened to a request. */
export type InjectedFault = Static<typeof InjectedFaultSchema>;

/** A request and its answer, as they are recorded: all else can be read from the target when somebody asks. */
export interface Exchange {
  /** When it was answered, in epoch milliseconds. */
  time: number;
  method: string;
  /** The target as it stood on the wire. */
  target: string;
  /** The name of the key. */
  key: string | undefined;
  session: string | undefined;
  /** The HTTP status; undefined where a fault left the request without a whole answer. */
  status: number | undefined;
  /** In milliseconds. */
  duration: number;
  fault: InjectedFault | undefined;
  /** Why it got no 200. */
  reason: Reason | undefined;
}

/** A request that the server was asked, with its answer, as a tester reads it. */
export const EntrySchema = Type.Object({
  id: Type.Integer({ description: 'counts from 1 in the order of the answers' }),
  at: Type.String({ format: 'date-time', description: 'when it was answered' }),
  method: Type.String({ description: 'the method' }),
  target: Type.String({ description: 'the target exactly as it stood on the wire' }),
  spelling: Type.Optional(
    Type.Object(
      { ref: Type.Unsafe<Spelling>(Type.String()), artifact: Type.Unsafe<Spelling>(Type.String()) },
      { description: 'how the registry_ref and the artifact were spelled' },
    ),
  ),
  parameters: Type.Optional(
    Type.Record(Type.String(), Type.String(), { description: 'the parameters of the path and of the query, decoded' }),
  ),
  key: Type.Optional(Type.String({ description: 'the name of the API key' })),
  session: Type.Optional(Type.String({ description: 'the name of the session' })),
  status: Type.Optional(Type.Integer({ description: 'the HTTP status; absent where a fault left no whole answer' })),
  duration: Type.Number({ description: 'how long the answer took, in milliseconds' }),
  fault: Type.Optional(InjectedFaultSchema),
  reason: Type.Optional(stringEnum(REASONS, 'why it got no 200')),
  advice: Type.Optional(Type.String({ description: 'what was wrong, and what to change' })),
});

/** A request with its answer, as a tester reads it. */
export type Entry = Static<typeof EntrySchema>;

/** Says of a refused request why, more exactly than was recorded, and what to change. */
export type DescribeRefusal = (refused: { target: string; reason: Reason }) => { reason: Reason; advice: string };

/** Writes an exchange out for a tester. */
export function toEntry(id: number, exchange: Exchange, describeRefusal: DescribeRefusal): Entry {
  const { time, method, target, key, session, status, duration, fault, reason } = exchange;
  const spelling = findSpelling(target);
  const parameters = readParameters(target);
  return {
    id,
    at: new Date(time).toISOString(),
    method,
    target,
    ...(spelling && { spelling }),
    ...(parameters && { parameters }),
    ...(key !== undefined && { key }),
    ...(session !== undefined && { session }),
    ...(status !== undefined && { status }),
    duration: Number(duration.toFixed(3)),
    ...(fault && { fault }),
    ...(reason && describeRefusal({ target, reason })),
  };
}

/** Reads the parameters of a target as the server does; undefined for a target that is not of the route. */
export function readParameters(target: string): Record<string, string> | undefined {
  const { path, query } = splitTarget(target);
  if (!isDecodable(path) || !isDecodable(query)) return undefined;
  const names = parsePath(path);
  if (names === undefined) return undefined;
  const { registryRef, artifact, version } = names;
  return { ...Object.fromEntries(new URLSearchParams(query)), registry_ref: registryRef, artifact, version };
}
