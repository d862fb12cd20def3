import { ApiError, LookupError } from '../api/errors.js';
import { FAULT_STATUSES } from '../api/operation.js';
import { formatPath, formatQuery } from '../api/spelling.js';
import type { Config } from '../config/options.js';
import { toEnvelope } from '../faults/inject.js';
import { writeFixtures } from '../seed/write.js';
import { openStore, type Store } from '../store/store.js';
import type { Lookup } from '../store/types.js';
import { BUNDLED_FIXTURES } from '../util/package.js';

/** What the pages show of their server. */
export interface PageOptions extends Pick<Config, 'auth' | 'prefer' | 'spellings' | 'errors'> {
  store: Store;
  /** Whether only this machine can reach the server; elsewhere, pages show the bundled fixtures instead of its data. */
  isLocal: boolean;
  hasAdmin: boolean;
  /** Finds the name of a key that may read a registry. */
  findKeyName(ref: string): string | undefined;
}

/** A request, and what this server answers. */
export interface Example {
  name: string;
  summary: string;
  request: Lookup;
  /** What the request has, or lacks, besides its target. */
  note?: string;
  status: number;
  body: object;
}

type Answer = Pick<Example, 'status' | 'body' | 'note'>;

let bundled: Store | undefined;

/** Returns the store whose names may be shown. */
function shownStore({ store, isLocal }: PageOptions): Store {
  if (isLocal) return store;
  if (bundled === undefined) {
    bundled = openStore();
    writeFixtures([BUNDLED_FIXTURES], bundled.seed);
  }
  return bundled;
}

/** Has no effect on an artifact without children, so a request may have both optional parameters. */
const ANY_DIGEST = `sha256:${'0'.repeat(64)}`;

/** Selects versions to show, if possible without a quarantine. The model has both optional parameters. */
function selectVersions(store: Store) {
  const versions = store.sampleVersions().sort((a, b) => a.isQuarantined - b.isQuarantined);
  const select = (usual: string, isNamespaced: boolean) => {
    const matching = versions.filter((one) => !one.artifactType && one.artifact.includes('/') === isNamespaced);
    return matching.find(({ packageType }) => packageType === usual) ?? matching[0];
  };
  const namespaced = select('DOCKER', true);
  const isUnique = (model: Lookup) => store.find({ ...model, artifactType: 'dataset' }) instanceof LookupError;
  const model = versions.find((version) => version.artifactType === 'model' && isUnique(version));
  return {
    namespaced,
    flat: select('PYTHON', false),
    child: namespaced?.child ? { ...namespaced, childVersion: namespaced.child } : undefined,
    model: model && { ...model, childVersion: namespaced?.child ?? ANY_DIGEST },
    any: versions[0],
  };
}

/** Finds a request that gets a 200, if possible without query parameters. */
export function findPlain(store: Store): Lookup | undefined {
  const { namespaced, flat, any } = selectVersions(store);
  return namespaced ?? flat ?? any;
}

/** The name of the key in the bundled fixtures that can read all of them. */
const BUNDLED_KEY_NAME = 'developer';

/** Finds a plain request to show, and the name of a key that may send it. */
export function findTrial(options: PageOptions): { request: Lookup; keyName: string | undefined } | undefined {
  const request = findPlain(shownStore(options));
  return request && { request, keyName: options.isLocal ? options.findKeyName(request.ref) : BUNDLED_KEY_NAME };
}

/**
 * Lists requests to show, and their answers; none if nothing answers 200. The first one has as many optional parameters
 * as a 200 allows, because tools send the example of every parameter. An error without a matching request is left out.
 */
export function listExamples(options: PageOptions): Example[] {
  const { prefer, errors } = options;
  // The contract has no schema for a 401 or a 403 of the hosted front.
  const auth = errors === 'hosted' ? 'off' : options.auth;
  const store = shownStore(options);
  const { namespaced, flat, child, model, any } = selectVersions(store);
  const untyped = flat ?? namespaced;
  const first = model ?? untyped ?? any;
  if (first === undefined) return [];

  const examples: Example[] = [];
  const add = (name: string, summary: string, request: Lookup | undefined, answer?: Answer) => {
    if (request !== undefined) examples.push({ name, summary, request, ...(answer ?? find(store, request)) });
  };
  add('model', 'A HuggingFace model, with all parameters', model);
  add('namespaced', 'A name with slashes', namespaced);
  add('flat', 'A name without slashes', flat);
  add('typed', 'An artifact with a type', untyped ? undefined : any);
  add('child', 'A child version', child);
  add('unknown', 'An unknown artifact', { ...first, artifact: 'no-such-artifact' });
  if (auth !== 'off') add('noKey', 'No key', first, { ...toAnswer(new ApiError('keyMissing')), note: 'without a key' });
  if (auth === 'strict') {
    add('noGrant', 'A registry that no grant covers', FOREIGN, toAnswer(new ApiError('scopeNotGranted')));
  }
  // Dredd compares the first example of a response with what it gets for the preference, which has no details.
  for (const status of prefer === 'on' ? [400, 500, ...FAULT_STATUSES] : []) {
    const answer = { status, body: toEnvelope(status, {}), note: `with Prefer: code=${status}` };
    add(`fault${status}`, 'A fault that the request asks for', first, answer);
  }
  add('artifactType', 'An artifact type where there is none', untyped && { ...untyped, artifactType: 'model' });
  return examples;
}

const FOREIGN: Lookup = { ref: 'another-account/registry', artifact: 'app', version: '1.0.0' };

const toAnswer = ({ status, envelope }: ApiError): Answer => ({ status, body: envelope });

function find(store: Store, request: Lookup): Answer {
  const found = store.find(request);
  if (found instanceof LookupError) return toAnswer(found);
  return { status: 200, body: { status: 'SUCCESS', data: JSON.parse(found.data) } };
}

/** Formats the target of a request as the published page would; it can stand in single quotes. */
export const formatTarget = (request: Lookup): string =>
  (formatPath(request, 'published') + formatQuery(request)).replaceAll("'", '%27');
