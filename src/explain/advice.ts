import { distance } from 'fastest-levenshtein';
import { findGrant } from '../api/auth.js';
import type { Reason } from '../api/errors.js';
import { PARAMETER_RULES, type ParameterName, PathParametersSchema, QueryParametersSchema } from '../api/schema.js';
import { formatPortable } from '../api/spelling.js';
import { parseQuery, parseTarget, type Target } from '../api/target.js';
import type { Store } from '../store/store.js';
import type { ApiKey } from '../store/types.js';
import { quote } from '../util/text.js';
import { compile } from '../util/validate.js';
import { findMistake, type Name, toLookup, UNKNOWN_NAMES } from './mistakes.js';

/** What advice may mention; without a key, all data. */
export interface AdviceContext {
  store: Pick<Store, 'findPackageType' | 'listNeighbours'>;
  key?: ApiKey | undefined;
  /** Whether to leave out corrected targets and all names but the nearest. */
  isShort?: boolean | undefined;
}

/** Why a request failed, as far as its target shows. */
export interface Diagnosis {
  /** The mistake in the target, or the reason that the pipeline gave. */
  reason: Reason;
  /** Says in one sentence what to change; may take milliseconds. */
  advise(context: AdviceContext): string;
}

/** Diagnoses a request that failed with a reason. Accepts any target. */
export function diagnose(target: string, reason: Reason): Diagnosis {
  const mistake = findMistake(target, reason);
  if (mistake !== undefined) {
    const { advice, corrected } = mistake;
    return { reason: mistake.reason, advise: (context) => withTarget(advice, corrected, context) };
  }
  const parsed = parseTarget(target);
  const name = UNKNOWN_NAMES[reason];
  if (name !== undefined) return { reason, advise: (context) => adviseName(name, parsed, context) };
  const advice = ADVICE[reason] ?? SEE_DETAILS;
  return { reason, advise: (context) => (typeof advice === 'string' ? advice : advice(parsed, context)) };
}

const withTarget = (advice: string, corrected: string | undefined, { isShort }: AdviceContext): string =>
  corrected === undefined || isShort ? advice : `${advice}: ${corrected}`;

const SEE_DETAILS = 'see the details of the answer';

const ADVICE: Partial<Record<Reason, string | ((target: Target, context: AdviceContext) => string)>> = {
  methodUnknown: 'send GET, or HEAD',
  targetTooLong: 'send a shorter target',
  headersTooLarge: 'send a shorter target, or fewer and shorter headers',
  malformedRequest:
    'send a valid HTTP/1.1 request; its target starts with a slash, with spaces, control characters and letters beyond ASCII percent-encoded',
  versionNotSupported: 'send an HTTP/1.1 request',
  hostMissing: 'send the header Host, which an HTTP/1.1 request must have',
  notPortable: (target, context) =>
    withTarget('the open-source server refuses this spelling; send another', formatPortable(target), context),
  undecodable: 'write a percent sign as %25, and encode UTF-8',
  methodNotAllowed: 'send GET, or HEAD',
  keyMissing: 'send a key in the header x-api-key',
  bearerOnly: 'send the key in x-api-key; a Bearer token is not read',
  keysDiffer: 'send one key; x-api-key came twice, with different values',
  keyUnknown: 'send a key from the apiKeys of the fixtures',
  keyRevoked: (_, { key }) => `${nameKey(key)} is revoked; send another`,
  keyExpired: (_, { key }) =>
    `${nameKey(key)} expired${key?.expiresAt ? ` at ${new Date(key.expiresAt).toISOString()}` : ''}; send another`,
  scopeNotGranted: (target, { key }) =>
    `no grant of ${nameKey(key)} covers ${quote(toLookup(target).ref)}${listGrants(key)}`,
  invalidParameter: adviseSyntax,
  artifactTypeNotAllowed: (target, { store }) => {
    const { ref } = toLookup(target);
    return `remove artifact_type: ${quote(ref)} is ${store.findPackageType(ref)}, and only HUGGINGFACE has artifact types`;
  },
  invalidPreference: 'correct the header Prefer; the details of the answer say what is expected',
  artifactTypeMissing: 'add artifact_type=model or artifact_type=dataset: the registry is HUGGINGFACE',
  fault: 'a fault was injected by the Prefer header, an armed rule or the fixture',
  unforeseen: 'the server failed, or cannot read its store; its log has the cause',
};

