import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AuthMode } from '../auth.js';
import type { PathParameters } from '../contract/parameters.js';
import type { KeyFinder } from '../store/keys.js';
import type { ApiKey } from '../store/types.js';
import { ApiError } from './errors.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The key of the request; null where keys are not known by name. */
    apiKey: ApiKey | null;
  }
}

const unauthorized = new ApiError('unauthorized');
const forbidden = new ApiError('forbidden');

/**
 * Checks the `x-api-key` header of an app's routes: 401 before anything else is looked at, 403 once the parameters are
 * known to be well-formed. Both are decided without a look at what exists.
 */
export function requireApiKey(app: FastifyInstance, auth: AuthMode, keys: KeyFinder): void {
  app.decorateRequest('apiKey', null);
  if (auth === 'off') return;

  app.addHook('onRequest', (request, _reply, done) => {
    const presented = readKey(request);
    if (presented === undefined) return done(unauthorized);
    if (auth === 'any') return done();
    const apiKey = keys.findKey(presented);
    if (apiKey === undefined || apiKey.revoked || isExpired(apiKey)) return done(unauthorized);
    request.apiKey = apiKey;
    done();
  });

  app.addHook<{ Params: PathParameters }>('preHandler', (request, _reply, done) => {
    const isGranted = request.apiKey === null || covers(request.apiKey.grants, request.params.registry_ref);
    done(isGranted ? undefined : forbidden);
  });
}

/**
 * The one value of the header, which may come twice (source: a client), as two lines or joined on the way; undefined for
 * none, or for two that differ.
 */
function readKey(request: FastifyRequest): string | undefined {
  const joined = request.headers['x-api-key'] as string | undefined;
  if (!joined) return undefined;
  if (!joined.includes(',')) return joined;
  const { rawHeaders } = request.raw;
  const values = rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'x-api-key',
  );
  if (values.some((value) => value !== values[0])) return undefined;
  const parts = joined.split(', ');
  return parts.every((part) => part === parts[0]) ? parts[0] : values[0];
}

function isExpired({ expiresAt }: ApiKey): boolean {
  return expiresAt !== undefined && expiresAt <= Date.now();
}

/** Whether one of the grants covers a ref, matched by whole segments: `acc/org1` does not cover `acc/org10`. */
function covers(grants: readonly string[], registryRef: string): boolean {
  return grants.some((grant) => registryRef === grant || registryRef.startsWith(`${grant}/`));
}
