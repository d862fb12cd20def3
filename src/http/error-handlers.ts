import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { API_PATH } from '../contract/operation.js';
import type { Reason } from '../reason.js';
import { Miss } from '../store/errors.js';
import { findBadEscape } from '../wire/target.js';
import { ApiError, type Asked, fromMiss } from './errors.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Why the request got no 200, once that has been decided; undefined before, and where it got one. */
    reason: Reason | undefined;
  }
}

const ROUTE_HINT = {
  expected: `GET ${API_PATH}`,
  hint: 'a registry_ref or an artifact that holds slashes ends in /+',
};

/** Makes an app answer every error in the contract's envelope: those of handlers, validation and unknown routes. */
export function handleErrors(app: FastifyInstance): void {
  app.decorateRequest('reason', undefined);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(() => {
    throw routeNotFound;
  });
  const urls: string[] = [];
  app.addHook('onRoute', ({ url }) => {
    urls.push(url);
  });
  // Before the body is parsed, so that no body can turn a 404 or a missing Host into another error.
  app.addHook('onRequest', (request, reply, done) => {
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1') return done(missingHost);
    if (!request.is404) return done();
    if (!isKnownPath(urls, request.url)) return done(routeNotFound);
    reply.header('allow', 'GET, HEAD');
    done(methodNotAllowed);
  });
}

/** Whether a path has a route, by another method. Of the API, only targets that have one get here in canonical form. */
function isKnownPath(urls: readonly string[], target: string): boolean {
  const path = target.split('?', 1)[0] as string;
  const isOf = (url: string) => (url.endsWith('*') ? path.startsWith(url.slice(0, -1)) : path === url);
  return path.startsWith('/har/') || urls.some(isOf);
}

const routeNotFound = new ApiError('routeNotFound', ROUTE_HINT, 'unknownRoute');

const methodNotAllowed = new ApiError('methodNotAllowed', undefined, 'methodNotAllowed');

const missingHost = new ApiError(
  'malformedRequest',
  { field: 'Host', value: '', reason: 'an HTTP/1.1 request must carry the header' },
  'hostMissing',
);

/** Answers a target that the router refuses to decode; given to Fastify as `frameworkErrors`. */
export function answerFrameworkError(_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const value = findBadEscape(request.originalUrl);
  const rule = 'is not percent-encoded UTF-8; a percent sign itself is written %25';
  const details = { field: 'target', value, reason: rule };
  answerError(new ApiError('malformedTarget', details, 'undecodable'), request, reply);
}

function answerError(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const { status, envelope, reason } = toAnswer(error, request as Asked);
  request.reason = reason;
  if (status >= 500) request.log.error({ err: error, reqId: request.id }, 'request failed');
  reply.code(status).send(envelope);
}

function toAnswer(
  error: Error & { statusCode?: number },
  asked: Asked,
): Pick<ApiError, 'status' | 'envelope' | 'reason'> {
  if (error instanceof ApiError) return error;
  if (error instanceof Miss) return fromMiss(error, asked);
  const { statusCode = 500 } = error;
  // A library's refusal of what the client sent, such as a Range that a file of the docs page does not have.
  const isRefusal = statusCode >= 400 && statusCode < 500;
  if (!isRefusal) return new ApiError('internalError', undefined, 'unforeseen');
  const envelope = { code: String(statusCode), message: STATUS_CODES[statusCode] as string };
  return { status: statusCode, envelope, reason: undefined };
}
