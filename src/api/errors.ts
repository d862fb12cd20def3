import type { Envelope } from './schema.js';

/** The decisions about a request, in the order in which the server makes them (source: behaviour of the vendor; our decision). */
export const STEPS = [
  'target',
  'route',
  'method',
  'key',
  'grant',
  'syntax',
  'registry',
  'artifactType',
  'artifact',
  'version',
  'child',
  'fault',
] as const;

export type Step = (typeof STEPS)[number];

interface ErrorRow {
  status: number;
  message: string;
  /** The decision that the request failed; only errors of the API have one. */
  step?: Step;
}

/**
 * Every error of this server, by its name. Clients see status and message, which say as little as in production; the
 * name is the exact `reason` in the journal. docs/errors.md lists the same rows.
 */
export const ERRORS = {
  malformedRequest: { status: 400, message: 'malformed request', step: 'target' },
  methodUnknown: { status: 400, message: 'malformed request', step: 'method' },
  hostMissing: { status: 400, message: 'malformed request', step: 'target' },
  undecodable: { status: 400, message: 'malformed target', step: 'target' },
  targetTooLong: { status: 414, message: 'Target too long', step: 'target' },
  headersTooLarge: { status: 431, message: 'Request header fields too large', step: 'target' },
  requestTimeout: { status: 408, message: 'Request timeout', step: 'target' },
  versionNotSupported: { status: 505, message: 'HTTP version not supported', step: 'target' },
  unknownRoute: { status: 404, message: 'Route not found', step: 'route' },
  wrongCase: { status: 404, message: 'Route not found', step: 'route' },
  doubleSlash: { status: 404, message: 'Route not found', step: 'route' },
  trailingSlash: { status: 404, message: 'Route not found', step: 'route' },
  fragment: { status: 404, message: 'Route not found', step: 'route' },
  encodedRoute: { status: 404, message: 'Route not found', step: 'route' },
  tailMissing: { status: 404, message: 'Route not found', step: 'route' },
  markerMissing: { status: 404, message: 'Route not found', step: 'route' },
  notPortable: { status: 404, message: 'Route not found', step: 'route' },
  methodNotAllowed: { status: 405, message: 'Method not allowed', step: 'method' },
  keyMissing: { status: 401, message: 'unauthorized', step: 'key' },
  bearerOnly: { status: 401, message: 'unauthorized', step: 'key' },
  keysDiffer: { status: 401, message: 'unauthorized', step: 'key' },
  keyUnknown: { status: 401, message: 'unauthorized', step: 'key' },
  keyRevoked: { status: 401, message: 'unauthorized', step: 'key' },
  keyExpired: { status: 401, message: 'unauthorized', step: 'key' },
  scopeNotGranted: { status: 403, message: 'forbidden', step: 'grant' },
  invalidParameter: { status: 400, message: 'invalid parameter', step: 'syntax' },
  invalidPreference: { status: 400, message: 'invalid parameter', step: 'syntax' },
  doubleEncoded: { status: 404, message: 'Registry not found', step: 'registry' },
  registryUnknown: { status: 404, message: 'Registry not found', step: 'registry' },
  artifactTypeNotAllowed: { status: 400, message: 'invalid package type', step: 'artifactType' },
  artifactUnknown: { status: 404, message: 'Artifact not found', step: 'artifact' },
  artifactTypeMissing: { status: 404, message: 'Artifact not found', step: 'artifact' },
  versionUnknown: { status: 404, message: 'Artifact version not found', step: 'version' },
  childUnknown: { status: 404, message: 'Artifact version not found', step: 'child' },
  unforeseen: { status: 500, message: 'Internal server error', step: 'fault' },
  invalidFixture: { status: 400, message: 'invalid fixture' },
  faultNotFound: { status: 404, message: 'Armed fault not found' },
  notAsExpected: { status: 409, message: 'Not as expected' },
  bodyTooLarge: { status: 413, message: 'Body too large' },
  mediaTypeNotSupported: { status: 415, message: 'Media type not supported' },
  adminUnauthorized: { status: 401, message: 'unauthorized' },
  adminForbidden: { status: 403, message: 'forbidden' },
  limitReached: { status: 429, message: 'Limit reached' },
  notReady: { status: 503, message: 'Not ready' },
} as const satisfies Record<string, ErrorRow>;

/** The name of an error. */
export type ErrorName = keyof typeof ERRORS;

/** The names of the API's errors, and `fault`: why a request got no 200. */
export const REASONS = [
  ...(Object.keys(ERRORS) as ErrorName[]).filter((name) => 'step' in ERRORS[name]),
  'fault',
] as const;

/** Why a request got no 200. */
export type Reason = ErrorName | 'fault';

/** Returns the decision that a request with this reason failed. */
export function stepOf(reason: Reason): Step {
  const row: ErrorRow | undefined = reason === 'fault' ? undefined : ERRORS[reason];
  return row?.step ?? 'fault';
}

/** An error of the table; thrown anywhere in the HTTP layers, answered as the contract's envelope. */
export class ApiError extends Error {
  readonly status: number;
  readonly envelope: Envelope;
  /** The envelope as JSON. */
  readonly body: string;

  constructor(
    readonly reason: ErrorName,
    details?: Record<string, unknown>,
  ) {
    const { status, message } = ERRORS[reason];
    super(message);
    this.status = status;
    this.envelope = { code: String(status), message, ...(details && { details }) };
    this.body = JSON.stringify(this.envelope);
  }
}

const known = new Map<ErrorName, ApiError>();

/** Returns the error without details, which is created once: a stack trace would cost more than the request. */
export function errorOf(reason: ErrorName): ApiError {
  const error = known.get(reason) ?? new ApiError(reason);
  known.set(reason, error);
  return error;
}

/** A lookup found no version. The details are our decision: upstream sends none. */
export class LookupError extends ApiError {}

const onlyTyped = 'only artifacts of a HUGGINGFACE registry have a type';

const needsType = 'an artifact of a HUGGINGFACE registry needs artifact_type: model or dataset';

const ofType = (value: string) =>
  new LookupError('artifactTypeNotAllowed', { field: 'artifact_type', value, reason: onlyTyped });

/** The failed lookups. */
export const MISSES = {
  registryUnknown: new LookupError('registryUnknown'),
  artifactTypeNotAllowed: { model: ofType('model'), dataset: ofType('dataset') },
  artifactTypeMissing: new LookupError('artifactTypeMissing', { field: 'artifact_type', reason: needsType }),
  artifactUnknown: new LookupError('artifactUnknown'),
  versionUnknown: new LookupError('versionUnknown'),
  childUnknown: new LookupError('childUnknown'),
};
