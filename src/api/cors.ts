import type { IncomingMessage } from 'node:http';
import cors from '@fastify/cors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isAdmin, parseTarget } from './target.js';

/** Pages of this machine (source: our decision). */
const LOCAL = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

/** With all of them, a page can read the 405 for another method than GET. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

const EXPOSED = 'Retry-After, Preference-Applied, x-request-id';

/** The route of @fastify/cors for preflights. */
export const PREFLIGHT_ROUTE = '*';

export type Cors = ReturnType<typeof createCors>;

/**
 * Lets web pages read answers, except those of the admin API (source: our decision).
 *
 * @param pages which ones: `local`, `off`, `any`, and origins; `off` wins, then `any`
 */
export function createCors(pages: readonly string[]) {
  const isOff = pages.includes('off');
  const isAny = pages.includes('any');
  const origins = pages.map((page) => (page === 'local' ? LOCAL : page));
  const isAllowed = (origin: string) =>
    origins.some((allowed) => (typeof allowed === 'string' ? allowed === origin : allowed.test(origin)));
  return {
    /** Whether a browser asks if a page may send a request. */
    isPreflight: (method: string | undefined, headers: IncomingMessage['headers'], target: string): boolean =>
      method === 'OPTIONS' &&
      !isOff &&
      headers.origin !== undefined &&
      headers['access-control-request-method'] !== undefined &&
      !isAdmin(parseTarget(target)),
    /**
     * Adds the headers to an answer. The hook of @fastify/cors would answer other OPTIONS requests with a 400 of its own.
     */
    allow({ raw, originalUrl }: FastifyRequest, reply: FastifyReply): void {
      if (isOff || isAdmin(parseTarget(originalUrl))) return;
      const { origin } = raw.headers;
      if (isAny) reply.header('access-control-allow-origin', '*');
      else {
        // Caches must know it from an answer to a request without an origin too.
        reply.header('vary', 'Origin');
        if (origin === undefined || !isAllowed(origin)) return;
        reply.header('access-control-allow-origin', origin);
      }
      reply.header('access-control-expose-headers', EXPOSED);
    },
    /** Answers preflights with @fastify/cors, in a scope where its hook runs for nothing else. */
    async answerPreflights(app: FastifyInstance): Promise<void> {
      if (!isOff) await app.register(cors, { origin: isAny ? '*' : origins, methods: METHODS });
    },
  };
}
