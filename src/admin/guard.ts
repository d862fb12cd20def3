import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError } from '../http/errors.js';
import { type Access, isLoopback } from './access.js';

/** Lets only those use an app's routes who may: who knows the token, or asks from this machine and not by way of a browser's page. */
export function guard(app: FastifyInstance, access: Exclude<Access, { kind: 'off' }>): void {
  if (access.kind === 'token') {
    const isToken = compareTo(access.token);
    app.addHook('onRequest', (request, reply, done) => {
      if (isToken(readBearer(request))) return done();
      reply.header('www-authenticate', 'Bearer');
      done(noToken);
    });
    return;
  }
  app.addHook('onRequest', ({ headers: { host = '', origin, ...headers } }, _reply, done) => {
    const name = hostName(host);
    // A page whose own name has been pointed at this machine sends that name: DNS rebinding.
    if (!isLoopback(name) && name !== access.host.toLowerCase()) return done(foreign('Host', host));
    if (origin !== undefined && origin.replace(/^https?:\/\//, '') !== host) return done(foreign('Origin', origin));
    // A page that loads an image or follows a link sends no Origin; its browser says where it asks from all the same.
    const site = headers['sec-fetch-site'];
    if (site !== undefined && !OWN_SITES.includes(site as string)) return done(foreign('Sec-Fetch-Site', site));
    done();
  });
}

/** What a browser says of a request that its user or a page of this very server makes (Fetch Metadata). */
const OWN_SITES = ['same-origin', 'none'];

const noToken = new ApiError('unauthorized', {
  field: 'Authorization',
  reason: 'must be Bearer and the token that the server was started with, by --admin-token or its variable',
});

/** What a header must be that a page of another site cannot send so. */
const RULES = {
  Host: 'must be of this machine, such as localhost',
  Origin: 'must be this server, as its Host says, or left out',
  'Sec-Fetch-Site': `must be ${OWN_SITES.join(' or ')}, as no page of another site may ask`,
};

const foreign = (field: keyof typeof RULES, value: unknown) =>
  new ApiError('forbidden', {
    field,
    value,
    reason: `${RULES[field]}; set --admin-token to use the admin API from elsewhere`,
  });

/** Hashed first, so that neither the length nor the first letter that differs can be told from the time it takes. */
function compareTo(token: string): (presented: string) => boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  const expected = hash(token);
  return (presented) => timingSafeEqual(hash(presented), expected);
}

function readBearer({ headers }: FastifyRequest): string {
  return /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
}

/** The host of a Host header without its port, in lower case. */
function hostName(host: string): string {
  return host.replace(/:\d*$/, '').toLowerCase();
}