const nameKey = (key: ApiKey | undefined): string => (key ? `the key ${quote(key.name)}` : 'the key');

function listGrants(key: ApiKey | undefined): string {
  if (key === undefined) return '; send a key that may read it';
  return key.grants.length === 0 ? '; it has no grants' : `; its grants: ${key.grants.map(quote).join(', ')}`;
}

function adviseSyntax(target: Target): string {
  const { ref, artifact, version } = toLookup(target);
  const ofPath = compile(PathParametersSchema).Errors({ registry_ref: ref, artifact, version });
  const ofQuery = compile(QueryParametersSchema).Errors(parseQuery(target.query.slice(1)));
  const field = (ofPath.First() ?? ofQuery.First())?.path.slice(1) as ParameterName | undefined;
  return field ? `${field} ${PARAMETER_RULES[field]}` : SEE_DETAILS;
}

const MAX_NAMES = 3;

/** How many names of up to 32 characters are compared in a few milliseconds. */
const MAX_COMPARED = 3_000;

/** Only this many characters of a name are compared. */
const MAX_LENGTH = 255;

/** How many names to compare with a name: the time for one grows with the square of its length. */
export function limitFor({ length }: string): number {
  return Math.ceil(MAX_COMPARED / (1 + Math.floor(Math.min(length, MAX_LENGTH) / 33)) ** 2);
}

/** Removes what is often written in another way: case, a `v` before numbers, `+` and `_` for `-`, a last `.0`, NFD. */
const normalise = (name: string): string =>
  name
    .slice(0, MAX_LENGTH)
    .normalize('NFC')
    .toLowerCase()
    .replace(/^v(?=\d)/, '')
    .replace(/[+_]/g, '-')
    .replace(/(?:\.0)+(?=-|$)/, '');

/** Lists other spellings of a name, which may sort far from it: `1.25` and `v1.25` for `V1.25.0`. */
export const listSpellings = (name: string): string[] => [normalise(name), `v${normalise(name)}`];

/** Lists the names nearest to a name, its other spellings first, however different they are. */
export function listNearest(name: string, candidates: readonly string[], max: number): string[] {
  const forms = (text: string) => [text.slice(0, MAX_LENGTH), normalise(text)] as const;
  const [written, normal] = forms(name);
  const distanceTo = ([text, other]: readonly [string, string]) =>
    Math.min(distance(written, text), distance(normal, other));
  return candidates
    .map((candidate) => ({ candidate, apart: distanceTo(forms(candidate)) }))
    .sort((a, b) => a.apart - b.apart)
    .slice(0, max)
    .map(({ candidate }) => candidate);
}

/**
 * Lists the known names nearest to an unknown one; of registries, only those that the key may see. Of more names than can
 * be compared in time, only those that sort next to it or to another spelling of it count.
 */
function adviseName({ kind, member, plural }: Name, target: Target, { store, key, isShort }: AdviceContext): string {
  const lookup = toLookup(target);
  const { [member]: wanted = '', artifactType } = lookup;
  const isVisible = (name: string) => kind !== 'registry' || key === undefined || findGrant(key.grants, name);
  const max = limitFor(wanted);
  const list = (name: string) => store.listNeighbours(kind, { ...lookup, [member]: name }, max);
  const next = list(wanted);
  const names = next.length < max ? next : [next, ...listSpellings(wanted).map(list)].flat();
  const known = [...new Set(names)].filter(isVisible);
  if (known.includes(wanted)) {
    if (artifactType === undefined) return `${quote(wanted)} exists now; send the request again`;
    return `${quote(wanted)} exists, but not as a ${artifactType}: change artifact_type`;
  }
  const nearest = listNearest(wanted, known, isShort ? 1 : MAX_NAMES).map(quote);
  if (nearest.length === 0) return `there are no ${plural} to choose from`;
  return isShort ? `nearest ${nearest}` : `nearest known ${plural}: ${nearest.join(', ')}`;
}
