import type { IncomingHttpHeaders } from 'node:http';
import { Type } from '@sinclair/typebox';
import { type optionalString, strict } from '../api/schema.js';

/** The request headers that say who sent a request and how; never a key or a cookie. */
export const HEADER_NAMES = [
  'user-agent',
  'accept',
  'content-type',
  'traceparent',
  'x-request-id',
  'harness-account',
] as const;

/** Texts by the names of headers. */
export type Headers = Partial<Record<(typeof HEADER_NAMES)[number], string>>;

/** The schema of a mapping by the names of headers. */
export const headersOf = (member: typeof optionalString, description: string) =>
  Type.Unsafe<Headers>(
    Type.Object(Object.fromEntries(HEADER_NAMES.map((name) => [name, member(`the header ${name}`)])), {
      ...strict,
      description,
    }),
  );

/** The values of the headers, in the order of their names. */
export type HeaderValues = readonly (string | undefined)[];

/** The longest value, in characters. */
const MAX_VALUE = 256;

let last: HeaderValues = [];

/** Picks the values from the headers of a request. Most clients always send the same ones, which then share memory. */
export function pickHeaders(headers: IncomingHttpHeaders): HeaderValues {
  if (HEADER_NAMES.some((name, index) => headers[name] !== last[index])) {
    last = HEADER_NAMES.map((name) => copyShort(headers[name] as string | undefined));
  }
  return last;
}

// A part of a string would keep the whole in memory.
const copyShort = (value: string | undefined) =>
  value && value.length > MAX_VALUE ? Buffer.from(value.slice(0, MAX_VALUE)).toString() : value;

/** Version, trace id, parent id and flags; version 00 ends there (source: W3C Trace Context, 3.2). */
export const TRACEPARENT =
  /^(?!ff|00.{54})[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-[ -~]*)?$/;

/** At most 128 visible ASCII characters (source: our decision). */
export const REQUEST_ID = /^[!-~]{1,128}$/;

const PATTERNS: Partial<Record<string, RegExp>> = { traceparent: TRACEPARENT, 'x-request-id': REQUEST_ID };

/** Names the values; those that are invalid, empty or not printable ASCII are left out. Undefined if nothing is left. */
export function nameHeaders(values: HeaderValues): Headers | undefined {
  const named = HEADER_NAMES.map((name, index) => [name, values[index]] as const);
  const valid = named.filter(([name, value = '']) => (PATTERNS[name] ?? /^[ -~]+$/).test(value));
  return valid.length > 0 ? Object.fromEntries(valid) : undefined;
}
