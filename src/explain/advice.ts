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
import { limitFor, listNearest, listVariations } from './nearest.js';

/** What advice may mention; without a key, all data. */
export interface AdviceContext {
  store: Pick<Store, 'findPackageType' | 'listExisting' | 'listNeighbours'>;
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
  unforeseen: 'this is a bug of the server; its log has the cause',
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

/**
 * Lists the known names nearest to an unknown one, its usual variations first; of registries, only those that the key
 * may see. Of more names than can be compared in time, only its neighbours count.
 */
function adviseName({ kind, member, plural }: Name, target: Target, { store, key, isShort }: AdviceContext): string {
  const lookup = toLookup(target);
  const { [member]: wanted = '', artifactType } = lookup;
  const isVisible = (name: string) => kind !== 'registry' || key === undefined || findGrant(key.grants, name);
  const variations = listVariations(wanted);
  const known = new Set(store.listExisting(kind, lookup, variations).filter(isVisible));
  if (known.has(wanted)) {
    if (artifactType === undefined) return `${quote(wanted)} exists now; send the request again`;
    return `${quote(wanted)} exists, but not as a ${artifactType}: change artifact_type`;
  }
  // In byte order, v1 is far from 1.
  const neighbours = variations
    .slice(0, 2)
    .flatMap((name) => store.listNeighbours(kind, { ...lookup, [member]: name }, limitFor(wanted)));
  const others = listNearest(wanted, [...new Set(neighbours)].filter(isVisible), MAX_NAMES);
  const nearest = new Set([...variations.filter((name) => known.has(name)), ...others]);
  if (nearest.size === 0) return `there are no ${plural} to choose from`;
  const named = [...nearest].slice(0, isShort ? 1 : MAX_NAMES).map(quote);
  return isShort ? `nearest ${named}` : `nearest known ${plural}: ${named.join(', ')}`;
}
