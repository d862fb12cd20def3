import type { AuthMode } from '../config/options.js';
import { toEnvelope } from '../faults/inject.js';
import type { Store } from '../store/store.js';
import type { Lookup, SampledVersion } from '../store/types.js';
import { toLookupError } from './error-handler.js';
import { ApiError, LookupError } from './errors.js';
import { FAULT_STATUSES } from './operation.js';
import { formatPath } from './spelling.js';

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

/** Has no effect on an artifact without children, so a request may have both optional parameters. */
const ANY_DIGEST = `sha256:${'0'.repeat(64)}`;

/**
 * Lists requests for what a store has, and their answers; none for a store without a plain version. The first one has as
 * many optional parameters as a 200 allows, because tools send the example of every parameter. An error without a matching
 * request is left out.
 */
export function listExamples(store: Store, { auth, prefer }: { auth: AuthMode; prefer: boolean }): Example[] {
  const versions = store.sampleVersions().sort((a, b) => a.isQuarantined - b.isQuarantined);
  const select = (packageType: string, isNamespaced: boolean) => {
    const matching = versions.filter(
      (version) => !version.artifactType && version.artifact.includes('/') === isNamespaced,
    );
    return matching.find((version) => version.packageType === packageType) ?? matching[0];
  };
  const namespaced = select('DOCKER', true);
  const flat = select('PYTHON', false);
  const untyped = flat ?? namespaced;
  const childVersion = namespaced?.child ?? undefined;
  const model = versions.find((version) => version.artifactType === 'model' && !hasNamesake(store, version));
  const first = model ? { ...model, childVersion: childVersion ?? ANY_DIGEST } : untyped;
  if (first === undefined) return [];

  const examples: Example[] = [];
  const add = (name: string, summary: string, request: Lookup | undefined, answer?: Answer) => {
    if (request !== undefined) examples.push({ name, summary, request, ...(answer ?? find(store, request)) });
  };
  add('model', 'A HuggingFace model, with all parameters', model && first);
  add('flat', 'A name without slashes', flat);
  add('namespaced', 'A name with slashes', namespaced);
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

/** Describes a request, with the target that the published page would show. */
export function describeRequest({ request, note }: Example): string {
  const { artifactType, childVersion } = request;
  const query = new URLSearchParams({
    ...(artifactType && { artifact_type: artifactType }),
    ...(childVersion && { childVersion }),
  });
  const target = formatPath(request, 'published') + (query.size > 0 ? `?${query}` : '');
  return `GET ${target}${note === undefined ? '' : `, ${note}`}`;
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
  const { status, envelope: body } = toLookupError(found, request.artifactType);
  return { status, body };
}
