import { findGrant } from '../api/auth.js';
import { type Reason, stepOf } from '../api/errors.js';
import { parseQuery } from '../api/query.js';
import { PARAMETER_RULES, type ParameterName, PathParametersSchema, QueryParametersSchema } from '../api/schema.js';
import { formatPortable } from '../api/spelling.js';
import { parseTarget, type Target } from '../api/target.js';
import type { Store } from '../store/store.js';
import type { ApiKey, Lookup } from '../store/types.js';
import { quote } from '../util/text.js';
import { compile } from '../util/validate.js';
import { findMismatch } from './mismatch.js';
import { limitFor, listNearest, listVariations } from './nearest.js';

/** What advice may mention; without a key, all data. */
export interface AdviceContext {
  store: Pick<Store, 'findPackageType' | 'listExisting' | 'listNeighbours'>;
  key?: ApiKey | undefined;
  /** Whether to leave out corrected targets and all names but the nearest. */
  isShort?: boolean | undefined;
}

const MAX_NAMES = 3;

/** Returns a more specific reason: the mistake in the path, or `doubleEncoded`. Accepts any target. */
export function refineReason(target: string, reason: Reason): Reason {
  if (isMismatch(reason)) return findMismatch(target).reason;
  return findDoubleEncoded(parseTarget(target), reason) === undefined ? reason : 'doubleEncoded';
}

/** Says in one sentence what to change about a request that failed with a reason. */
export function advise(target: string, reason: Reason, context: AdviceContext): string {
  if (isMismatch(reason)) {
    const { advice, corrected } = findMismatch(target);
    return withTarget(advice, context.isShort ? undefined : corrected);
  }
  const parsed = parseTarget(target);
  const doubled = findDoubleEncoded(parsed, reason);
  if (doubled !== undefined) {
    const corrected = context.isShort ? undefined : encodeOnce(parsed);
    return withTarget(`${doubled} is percent-encoded twice; encode it once`, corrected);
  }
  const advice = ADVICE[reason];
  return typeof advice === 'function' ? advice(parsed, context) : (advice ?? 'see the details of the answer');
}

const isMismatch = (reason: Reason) => stepOf(reason) === 'route' && reason !== 'notPortable';

const withTarget = (advice: string, corrected?: string) =>
  corrected === undefined ? advice : `${advice}: ${corrected}`;

const SPELLING_REFUSED = 'the open-source server refuses this spelling';

const ADVICE: Partial<Record<Reason, string | ((target: Target, context: AdviceContext) => string)>> = {
  methodUnknown: 'send GET, or HEAD',
  targetTooLong: 'send a shorter target',
  headersTooLarge: 'send a shorter target, or fewer and shorter headers',
  unsendable: 'percent-encode spaces, control characters and letters beyond ASCII; a target starts with a slash',
  malformedRequest: 'send a valid HTTP/1.1 request; percent-encode spaces and letters beyond ASCII in the target',
  versionNotSupported: 'send an HTTP/1.1 request',
  hostMissing: 'send the header Host, which an HTTP/1.1 request must have',
  notPortable: (target, { isShort }) =>
    isShort ? SPELLING_REFUSED : withTarget(`${SPELLING_REFUSED}; send`, formatPortable(target)),
  undecodable: 'write a percent sign as %25, and encode UTF-8',
  methodNotAllowed: 'send GET, or HEAD',
  keyMissing: 'send a key in the header x-api-key',
  bearerOnly: 'send the key in x-api-key; a Bearer token is not read',
  keysDiffer: 'send one key; x-api-key came twice, with different values',
  keyUnknown: 'send a key from the apiKeys of the fixtures',
  keyRevoked: (_, { key }) => `${nameKey(key)} is revoked; send another`,
  keyExpired: (_, { key }) =>
    `${nameKey(key)} expired${key?.expiresAt ? ` at ${new Date(key.expiresAt).toISOString()}` : ''}; send another`,
  invalidParameter: adviseSyntax,
  invalidPreference: 'correct the header Prefer; the details of the answer say what is expected',
  doubleEncoded: 'percent-encode every name once',
  scopeNotGranted: (target, { key }) => `no grant of ${nameKey(key)} covers ${refOf(target)}${listGrants(key)}`,
  registryUnknown: (target, context) => adviseName(NAMES.registryUnknown, target, context),
  artifactTypeNotAllowed: (target, { store }) => {
    const packageType = store.findPackageType(target.parameters?.ref ?? '') ?? 'of another package type';
    return `remove artifact_type: ${refOf(target)} is ${packageType}, and only HUGGINGFACE has artifact types`;
  },
  artifactTypeMissing: 'add artifact_type=model or artifact_type=dataset: the registry is HUGGINGFACE',
  artifactUnknown: (target, context) => adviseName(NAMES.artifactUnknown, target, context),
  versionUnknown: (target, context) => adviseName(NAMES.versionUnknown, target, context),
  childUnknown: (target, context) => adviseName(NAMES.childUnknown, target, context),
  fault: 'a fault was injected by the Prefer header, an armed rule or the fixture',
  unforeseen: 'this is a bug of the server; its log has the cause',
};

