import { formatPlaceIn, type Misfit } from '../check.js';
import type { Envelope } from '../contract/envelope.js';
import type { PathParameters, QueryParameters } from '../contract/parameters.js';
import type { LimitReached } from '../control/limit.js';
import type { FixtureError } from '../fixtures/problem.js';
import type { Reason } from '../reason.js';
import type { Miss } from '../store/errors.js';

/** Every error that this server answers: its HTTP status and its message. The README's table lists the same rows. */
export const catalogue = {
  malformedRequest: { status: 400, message: 'malformed request' },
  malformedTarget: { status: 400, message: 'malformed target' },
  invalidParameter: { status: 400, message: 'invalid parameter' },
  invalidFixture: { status: 400, message: 'invalid fixture' },
  invalidPackageType: { status: 400, message: 'invalid package type' },
  ambiguousArtifact: { status: 400, message: 'ambiguous artifact' },
  unauthorized: { status: 401, message: 'unauthorized' },
  forbidden: { status: 403, message: 'forbidden' },
  routeNotFound: { status: 404, message: 'Route not found' },
  registryNotFound: { status: 404, message: 'Registry not found' },
  artifactNotFound: { status: 404, message: 'Artifact not found' },
  versionNotFound: { status: 404, message: 'Artifact version not found' },
  faultNotFound: { status: 404, message: 'Armed fault not found' },
  methodNotAllowed: { status: 405, message: 'Method not allowed' },
  requestTimeout: { status: 408, message: 'Request timeout' },
  notAsExpected: { status: 409, message: 'Not as expected' },
  bodyTooLarge: { status: 413, message: 'Body too large' },
  targetTooLong: { status: 414, message: 'Target too long' },
  mediaTypeNotSupported: { status: 415, message: 'Media type not supported' },
  expectationFailed: { status: 417, message: 'Expectation failed' },
  limitReached: { status: 429, message: 'Limit reached' },
  headersTooLarge: { status: 431, message: 'Request header fields too large' },
  internalError: { status: 500, message: 'Internal server error' },
  notReady: { status: 503, message: 'Not ready' },
  versionNotSupported: { status: 505, message: 'HTTP version not supported' },
} as const satisfies Record<string, { status: number; message: string }>;

/** The name of a row of the catalogue. */
export type ErrorName = keyof typeof catalogue;

/** What a 400 tells in `details`: the field at fault, the value that was found, and what is wrong with it. */
export interface BadInput {
  field: string;
  value: unknown;
  reason: string;
}

/** An error with its place in the catalogue; thrown anywhere in the HTTP layers, answered as the contract's envelope. */
export class ApiError extends Error {
  readonly status: number;
  readonly envelope: Envelope;
  /** The exact reason; no part of the envelope. */
  readonly reason: Reason | undefined;

  constructor(name: ErrorName, details?: BadInput | Record<string, unknown>, reason?: Reason) {
    const { status, message } = catalogue[name];
    super(message);
    this.status = status;
    this.reason = reason;
    this.envelope = { code: String(status), message, ...(details && { details: { ...details } }) };
  }
}

const registryNotFound = new ApiError('registryNotFound', undefined, 'registryUnknown');
const artifactNotFound = new ApiError('artifactNotFound', undefined, 'artifactUnknown');
const versionNotFound = new ApiError('versionNotFound', undefined, 'versionUnknown');
const childNotFound = new ApiError('versionNotFound', undefined, 'childUnknown');

/** Turns input of a tester that does not fit into a 400 whose `details` name the field and what is wrong with it. */
export function fromMisfit({ path, reason }: Misfit): ApiError {
  return new ApiError('invalidParameter', { field: formatPlaceIn(path) || 'body', reason }, 'invalidParameter');
}

/** Turns a document that cannot be merged into a 400 whose `details` list all that is wrong with it, by line and column. */
export function fromFixtureError({ problems }: FixtureError): ApiError {
  const listed = problems.map(({ place: { line, column }, message }) => ({ line, column, reason: message }));
  return new ApiError('invalidFixture', { problems: listed });
}

/** Turns a bound of the server into a 429 that says what makes room. */
export function fromLimit({ what, most, message }: LimitReached): ApiError {
  return new ApiError('limitReached', { field: what, limit: most, reason: message });
}

/** Turns a body beyond the limit of its route, in bytes, into a 413 that names it. */
export function fromLargeBody({ url, bodyLimit }: { url?: string | undefined; bodyLimit: number }): ApiError {
  return new ApiError('bodyTooLarge', {
    limit: bodyLimit,
    reason: 'the body has more bytes than the limit',
    ...(url === '/__admin/fixtures' && { hint: '--max-body-bytes moves this limit' }),
  });
}

/** What was asked of the API, as far as an error speaks of it. */
export interface Asked {
  params: Partial<PathParameters>;
  /** An operation of the admin API names the artifact here. */
  query: Partial<QueryParameters> & { artifact?: string };
}

/** Turns what a look-up did not find into the vendor's error (source: upstream; `details` are our decision). */
export function fromMiss({ reason }: Miss, { params, query }: Asked): ApiError {
  switch (reason) {
    case 'registry':
      return registryNotFound;
    case 'artifact':
      return artifactNotFound;
    case 'version':
      return versionNotFound;
    case 'child':
      return childNotFound;
    case 'packageType': {
      const rule = 'only a HUGGINGFACE registry has artifact types, and this is another';
      const details = { field: 'artifact_type', value: query.artifact_type, reason: rule };
      return new ApiError('invalidPackageType', details, 'artifactTypeNotAllowed');
    }
    case 'ambiguous': {
      const rule = 'names both a model and a dataset: add artifact_type=model or artifact_type=dataset';
      const details = { field: 'artifact', value: params.artifact ?? query.artifact, reason: rule };
      return new ApiError('ambiguousArtifact', details, 'ambiguousArtifact');
    }
  }
}
