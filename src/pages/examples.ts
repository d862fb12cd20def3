import { ApiError, LookupError } from '../api/errors.js';
import { FAULT_STATUSES } from '../api/operation.js';
import { formatPath, formatQuery } from '../api/spelling.js';
import type { AuthMode } from '../config/options.js';
import { toEnvelope } from '../faults/inject.js';
import { writeFixtures } from '../seed/write.js';
import { openStore, type Store } from '../store/store.js';
import type { Lookup, SampledVersion } from '../store/types.js';
import { BUNDLED_FIXTURES } from '../util/package.js';

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

/** What decides which answers a server gives. */
export interface Modes {
  auth: AuthMode;
  prefer: boolean;
}

type Answer = Pick<Example, 'status' | 'body' | 'note'>;

/** Creates a function that lists examples: of the served data if pages may show its names, or of the bundled fixtures. */
export function prepareExamples(store: Store, { isLocal, ...modes }: Modes & { isLocal: boolean }): () => Example[] {
  if (isLocal) return () => listExamples(store, modes);
  let bundled: Example[] | undefined;
  return () => {
    bundled ??= listBundledExamples(modes);
    return bundled;
  };
}

function listBundledExamples(modes: Modes): Example[] {
  const store = openStore();
  writeFixtures([BUNDLED_FIXTURES], store.seed);
  const examples = listExamples(store, modes);
  store.close();
  return examples;
}

/** Returns a request that gets a 200, if possible without query parameters. */
export const findPlain = (examples: readonly Example[]): Lookup | undefined =>
  examples.find(({ request }) => request.childVersion === undefined)?.request;

/** Has no effect on an artifact without children, so a request may have both optional parameters. */
const ANY_DIGEST = `sha256:${'0'.repeat(64)}`;

/**
 * Lists requests for what a store has, and their answers; none if nothing answers 200. The first one has as many optional
 * parameters as a 200 allows, because tools send the example of every parameter. An error without a matching request is
 * left out.
 */
export function listExamples(store: Store, { auth, prefer }: Modes): Example[] {
  const versions = store.sampleVersions().sort((a, b) => a.isQuarantined - b.isQuarantined);
  const select = (usual: string, isNamespaced: boolean) => {
    const matching = versions.filter((one) => !one.artifactType && one.artifact.includes('/') === isNamespaced);
    return matching.find(({ packageType }) => packageType === usual) ?? matching[0];
  };
  const namespaced = select('DOCKER', true);
  const flat = select('PYTHON', false);
  const untyped = flat ?? namespaced;
  const childVersion = namespaced?.child ?? undefined;
  const model = versions.find((version) => version.artifactType === 'model' && !hasNamesake(store, version));
  const first = model ? { ...model, childVersion: childVersion ?? ANY_DIGEST } : (untyped ?? versions[0]);
  if (first === undefined) return [];

  const examples: Example[] = [];
  const add = (name: string, summary: string, request: Lookup | undefined, answer?: Answer) => {
    if (request !== undefined) examples.push({ name, summary, request, ...(answer ?? find(store, request)) });
  };
  add('model', 'A HuggingFace model, with all parameters', model && first);
  add('namespaced', 'A name with slashes', namespaced);
  add('flat', 'A name without slashes', flat);
  add('typed', 'An artifact with a type', untyped ? undefined : versions[0]);
  add('child', 'A child version', namespaced && childVersion ? { ...namespaced, childVersion } : undefined);
  add('unknown', 'An unknown artifact', { ...first, artifact: 'no-such-artifact' });
  if (auth !== 'off') add('noKey', 'No key', first, { ...refuse('keyMissing'), note: 'without a key' });
  if (auth === 'strict') add('noGrant', 'A registry that no grant covers', FOREIGN, refuse('scopeNotGranted'));
  // Dredd compares the first example of a response with what it gets for the preference, which has no details.
  for (const status of prefer ? [400, 500, ...FAULT_STATUSES] : []) {
    const answer = { status, body: toEnvelope(status, {}), note: `with Prefer: code=${status}` };
    add(`fault${status}`, 'A fault that the request asks for', first, answer);
  }
  add('artifactType', 'An artifact type where there is none', untyped && { ...untyped, artifactType: 'model' });
  return examples;
}

const FOREIGN: Lookup = { ref: 'another-account/registry', artifact: 'app', version: '1.0.0' };

const hasNamesake = (store: Store, model: SampledVersion) =>
  !(store.find({ ...model, artifactType: 'dataset' }) instanceof LookupError);

function refuse(reason: 'keyMissing' | 'scopeNotGranted'): Answer {
  const { status, envelope: body } = new ApiError(reason);
  return { status, body };
}

function find(store: Store, request: Lookup): Answer {
  const found = store.find(request);
  if (!(found instanceof LookupError))
    return { status: 200, body: { status: 'SUCCESS', data: JSON.parse(found.data) } };
  const { status, envelope: body } = found;
  return { status, body };
}

/** Formats the target of a request as the published page would; it can stand in single quotes. */
export const formatTarget = (request: Lookup): string =>
  (formatPath(request, 'published') + formatQuery(request)).replaceAll("'", '%27');
