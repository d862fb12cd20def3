import { ApiError } from '../api/errors.js';
import { listProblems, type ValidationError } from '../util/validate.js';
import { checkFault, type Fault, FaultSchema } from './fault.js';

/** Parses a whole number; returns other text unchanged. */
const toNumber = (text: string) => (/^\d{1,6}$/.test(text) ? Number(text) : text);

function toDelay(text: string): unknown {
  const [min, max = min, ...others] = text.split('-').map(toNumber);
  if (others.length > 0) return text;
  return min === max ? min : { min, max };
}

/** Converts the value of a preference to a part of a fault, which is not validated yet. */
const PREFERENCES = new Map<string, (value: string) => object>([
  ['code', (value) => ({ code: toNumber(value) })],
  ['status', (status) => ({ status })],
  ['delay', (value) => ({ delay: toDelay(value) })],
  ['fault', (network) => ({ network })],
  ['gateway', (gateway) => ({ gateway })],
  ['retry-after', (value) => ({ retryAfter: toNumber(value) })],
]);

/** One preference of a header; a comma in quotes does not separate. */
const PREFERENCE = /(?:"[^"]*"|[^,"])+/g;

/** The fault that a request asks for, and the value of `Preference-Applied`. */
export interface PreferredFault {
  fault: Fault;
  applied: string;
}

/**
 * Reads the fault in a `Prefer` header, such as `code=503, delay=250` (RFC 7240; the names are Prism's). Other
 * preferences are ignored; of a repeated one the first counts, as the RFC says. Throws an ApiError for an invalid value.
 */
export function readPrefer(header: string): PreferredFault | undefined {
  const fault: Fault = {};
  const applied = new Map<string, string>();
  for (const text of header.match(PREFERENCE) ?? []) {
    const [, name = '', quoted, bare = ''] = /^\s*([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s;]*))/.exec(text) ?? [];
    const key = name.toLowerCase();
    const read = PREFERENCES.get(key);
    if (read === undefined || applied.has(key)) continue;
    const value = quoted ?? bare;
    const part = read(value);
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