const refOf = ({ parameters }: Target): string => (parameters ? quote(parameters.ref) : 'the registry');

const nameKey = (key: ApiKey | undefined): string => (key ? `the key ${quote(key.name)}` : 'the key');

function listGrants(key: ApiKey | undefined): string {
  if (key === undefined) return '; send a key that may read it';
  return key.grants.length === 0 ? '; it has no grants' : `; its grants: ${key.grants.map(quote).join(', ')}`;
}

function adviseSyntax({ parameters, query }: Target): string {
  if (parameters === undefined) return 'correct the parameter that the details of the answer name';
  const { ref, ...names } = parameters;
  const ofPath = compile(PathParametersSchema).Errors({ registry_ref: ref, ...names });
  const ofQuery = compile(QueryParametersSchema).Errors(parseQuery(query.slice(1)));
  const field = (ofPath.First() ?? ofQuery.First())?.path.slice(1) as ParameterName | undefined;
  return field ? `${field} ${PARAMETER_RULES[field]}` : 'correct the parameter that the details of the answer name';
}

/** Returns the lookup of a call, without repeated parameters; undefined for another target. */
export function toLookup({ parameters, query }: Target): Lookup | undefined {
  if (parameters === undefined) return undefined;
  const { artifact_type: type, childVersion } = parseQuery(query.slice(1));
  return {
    ...parameters,
    artifactType: typeof type === 'string' ? (type as Lookup['artifactType']) : undefined,
    childVersion: typeof childVersion === 'string' ? childVersion : undefined,
  };
}

/** A kind of name in a lookup: the member that has it, and its words in messages. */
interface Name {
  kind: Parameters<Store['listNeighbours']>[0];
  member: 'ref' | 'artifact' | 'version' | 'childVersion';
  label: string;
  plural: string;
}

const NAMES = {
  registryUnknown: { kind: 'registry', member: 'ref', label: 'the registry_ref', plural: 'registries' },
  artifactUnknown: { kind: 'artifact', member: 'artifact', label: 'the artifact', plural: 'artifacts' },
  versionUnknown: { kind: 'version', member: 'version', label: 'the version', plural: 'versions' },
  childUnknown: { kind: 'child', member: 'childVersion', label: 'childVersion', plural: 'child versions' },
} as const satisfies Partial<Record<Reason, Name>>;

/**
 * Lists the known names nearest to an unknown one, its usual variations first; of registries, only those that the key
 * may see. Of more names than can be compared in time, only its neighbours count.
 */
function adviseName({ kind, member, plural }: Name, target: Target, { store, key, isShort }: AdviceContext): string {
  const lookup = toLookup(target);
  if (lookup === undefined) return `ask for one of the ${plural} in the fixtures`;
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

/** Names the parameter that still contains an escape after decoding, if that can be the cause. */
function findDoubleEncoded(target: Target, reason: Reason): string | undefined {
  const lookup = toLookup(target);
  // Encoded twice, the slashes of a ref are data, and it has only one component.
  const cause = reason === 'invalidParameter' && !lookup?.ref.includes('/') ? 'registryUnknown' : reason;
  const isEscaped = ({ member }: Name) => /%[0-9a-f]{2}/i.test(lookup?.[member] ?? '');
  const suspects = Object.entries(NAMES).filter(([name]) => cause === name || cause === 'doubleEncoded');
  return suspects.find(([, name]) => isEscaped(name))?.[1].label;
}

function encodeOnce({ path, query }: Target): string | undefined {
  const corrected = (path + query).replace(/%(?:25)+([0-9a-f]{2})/gi, '%$1');
  return parseTarget(corrected).kind === 'call' ? corrected : undefined;
}
