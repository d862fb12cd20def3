import { ApiError } from '../api/errors.js';
import { FAULT_STATUSES } from '../api/operation.js';
import { formatPath, formatQuery } from '../api/spelling.js';
import type { Config } from '../config/options.js';
import { toEnvelope } from '../faults/inject.js';
import { writeFixtures } from '../seed/write.js';
import { openStore, type Store } from '../store/store.js';
import type { Lookup } from '../store/types.js';
import { BUNDLED_FIXTURES } from '../util/package.js';
import type { DocumentedOperation } from './documents.js';

/** What the pages show of their server. */
export interface PageOptions extends Pick<Config, 'auth' | 'prefer' | 'spellings' | 'errors'> {
  store: Store;
  /** Whether only this machine can reach the server; elsewhere, pages show the bundled fixtures instead of its data. */
  isLocal: boolean;
  hasAdmin: boolean;
  /** Finds the name of a key that may read a registry. */
  findKeyName(ref: string): string | undefined;
}

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

/** Selects requests that get a 200, if possible without a quarantine. */
function selectRequests(store: Store) {
  const versions = store.sampleVersions().sort((a, b) => a.isQuarantined - b.isQuarantined);
  const select = (usual: string, isNamespaced: boolean) => {
    const matching = versions.filter((one) => !one.artifactType && one.artifact.includes('/') === isNamespaced);
    return matching.find(({ packageType }) => packageType === usual) ?? matching[0];
  };
  const namespaced = select('DOCKER', true);
  const flat = select('PYTHON', false);
  const isUnique = (model: Lookup) => store.find({ ...model, artifactType: 'dataset' }) instanceof ApiError;
  const model = versions.find((version) => version.artifactType === 'model' && isUnique(version));
  return {
    namespaced,
    flat,
    child: namespaced?.child ? { ...namespaced, childVersion: namespaced.child } : undefined,
    /** With both optional parameters. */
    model: model && { ...model, childVersion: namespaced?.child ?? ANY_DIGEST },
    /** Without query parameters, if possible. */
    plain: namespaced ?? flat ?? versions[0],
  };
}

/** Finds a request that gets a 200, if possible without query parameters. */
export const findPlain = (store: Store): Lookup | undefined => selectRequests(store).plain;

/** The name of the key in the bundled fixtures that can read all of them. */
const BUNDLED_KEY_NAME = 'developer';

/** Finds a plain request to show, and the name of a key that may send it. */
export function findTrial(options: PageOptions): { request: Lookup; keyName: string | undefined } | undefined {
  const request = findPlain(shownStore(options));
  return request && { request, keyName: options.isLocal ? options.findKeyName(request.ref) : BUNDLED_KEY_NAME };
}

type Answer = Pick<ApiError, 'status'> & { envelope: object };

/**
 * Adds requests and their answers to the call. Its parameters get those of `trial`, or else as many as a 200 allows, because
 * tools send the example of every parameter. An error without a matching request is left out, and all if nothing answers 200.
 */
export function addExamples(call: DocumentedOperation, options: PageOptions, trial: Lookup | undefined): void {
  const store = shownStore(options);
  const { namespaced, flat, child, model, plain } = selectRequests(store);
  const untyped = flat ?? namespaced;
  const full = model ?? untyped ?? plain;
  if (full === undefined) return;

  const shown = trial ?? full;
  // Clients encode the parameters, and no marker of an encoded name is portable.
  const marker = options.spellings === 'portable' ? '' : '/+';
  const values: Record<string, string | undefined> = {
    registry_ref: shown.ref + marker,
    artifact: shown.artifact.includes('/') ? shown.artifact + marker : shown.artifact,
    version: shown.version,
    artifact_type: shown.artifactType,
    childVersion: shown.childVersion,
  };
  // Dredd reads no named examples of a parameter, and OpenAPI allows only one of example and examples.
  for (const parameter of call.parameters) parameter.example = values[parameter.name];

  const add = (name: string, summary: string, request: Lookup | undefined, answer?: Answer, note = '') => {
    if (request === undefined) return;
    const { status, envelope: value } = answer ?? find(store, request);
    const media = call.responses[status]?.content['application/json'] as { examples?: object };
    const description = `GET ${formatTarget(request)}${note}`;
    media.examples = { ...media.examples, [name]: { summary, description, value } };
  };
  add('model', 'A HuggingFace model, with all parameters', model);
  add('namespaced', 'A name with slashes', namespaced);
  add('flat', 'A name without slashes', flat);
  add('typed', 'An artifact with a type', untyped ? undefined : plain);
  add('child', 'A child version', child);
  add('unknown', 'An unknown artifact', { ...full, artifact: 'no-such-artifact' });
  // The contract has no schema for a 401 or a 403 of the hosted front.
  const auth = options.errors === 'hosted' ? 'off' : options.auth;
  if (auth !== 'off') add('noKey', 'No key', full, new ApiError('keyMissing'), ', without a key');
  if (auth === 'strict') {
    const foreign = { ref: 'another-account/registry', artifact: 'app', version: '1.0.0' };
    add('noGrant', 'A registry that no grant covers', foreign, new ApiError('scopeNotGranted'));
  }
  // Dredd compares the first example of a response with what it gets for the preference, which has no details.
  for (const status of options.prefer === 'on' ? [400, 500, ...FAULT_STATUSES] : []) {
    const answer = { status, envelope: toEnvelope(status, {}) };
    add(`fault${status}`, 'A fault that the request asks for', full, answer, `, with Prefer: code=${status}`);
  }
  add('artifactType', 'An artifact type where there is none', untyped && { ...untyped, artifactType: 'model' });
}

function find(store: Store, request: Lookup): Answer {
  const found = store.find(request);
  if (found instanceof ApiError) return found;
  return { status: 200, envelope: { status: 'SUCCESS', data: JSON.parse(found.data) } };
}

/** Formats the target of a request as the published page would; it can stand in single quotes. */
export const formatTarget = (request: Lookup): string =>
  (formatPath(request, 'published') + formatQuery(request)).replaceAll("'", '%27');
