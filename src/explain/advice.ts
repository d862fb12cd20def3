import { findGrant } from '../http/api-key.js';
import type { Reason } from '../reason.js';
import type { NameFinder, NameKind } from '../store/names.js';
import type { ApiKey, LookUp } from '../store/types.js';
import { listNearest } from '../suggest.js';
import { isSendable, isTooLong } from '../wire/sendable.js';
import type { MisfitReason } from './misfit.js';
import { quote } from './quote.js';
import { type ReadTarget, toLookUp } from './read-target.js';
import { badInputOf, findBadParameter } from './syntax.js';

/** What an advice may speak of. */
export interface Facts {
  store: NameFinder;
  target: string;
  /** The target, read; undefined for one that is not of the API. */
  read: ReadTarget | undefined;
  /** The key of the request, where it is known. */
  key: ApiKey | undefined;
  /** How many bytes the first line and the headers of a request may have; Node's default unless given. */
  maxHeaderBytes?: number | undefined;
}

/** How many names are suggested. */
const MOST_NAMES = 3;

const NAME_OF = { registry: 'registryRef', artifact: 'artifact', version: 'version', child: 'childVersion' } as const;

/** Says in one sentence what to change about a request that met a reason. */
export function advise(reason: PlainReason, facts: Facts): string {
  const advice = ADVICE[reason];
  return typeof advice === 'string' ? advice : advice(facts);
}

/** The reasons whose advice is not a matter of how the path is written. */
export type PlainReason = Exclude<Reason, MisfitReason>;

const ADVICE: Record<PlainReason, string | ((facts: Facts) => string)> = {
  methodUnknown: 'send GET, or HEAD',
  targetTooLong: 'send a shorter target, or start the server with a greater --max-header-bytes',
  unsendable: adviseSendable,
  versionNotSupported: 'send an HTTP/1.1 request',
  hostMissing: 'send the header Host, which an HTTP/1.1 request must carry',
  undecodable: 'write a percent sign itself as %25, and encode UTF-8',
  methodNotAllowed: 'send GET, or HEAD',
  keyMissing: 'send a key in the header x-api-key',
  bearerOnly: 'send the key in x-api-key; a Bearer token is not read',
  keysDiffer: 'send one key; x-api-key came twice, with values that differ',
  keyUnknown: 'send a key that the apiKeys of the fixtures hold; none of them is this one',
  keyRevoked: ({ key }) => `${nameKey(key)} has been revoked; send another`,
  keyExpired: ({ key }) => `${nameKey(key)} has expired${writeExpiry(key)}; send another`,
  invalidParameter: adviseSyntax,
  invalidPreference: 'the header Prefer asks for what cannot be done; the details of the answer say what is expected',
  doubleEncoded: 'percent-encode every name once',
  scopeNotGranted: ({ key, read }) => `no grant of ${nameKey(key)} covers ${refOf(read)}${writeGrants(key)}`,
  registryUnknown: (facts) => adviseName('registry', 'registries', facts),
  artifactTypeNotAllowed: ({ store, read }) => {
    const packageType = store.findPackageType(read?.path.registryRef ?? '') ?? 'of another package type';
    return `leave artifact_type out: ${refOf(read)} is ${packageType}, and only HUGGINGFACE has artifact types`;
  },
  artifactUnknown: (facts) => adviseName('artifact', 'artifacts', facts),
  ambiguousArtifact: 'add artifact_type=model or artifact_type=dataset',
  versionUnknown: (facts) => adviseName('version', 'versions', facts),
  childUnknown: (facts) => adviseName('child', 'child versions', facts),
  fault: 'it fails on purpose: by the header Prefer, an armed fault, or the fault of a fixture',
  unforeseen: 'this is a mistake of the server, and its log holds the cause',
};

const refOf = (read: ReadTarget | undefined): string => (read ? quote(read.path.registryRef) : 'the registry');

const nameKey = (key: ApiKey | undefined): string => (key ? `the key ${quote(key.name)}` : 'the key');

function writeExpiry(key: ApiKey | undefined): string {
  return key?.expiresAt === undefined ? '' : ` at ${new Date(key.expiresAt).toISOString()}`;
}

function writeGrants(key: ApiKey | undefined): string {
  if (key === undefined) return '; send a key that may read it';
  return key.grants.length === 0 ? '; it has none' : `; its grants: ${key.grants.map(quote).join(', ')}`;
}

function adviseSendable({ target, maxHeaderBytes }: Facts): string {
  const rule = 'a target starts with a slash and holds no spaces, control characters or letters beyond ASCII';
  const encoded = target.replace(/\p{Surrogate}/gu, '\ufffd').replace(/[^!-~]+/g, encodeURIComponent);
  const isTaken = isSendable(encoded, maxHeaderBytes) && !isTooLong(encoded, maxHeaderBytes);
  return isTaken ? `${rule}; percent-encode them: ${encoded}` : rule;
}

function adviseSyntax({ read }: Facts): string {
  const error = read && findBadParameter(read);
  if (error === undefined) return 'the details of the answer name the parameter, and what it must be';
  const { field, reason } = badInputOf(error);
  return `${field} ${reason}`;
}

/** Names the known names that are nearest to one that is not known; of registries, those that the key may see. */
function adviseName(kind: NameKind, plural: string, { store, read, key }: Facts): string {
  if (read === undefined) return `ask for one of the ${plural} that the fixtures hold`;
  const lookUp = toLookUp(read);
  const asked = lookUp[NAME_OF[kind]] ?? '';
  const isVisible = (name: string) => kind !== 'registry' || key === undefined || findGrant(key.grants, name);
  const names = store.listNeighbours(kind, lookUp).filter(isVisible);
  if (names.includes(asked)) return adviseKnown(asked, lookUp);
  const nearest = listNearest(asked, names, MOST_NAMES).map(quote);
  return nearest.length === 0
    ? `there are no ${plural} to choose from`
    : `nearest known ${plural}: ${nearest.join(', ')}`;
}

/** A name that is known after all is an artifact of the other type, or came with fixtures that were loaded since. */
function adviseKnown(name: string, { artifactType }: LookUp): string {
  if (artifactType === undefined) return `${quote(name)} is known by now; ask again`;
  return `${quote(name)} is known, but not as a ${artifactType}: change artifact_type, or leave it out`;
}
