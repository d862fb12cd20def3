import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { AuthMode } from '../auth.js';
import type { PathParameters } from '../contract/parameters.js';
import type { Reason } from '../reason.js';
import type { KeyFinder } from '../store/keys.js';
import type { ApiKey } from '../store/types.js';
import { ApiError } from './errors.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The key of the request; null where keys are not known by name. */
    apiKey: ApiKey | null;
  }
}

/** Why a key is refused. */
export type KeyRefusal = Extract<Reason, `key${string}` | 'bearerOnly'>;

const unauthorized = (reason: KeyRefusal) => new ApiError('unauthorized', undefined, reason);

const UNAUTHORIZED: Record<KeyRefusal, ApiError> = {
  keyMissing: unauthorized('keyMissing'),
  bearerOnly: unauthorized('bearerOnly'),
  keysDiffer: unauthorized('keysDiffer'),
  keyUnknown: unauthorized('keyUnknown'),
  keyRevoked: unauthorized('keyRevoked'),
  keyExpired: unauthorized('keyExpired'),
};

const forbidden = new ApiError('forbidden', undefined, 'scopeNotGranted');

/**
 * Checks the `x-api-key` header of an app's routes: 401 before anything else is looked at, 403 once the parameters are
 * known to be well-formed. Both are decided without a look at what exists.
 */
export function requireApiKey(app: FastifyInstance, auth: AuthMode, keys: KeyFinder): void {
  app.decorateRequest('apiKey', null);
  if (auth === 'off') return;

  app.addHook('onRequest', (request, _reply, done) => {
    const judged = judgeRequest(request.raw, auth, keys);
    if (typeof judged === 'string') return done(UNAUTHORIZED[judged]);
    request.apiKey = judged;
    done();
  });

  app.addHook<{ Params: PathParameters }>('preHandler', (request, _reply, done) => {
    const isGranted =
      request.apiKey === null || findGrant(request.apiKey.grants, request.params.registry_ref) !== undefined;
    done(isGranted ? undefined : forbidden);
  });
}

/** Judges the key that a request brings; returns the key, null where keys are not known by name, or why it is refused. */
export function judgeRequest(request: IncomingMessage, auth: AuthMode, keys: KeyFinder): ApiKey | null | KeyRefusal {
  const presented = readKey(request);
  if (presented === undefined && auth !== 'off') return explainNoKey(request);
  return judgeKey(presented, auth, forConnection(request.socket, keys), Date.now);
}

/** The key that a connection presented last, and what was found for it in which state of the store. */
interface LastKey {
  presented: string;
  found: ApiKey | undefined;
  revision: number;
}

const lastKeys = new WeakMap<Socket, LastKey>();

/** Finds the key that a connection presents again without hashing it again; no other connection's key is looked at. */
function forConnection(socket: Socket, keys: KeyFinder): Pick<KeyFinder, 'findKey'> {
  return {
    findKey(presented) {
      const last = lastKeys.get(socket);
      const revision = keys.revision;
      if (last?.presented === presented && last.revision === revision) return last.found;
      const found = keys.findKey(presented);
      lastKeys.set(socket, { presented, found, revision });
      return found;
    },
  };
}

/**
 * Judges the one value of the header, as Node reads it (one character a byte). Takes a clock in epoch
 * milliseconds; returns the key, null where keys are not known by name, or why it is refused.
 */
export function judgeKey(
  presented: string | undefined,
  auth: AuthMode,
  keys: Pick<KeyFinder, 'findKey'>,
  now: () => number,
): ApiKey | null | KeyRefusal {
  if (auth === 'off') return null;
  if (!presented) return 'keyMissing';
  if (auth === 'any') return null;
  const apiKey = keys.findKey(presented);
  if (apiKey === undefined) return 'keyUnknown';
  if (apiKey.revoked) return 'keyRevoked';
  return apiKey.expiresAt !== undefined && apiKey.expiresAt <= now() ? 'keyExpired' : apiKey;
}

/**
 * Returns the first of the grants that covers a ref, or undefined where none does. They match by whole segments:
 * `acc/org1` does not cover `acc/org10`.
 */
export function findGrant(grants: readonly string[], registryRef: string): string | undefined {
  return grants.find((grant) => registryRef === grant || registryRef.startsWith(`${grant}/`));
}

/**
 * The one value of the header, which may come twice (source: a client), as two lines or joined on the way; undefined for
 * none, or for two that differ.
 */
export function readKey({ headers, rawHeaders }: IncomingMessage): string | undefined {
  const joined = headers['x-api-key'] as string | undefined;
  if (!joined) return undefined;
  if (!joined.includes(',')) return joined;
  const values = rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'x-api-key',
  );
  if (values.some((value) => value !== values[0])) return undefined;
  const parts = joined.split(', ');
  return parts.every((part) => part === parts[0]) ? parts[0] : values[0];
}

/** Says why `readKey` found no value. */
export function explainNoKey({ headers }: IncomingMessage): KeyRefusal {
  if (headers['x-api-key']) return 'keysDiffer';
  return /^bearer\b/i.test(headers.authorization ?? '') ? 'bearerOnly' : 'keyMissing';
}
