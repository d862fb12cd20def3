import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { AuthMode } from '../config/options.js';
import type { Store } from '../store/store.js';
import type { ApiKey } from '../store/types.js';
import { ApiError, type ErrorName, errorOf } from './errors.js';
import { PARAMETER_RULES, type PathParameters, PathParametersSchema } from './schema.js';

const IS_REF = new RegExp(PathParametersSchema.properties.registry_ref.pattern as string);

/**
 * Checks the `x-api-key` header of an app's routes: 401 before anything else, then 400 for an invalid ref, then 403,
 * which is decided from the path alone, so that it does not reveal what exists (source: upstream, run).
 */
export function requireApiKey(app: FastifyInstance, auth: AuthMode, store: Pick<Store, 'findKey' | 'revision'>): void {
  if (auth === 'off') return;
  const findKey = rememberKeys(store);

  app.addHook<{ Params: PathParameters }>('onRequest', (request, _reply, done) => {
    const presented = readKey(request.raw);
    if (presented === undefined) return done(errorOf(explainNoKey(request.raw)));
    const { registry_ref: ref } = request.params;
    if (auth === 'strict') {
      const apiKey = findKey(presented, request.raw.socket);
      if (apiKey === undefined) return done(errorOf('keyUnknown'));
      request.apiKey = apiKey;
      if (apiKey.revoked) return done(errorOf('keyRevoked'));
      if (apiKey.expiresAt !== undefined && apiKey.expiresAt <= Date.now()) return done(errorOf('keyExpired'));
    }
    if (!IS_REF.test(ref)) {
      const details = { field: 'registry_ref', value: ref, reason: PARAMETER_RULES.registry_ref };
      return done(new ApiError('invalidParameter', details));
    }
    const { apiKey } = request;
    if (apiKey !== undefined && findGrant(apiKey.grants, ref) === undefined) return done(errorOf('scopeNotGranted'));
    done();
  });
}

/** Remembers the last key of each connection, so that a repeated key is not hashed again. */
function rememberKeys(store: Pick<Store, 'findKey' | 'revision'>) {
  const last = new WeakMap<object, { presented: string; apiKey: ApiKey | undefined; revision: number }>();
  return (presented: string, socket: object): ApiKey | undefined => {
    const known = last.get(socket);
    const { revision } = store;
    if (known?.presented === presented && known.revision === revision) return known.apiKey;
    const apiKey = store.findKey(presented);
    last.set(socket, { presented, apiKey, revision });
    return apiKey;
  };
}

/** Returns the first grant that covers a ref. Grants match whole segments: `acc/org1` does not cover `acc/org10`. */
export function findGrant(grants: readonly string[], ref: string): string | undefined {
  for (const grant of grants) {
    if (ref.startsWith(grant) && (ref.length === grant.length || ref[grant.length] === '/')) return grant;
  }
  return undefined;
}

/**
 * Reads the value of the header, one character a byte. It may come twice with the same value (source: Terraform provider),
 * as two lines or joined by a proxy. Returns undefined for no value, or for two different ones.
 */
function readKey({ headers, rawHeaders }: IncomingMessage): string | undefined {
  const joined = headers['x-api-key'] as string | undefined;
  if (!joined) return undefined;
  if (!joined.includes(',')) return joined;
  const values = rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'x-api-key',
  );
  if (values.some((value) => value !== values[0])) return undefined;
  const parts = joined.split(', ');
  return (parts.every((part) => part === parts[0]) ? parts[0] : values[0]) || undefined;
}

/** Returns why a request has no usable key. */
function explainNoKey({ headers }: IncomingMessage): ErrorName {
  // Two empty keys are joined to a comma and a space.
  if (/[^, ]/.test(String(headers['x-api-key'] ?? ''))) return 'keysDiffer';
  return /^bearer\b/i.test(headers.authorization ?? '') ? 'bearerOnly' : 'keyMissing';
}
