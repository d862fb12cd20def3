import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { ApiError } from '../api/errors.js';
import type { Config } from '../config/options.js';

/** The options that decide access to the admin API. */
export type Access = Pick<Config, 'host' | 'adminToken'>;

/** Whether the admin API is available: with a token, or else on loopback (source: our decision). */
export const hasAdmin = ({ host, adminToken }: Access): boolean => adminToken !== undefined || isLoopback(host);

/** Whether a host is a loopback name or address. */
export const isLoopback = (host: string) => /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);

const unauthorized = new ApiError('adminUnauthorized', {
  field: 'Authorization',
  reason: 'must be "Bearer" followed by the token of --admin-token',
});

/** Requires the admin token or, without one, a loopback request that no foreign web page could have made. */
export function guard(app: FastifyInstance, { adminToken }: Access): void {
  app.addHook('onRequest', ({ headers }, reply, done) => {
    if (adminToken === undefined) return done(refuseForeign(headers));
    const [, token = ''] = /^Bearer +(.+)$/i.exec(headers.authorization ?? '') ?? [];
    // Of hashes, so that the time reveals neither the length nor the first wrong character.
    if (timingSafeEqual(hash(token), hash(adminToken))) return done();
    reply.header('www-authenticate', 'Bearer');
    done(unauthorized);
  });
}

const hash = (text: string) => createHash('sha256').update(text).digest();

/** Returns why a request may be that of a foreign web page; undefined if none could have made it. */
function refuseForeign({ host = '', origin, 'sec-fetch-site': site }: IncomingHttpHeaders): ApiError | undefined {
  const refuse = (field: string, value: unknown, rule: string) =>
    new ApiError('adminForbidden', {
      field,
      value,
      reason: `${rule}; set --admin-token to use the admin API from elsewhere`,
    });
  // DNS rebinding: a page whose own name was pointed at this machine sends that name.
  if (!isLoopback(host.replace(/:\d*$/, ''))) {
    return refuse('Host', host, 'must be a name of this machine, such as localhost');
  }
  if (origin !== undefined && origin.replace(/^https?:\/\//, '') !== host) {
    return refuse('Origin', origin, 'must match the Host header, or be absent');
  }
  // A page that loads an image or follows a link sends no Origin, but its browser sends this (Fetch Metadata).
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return refuse('Sec-Fetch-Site', site, 'must be same-origin or none: pages of other sites are refused');
  }
  return undefined;
}
