import { ApiError } from '../api/errors.js';
import { compile } from '../util/validate.js';
import { FAILED_STATUSES, type Fault, FaultSchema, findContradiction, MAX_DELAY, NETWORK_FAULTS } from './fault.js';

const toNumber = (text: string) => (/^\d{1,6}$/.test(text) ? Number(text) : Number.NaN);

function toDelay(text: string): number | object {
  const [min = Number.NaN, max = min, ...rest] = text.split('-').map(toNumber);
  if (rest.length > 0) return Number.NaN;
  return min === max ? min : { min, max };
}

/** What the value of a preference must be, and the fault that it means, which may be invalid. */
const PREFERENCES = new Map<string, [expected: string, read: (value: string) => object]>([
  ['code', ['must be a status from 400 to 599', (value) => ({ code: toNumber(value) })]],
  ['status', [`must be one of ${FAILED_STATUSES.join(', ')}`, (status) => ({ status })]],
  [
    'delay',
    [
      `must be milliseconds up to ${MAX_DELAY}, such as 250, or a range such as 100-500`,
      (value) => ({ delay: toDelay(value) }),
    ],
  ],
  ['fault', [`must be one of ${NETWORK_FAULTS.join(', ')}`, (network) => ({ network })]],
  ['retry-after', ['must be whole seconds up to 86400, next to a code', (value) => ({ retryAfter: toNumber(value) })]],
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
    const [expected, read] = PREFERENCES.get(key) ?? [];
    if (read === undefined || applied.has(key)) continue;
    const value = quoted ?? bare;
    const part = read(value);
    if (!compile(FaultSchema).Check(part)) throw invalid(`${key}=${value}`, `${key} ${expected}`);
    Object.assign(fault, part);
    applied.set(key, value);
  }
  const contradiction = findContradiction(fault);
  if (contradiction !== undefined) throw invalid(header, contradiction);
  if (applied.size === 0) return undefined;
  return { fault, applied: [...applied].map(([key, value]) => `${key}=${value}`).join(', ') };
}

const invalid = (value: string, reason: string) =>
  new ApiError('invalidPreference', { field: 'Prefer', value, reason });
