import { FAILED_STATUSES, type Fault, findContradiction, MOST_DELAY, NETWORK_FAULTS } from '../faults/fault.js';
import { ApiError } from './errors.js';

/** How one preference is read: what its value must be, and the part of a fault that it asks for. */
interface Preference {
  expected: string;
  read(value: string): Fault | undefined;
}

const upTo = (text: string, least: number, most: number): number | undefined => {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : -1;
  return number >= least && number <= most ? number : undefined;
};

const PREFERENCES: Record<string, Preference> = {
  code: {
    expected: 'must be a status from 400 to 599',
    read(value) {
      const code = upTo(value, 400, 599);
      return code === undefined ? undefined : { code };
    },
  },
  status: {
    expected: `must be one of ${FAILED_STATUSES.join(', ')}`,
    read(value) {
      const status = FAILED_STATUSES.find((known) => known === value);
      return status && { status };
    },
  },
  delay: {
    expected: `must be milliseconds up to ${MOST_DELAY}, such as 250, or a range such as 100-500`,
    read(value) {
      const [least = '', most = least, ...rest] = value.split('-');
      const min = upTo(least, 0, MOST_DELAY);
      const max = upTo(most, 0, MOST_DELAY);
      if (min === undefined || max === undefined || rest.length > 0) return undefined;
      return { delay: min === max ? min : { min, max } };
    },
  },
  fault: {
    expected: `must be one of ${NETWORK_FAULTS.join(', ')}`,
    read(value) {
      const network = NETWORK_FAULTS.find((known) => known === value);
      return network && { network };
    },
  },
};

/** One preference of a header; a comma in quotes parts none. */
const PREFERENCE = /(?:"[^"]*"|[^,"])+/g;

/** A fault that a request asks for, and the preferences that it was read from, as `Preference-Applied` names them. */
export interface PreferredFault {
  fault: Fault;
  applied: string;
}

/**
 * Reads the fault that a `Prefer` header asks for, such as `code=503, delay=250` (RFC 7240; source of the names: a peer).
 * Returns undefined where it asks for none; preferences of other names are ignored, and of one that comes again the first
 * counts, as the RFC wants. Throws an ApiError for a value that is none.
 */
export function readPrefer(header: string): PreferredFault | undefined {
  const fault: Fault = {};
  const applied: string[] = [];
  const seen = new Set<string>();
  for (const text of header.match(PREFERENCE) ?? []) {
    const [, name = '', quoted, bare = ''] = /^\s*([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s;]*))/.exec(text) ?? [];
    const key = name.toLowerCase();
    const preference = Object.hasOwn(PREFERENCES, key) ? PREFERENCES[key] : undefined;
    if (preference === undefined || seen.has(key)) continue;
    seen.add(key);
    const value = quoted ?? bare;
    const part = preference.read(value);
    if (part === undefined) throw invalid(`${key}=${value}`, `${key} ${preference.expected}`);
    Object.assign(fault, part);
    applied.push(`${key}=${value}`);
  }
  const contradiction = findContradiction(fault);
  if (contradiction !== undefined) throw invalid(header, contradiction);
  return applied.length === 0 ? undefined : { fault, applied: applied.join(', ') };
}

const invalid = (value: string, reason: string) =>
  new ApiError('invalidParameter', { field: 'Prefer', value, reason }, 'invalidPreference');
