import { ApiError } from '../api/errors.js';
import { listProblems, type ValidationError } from '../util/validate.js';
import { checkFault, type Fault, FaultSchema } from './fault.js';

/** The member of a fault that a preference sets. */
const MEMBERS = new Map<string, keyof Fault>([
  ['code', 'code'],
  ['status', 'status'],
  ['delay', 'delay'],
  ['fault', 'network'],
  ['gateway', 'gateway'],
  ['retry-after', 'retryAfter'],
]);

/** Converts a whole number, or a range such as `100-500`; other text stays as it is. */
function toValue(text: string): unknown {
  const [, min, max = min] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(text) ?? [];
  if (min === undefined) return text;
  return Number(min) === Number(max) ? Number(min) : { min: Number(min), max: Number(max) };
}

/** A preference with a value; a comma in quotes does not separate. */
const PREFERENCE = /"[^"]*"|(?:^|,)\s*([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s;,]*))/g;

/**
 * Reads the fault in a `Prefer` header, such as `code=503, delay=250` (RFC 7240; the names are Prism's), and the value of
 * `Preference-Applied`. Other preferences are ignored; of a repeated one the first counts, as the RFC says. Throws an
 * ApiError for an invalid value.
 */
export function readPrefer(header: string): { fault: Fault; applied: string } | undefined {
  const fault: Fault = {};
  const applied = new Map<string, string>();
  for (const [, name = '', quoted, bare = ''] of header.matchAll(PREFERENCE)) {
    const key = name.toLowerCase();
    const member = MEMBERS.get(key);
    if (member === undefined || applied.has(key)) continue;
    const value = quoted ?? bare;
    const part = { [member]: toValue(value) };
    const [problem] = listProblems(FaultSchema, part, 1);
    // The value is shown beside it.
    if (problem !== undefined) throw invalid(`${key}=${value}`, problem.reason.replace(/^found .*, (?=expected )/, ''));
    Object.assign(fault, part);
    applied.set(key, /[\s,;]/.test(value) ? `"${value}"` : value);
  }
  if (applied.size === 0) return undefined;
  try {
    checkFault(fault, []);
  } catch (error) {
    throw invalid(header, (error as ValidationError).reason);
  }
  return { fault, applied: [...applied].map(([key, value]) => `${key}=${value}`).join(', ') };
}

const invalid = (value: string, reason: string) =>
  new ApiError('invalidPreference', { field: 'Prefer', value, reason });
