import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { ApiError } from '../api/errors.js';
import type { Config } from '../config/options.js';

/** The options that decide access to the admin API. */
export type Access = Pick<Config, 'host' | 'adminToken'>;

/** Whether the admin API is available: with a token, or else on loopback (source: our decision). */
export const hasAdmin = ({ host, adminToken }: Access): boolean => adminToken !== undefined || isLoopback(host);

/** Whether a host is a loopback name or address. */
export const isLoopback = (host: string) => /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);

/** Requires the admin token or, without one, a loopback request that no foreign web page could have made. */
export function guard(app: FastifyInstance, { adminToken }: Pick<Access, 'adminToken'>): void {
  if (adminToken !== undefined) {
    const isToken = compareTo(adminToken);
    app.addHook('onRequest', ({ headers }, reply, done) => {
      if (isToken(/^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '')) return done();
      reply.header('www-authenticate', 'Bearer');
      done(unauthorized);
    });
    return;
  }
  app.addHook('onRequest', ({ headers: { host = '', origin, ...headers } }, _reply, done) => {
    // DNS rebinding: a page whose own name was pointed at this machine sends that name.
    if (!isLoopback(host.replace(/:\d*$/, ''))) return done(foreign('Host', host));
    if (origin !== undefined && origin.replace(/^https?:\/\//, '') !== host) return done(foreign('Origin', origin));
    // A page that loads an image or follows a link sends no Origin, but its browser sends this.
    const site = headers['sec-fetch-site'];
    if (site !== undefined && !OWN_SITES.includes(site as string)) return done(foreign('Sec-Fetch-Site', site));
    done();
  });
}

/** The `Sec-Fetch-Site` of a page of this server, and of a request that the user typed (Fetch Metadata). */
const OWN_SITES = ['same-origin', 'none'];

const unauthorized = new ApiError('adminUnauthorized', {
  field: 'Authorization',
  reason: 'must be "Bearer" followed by the token of --admin-token',
});

const RULES = {
  Host: 'must be a name of this machine, such as localhost',
  Origin: 'must match the Host header, or be absent',
  'Sec-Fetch-Site': `must be ${OWN_SITES.join(' or ')}: pages of other sites are refused`,
};

function foreign(field: keyof typeof RULES, value: unknown): ApiError {
  const reason = `${RULES[field]}; set --admin-token to use the admin API from elsewhere`;
  return new ApiError('adminForbidden', { field, value, reason });
}

/** Compares hashes, so that the time reveals neither the length nor the first wrong character. */
function compareTo(token: string): (presented: string) => boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  const expected = hash(token);
  return (presented) => timingSafeEqual(hash(presented), expected);
}
