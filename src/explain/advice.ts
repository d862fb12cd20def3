import { distance } from 'fastest-levenshtein';
import { findGrant } from '../api/auth.js';
import type { Reason } from '../api/errors.js';
import { API_PATH } from '../api/operation.js';
import { PARAMETER_RULES, type ParameterName, PathParametersSchema, QueryParametersSchema } from '../api/schema.js';
import { parseQuery, parseTarget } from '../api/target.js';
import type { Store } from '../store/store.js';
import type { ApiKey, Lookup, LookupName } from '../store/types.js';
import { quote } from '../util/text.js';
import { compile } from '../util/validate.js';
import { type Diagnosis, diagnose, toLookup, UNKNOWN_NAMES } from './mistakes.js';

/** What advice may mention; without a key, all data. */
export interface AdviceContext {
  store: Pick<Store, 'findPackageType' | 'listNeighbours'>;
  key?: ApiKey | undefined;
  /** Whether to leave out corrected targets and all names but the nearest. */
  isShort?: boolean | undefined;
}

/** A failed request. */
interface Failed extends AdviceContext, Diagnosis {
  lookup: Lookup;
  query: string;
}

/** Says in one sentence what to change in a request that failed with a reason; may take milliseconds. Accepts any target. */
export function advise(target: string, reason: Reason, context: AdviceContext): string {
  const parsed = parseTarget(target);
  const diagnosis = diagnose(target, reason);
  const advice = ADVICE[diagnosis.reason] ?? SEE_DETAILS;
  const text =
    typeof advice === 'string'
      ? advice
      : advice({ ...context, ...diagnosis, lookup: toLookup(parsed), query: parsed.query });
  return diagnosis.corrected === undefined || context.isShort ? text : `${text}: ${diagnosis.corrected}`;
}

const SEE_DETAILS = 'see the details of the answer';
const SHAPE = `the path of the API is ${API_PATH}`;

const ADVICE: Partial<Record<Reason, string | ((failed: Failed) => string)>> = {
  malformedRequest:
    'send a valid HTTP/1.1 request; its target starts with a slash, with spaces, control characters and letters beyond ASCII percent-encoded',
  methodUnknown: 'send GET, or HEAD',
  hostMissing: 'send the header Host, which an HTTP/1.1 request must have',
  undecodable: 'write a percent sign as %25, and encode UTF-8',
  targetTooLong: 'send a shorter target',
  headersTooLarge: 'send a shorter target, or fewer and shorter headers',
  versionNotSupported: 'send an HTTP/1.1 request',
  unknownRoute: SHAPE,
  wrongCase: 'write the fixed words of the path in lower case',
  doubleSlash: 'replace // with /',
  trailingSlash: 'remove the slash after details',
  fragment: 'a target has no fragment; remove the # and what follows, or write a # in a name as %23',
  encodedRoute: 'do not percent-encode the fixed words of the path or the question mark',
  tailMissing: ({ corrected }) => (corrected === undefined ? SHAPE : 'the path ends in /version/{version}/details'),
  markerMissing: 'a registry_ref or an artifact that contains slashes must end in /+',
  notPortable: 'the open-source server refuses this spelling; send another',
  methodNotAllowed: 'send GET, or HEAD',
  keyMissing: 'send a key in the header x-api-key',
  bearerOnly: 'send the key in x-api-key; a Bearer token is not read',
  keysDiffer: 'send one key; x-api-key came twice, with different values',
  keyUnknown: 'send a key from the apiKeys of the fixtures',
  keyRevoked: ({ key }) => `${nameKey(key)} is revoked; send another`,
  keyExpired: ({ key }) =>
    `${nameKey(key)} expired${key?.expiresAt ? ` at ${new Date(key.expiresAt).toISOString()}` : ''}; send another`,
  scopeNotGranted: ({ key, lookup }) => `no grant of ${nameKey(key)} covers ${quote(lookup.ref)}; ${listGrants(key)}`,
  invalidParameter: adviseSyntax,
  invalidPreference: 'correct the header Prefer; the details of the answer say what is expected',
  doubleEncoded: ({ encodedTwice }) => `${encodedTwice} is percent-encoded twice; encode it once`,
  registryUnknown: (failed) => adviseName('registries', failed),
  artifactTypeNotAllowed: ({ store, lookup: { ref } }) =>
    `remove artifact_type: ${quote(ref)} is ${store.findPackageType(ref)}, and only HUGGINGFACE has artifact types`,
  artifactUnknown: (failed) => adviseName('artifacts', failed),
  artifactTypeMissing: 'add artifact_type=model or artifact_type=dataset: the registry is HUGGINGFACE',
  versionUnknown: (failed) => adviseName('versions', failed),
  childUnknown: (failed) => adviseName('child versions', failed),
  fault: 'a fault was injected by the Prefer header, an armed rule or the fixture',
  unforeseen: 'the server failed, or cannot read its store; its log has the cause',
};

const nameKey = (key: ApiKey | undefined): string => (key ? `the key ${quote(key.name)}` : 'the key');

function listGrants(key: ApiKey | undefined): string {
  if (key === undefined) return 'send a key that may read it';
  return key.grants.length === 0 ? 'it has no grants' : `its grants: ${key.grants.map(quote).join(', ')}`;
}

function adviseSyntax({ lookup: { ref, artifact, version }, query }: Failed): string {
  const ofPath = compile(PathParametersSchema).Errors({ registry_ref: ref, artifact, version });
  const ofQuery = compile(QueryParametersSchema).Errors(parseQuery(query.slice(1)));
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
  const written = name.slice(0, MAX_LENGTH);
  const normal = normalise(name);
  const distanceTo = (candidate: string) =>
    Math.min(distance(written, candidate.slice(0, MAX_LENGTH)), distance(normal, normalise(candidate)));
  return candidates
    .map((candidate) => ({ candidate, apart: distanceTo(candidate) }))
    .sort((a, b) => a.apart - b.apart)
    .slice(0, max)
    .map(({ candidate }) => candidate);
}

/**
 * Lists the known names nearest to an unknown one; of registries, only those that the key may see. Of more names than can
 * be compared in time, only those that sort next to it or to another spelling of it count.
 */
function adviseName(plural: string, { reason, lookup, store, key, isShort }: Failed): string {
  const member = UNKNOWN_NAMES[reason] as LookupName;
  const { [member]: wanted = '', artifactType } = lookup;
  const list = (name: string) => store.listNeighbours(member, { ...lookup, [member]: name }, limitFor(wanted));
  const names = new Set([wanted, ...listSpellings(wanted)].flatMap(list));
  const isVisible = (name: string) => member !== 'ref' || key === undefined || findGrant(key.grants, name);
  const known = [...names].filter(isVisible);
  if (known.includes(wanted)) {
    if (artifactType === undefined) return `${quote(wanted)} exists now; send the request again`;
    return `${quote(wanted)} exists, but not as a ${artifactType}: change artifact_type`;
  }
  const nearest = listNearest(wanted, known, isShort ? 1 : MAX_NAMES).map(quote);
  if (nearest.length === 0) return `there are no ${plural} to choose from`;
  return isShort ? `nearest ${nearest}` : `nearest known ${plural}: ${nearest.join(', ')}`;
}
