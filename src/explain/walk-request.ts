import { METHODS } from 'node:http';
import type { AuthMode } from '../auth.js';
import { findGrant, judgeKey, type KeyRefusal } from '../http/api-key.js';
import { ApiError, type ErrorName } from '../http/errors.js';
import type { Reason } from '../reason.js';
import type { KeyFinder } from '../store/keys.js';
import type { ApiKey } from '../store/types.js';
import { isSendable, isTooLong } from '../wire/sendable.js';
import { findSpelling } from '../wire/spelling.js';
import { findBadEscape, splitTarget } from '../wire/target.js';
import { type Pass, Refused, type StepName } from './explanation.js';
import { quote } from './quote.js';
import { type ReadTarget, readTarget } from './read-target.js';
import { badInputOf, findBadParameter } from './syntax.js';

/** Paths that the server has beside the API's. */
const OWN_PATH = /^\/(?:healthz|readyz|openapi\.json|openapi\.yaml|docs(?:\/.*)?|__admin(?:\/.*)?)$/s;

const refuse = (step: StepName, found: string, error: ErrorName, reason: Reason) =>
  new Refused(step, found, new ApiError(error, undefined, reason));

/**
 * Throws a Refused for a target that no parser lets through or that cannot be decoded. Takes how many bytes the parser
 * takes in front of a body, where that is not Node's default.
 */
export function checkTarget(target: string, maxHeaderBytes: number | undefined, pass: Pass): void {
  if (!isSendable(target, maxHeaderBytes)) {
    throw refuse('target', `${quote(target)} cannot be sent as it stands`, 'malformedRequest', 'unsendable');
  }
  if (isTooLong(target, maxHeaderBytes)) {
    throw refuse('target', `it has ${target.length} characters`, 'targetTooLong', 'targetTooLong');
  }
  const bad = findBadEscape(target);
  if (bad !== undefined) {
    throw refuse('target', `${quote(bad)} is not percent-encoded UTF-8`, 'malformedTarget', 'undecodable');
  }
  pass('target', 'can be decoded');
}

/**
 * Reads a target that can be decoded. Returns undefined for a path that the server has beside the API's; throws a
 * Refused for one that it has not.
 */
export function findRoute(target: string, pass: Pass): ReadTarget | undefined {
  const read = readTarget(target);
  const spelling = findSpelling(target);
  if (read === undefined || spelling === undefined) {
    const path = decodeURIComponent(splitTarget(target).path);
    if (!OWN_PATH.test(path)) throw refuse('route', 'is not a path of the API', 'routeNotFound', 'unknownRoute');
    pass('route', `${quote(path)} is of the server itself, not of the API`);
    return undefined;
  }
  const { registryRef, artifact, version } = read.path;
  const names = [
    `registry_ref ${quote(registryRef)} (spelling: ${spelling.ref})`,
    `artifact ${quote(artifact)} (spelling: ${spelling.artifact})`,
    `version ${quote(version)}`,
  ];
  pass('route', names.join(', '));
  return read;
}

/** Throws a Refused for what is no method of HTTP; a parser looks at it before it looks at the target. */
export function checkMethodName(method: string): void {
  if (!METHODS.includes(method)) {
    throw refuse('method', `${quote(method)} is no method of HTTP`, 'malformedRequest', 'methodUnknown');
  }
  if (method === 'CONNECT') throw refuse('route', 'the server is no proxy', 'routeNotFound', 'unknownRoute');
}

/** Throws a Refused for a method that the API does not have. */
export function checkMethod(method: string, pass: Pass): void {
  if (method !== 'GET' && method !== 'HEAD') {
    throw refuse('method', `${method} is not of the API`, 'methodNotAllowed', 'methodNotAllowed');
  }
  pass('method', method);
}

/** The key that a request brings. */
export interface Presented {
  /** The one value of `x-api-key`, as Node reads it: one character a byte. */
  key?: string | undefined;
  /** Why there is no such value; `keyMissing` unless given. */
  noKey?: KeyRefusal | undefined;
}

/** Returns the key, null where keys are not known by name. Throws a Refused for one that is refused. */
export function checkKey(
  { key, noKey = 'keyMissing' }: Presented,
  auth: AuthMode,
  keys: Pick<KeyFinder, 'findKey'>,
  pass: Pass,
): ApiKey | null {
  const judged = key === undefined && auth !== 'off' ? noKey : judgeKey(key, auth, keys, Date.now);
  if (typeof judged === 'string') {
    const known = key === undefined ? undefined : keys.findKey(key);
    const found = `${known === undefined ? '' : `key ${quote(known.name)}: `}${KEY_REFUSALS[judged]}`;
    throw refuse('key', found, 'unauthorized', judged);
  }
  pass('key', judged === null ? ANY_KEY[auth as 'any' | 'off'] : `key ${quote(judged.name)}`);
  return judged;
}

const ANY_KEY = { any: 'any key is taken (auth any)', off: 'none is asked for (auth off)' };

/** What is told of a key that is refused; never its text. */
const KEY_REFUSALS: Record<KeyRefusal, string> = {
  keyMissing: 'there is none',
  bearerOnly: 'there is a Bearer token only',
  keysDiffer: 'there are two that differ',
  keyUnknown: 'it is not known',
  keyRevoked: 'it has been revoked',
  keyExpired: 'it has expired',
};

/** Throws a Refused for parameters that are not well-formed. */
export function checkSyntax(read: ReadTarget, pass: Pass): void {
  const error = findBadParameter(read);
  if (error !== undefined) {
    const { field, value, reason } = badInputOf(error);
    throw new Refused('syntax', `${field} ${reason}; found ${quote(value)}`, error);
  }
  pass('syntax', 'all parameters are well-formed');
}

/** Throws a Refused for a ref that no grant of the key covers. */
export function checkGrant(key: ApiKey | null, registryRef: string, pass: Pass): void {
  if (key === null) {
    pass('grant', 'none is asked for');
    return;
  }
  const grant = findGrant(key.grants, registryRef);
  if (grant === undefined) {
    const found = `no grant of key ${quote(key.name)} covers ${quote(registryRef)}`;
    throw refuse('grant', found, 'forbidden', 'scopeNotGranted');
  }
  pass('grant', `${quote(grant)} covers ${quote(registryRef)}`);
}
