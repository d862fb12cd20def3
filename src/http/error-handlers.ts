import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Misfit } from '../check.js';
import { API_PATH } from '../contract/operation.js';
import { LimitReached } from '../control/limit.js';
import { FixtureError } from '../fixtures/problem.js';
import { isOwnTarget } from '../own-target.js';
import type { Reason } from '../reason.js';
import { Miss } from '../store/errors.js';
import { findBadEscape } from '../wire/target.js';
import { ApiError, type Asked, fromFixtureError, fromLargeBody, fromLimit, fromMisfit, fromMiss } from './errors.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Why the request got no 200, once that has been decided; undefined before, and where it got one. */
    reason: Reason | undefined;
  }
}

/** The versions of HTTP that a request may have. */
export const HTTP_VERSIONS = ['1.0', '1.1'];

const ROUTE_HINT = {
  expected: `GET ${API_PATH}`,
  hint: 'a registry_ref or an artifact that holds slashes ends in /+',
};

/** Makes an app answer every error in the contract's envelope: those of handlers, validation and unknown routes. */
export function handleErrors(app: FastifyInstance): void {
  app.decorateRequest('reason', undefined);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request) => {
    throw findNotFound(request);
  });
  const methodsByUrl = new Map<string, string[]>();
  app.addHook('onRoute', ({ url, method }) => {
    methodsByUrl.set(url, [...(methodsByUrl.get(url) ?? []), ...[method].flat()]);
  });
  // Before the body is parsed, so that no body can turn a 404 or a missing Host into another error.
  app.addHook('onRequest', (request, reply, done) => {
    const { httpVersion } = request.raw;
    if (!HTTP_VERSIONS.includes(httpVersion)) return done(versionNotSupported);
    if (request.headers.host === undefined && httpVersion === '1.1') return done(missingHost);
    if (!request.is404) return done();
    const allowed = findMethods(methodsByUrl, request.url);
    if (allowed === undefined) return done(findNotFound(request));
    reply.header('allow', allowed.join(', '));
    done(methodNotAllowed);
  });
}

/** The methods of a path that has a route, by others. Of the API, only targets that have one get here in canonical form. */
function findMethods(methodsByUrl: Map<string, string[]>, target: string): string[] | undefined {
  const path = target.split('?', 1)[0] as string;
  if (path.startsWith('/har/')) return ['GET', 'HEAD'];
  const url = [...methodsByUrl.keys()].find((known) => isOfRoute(known, path));
  return url === undefined ? undefined : methodsByUrl.get(url);
}

/** Whether a path is of a route's URL, whose segments may be parameters, and the last one anything. */
function isOfRoute(url: string, path: string): boolean {
  const segments = path.split('/');
  const known = url.split('/');
  const isOpen = known.at(-1) === '*';
  const isAlike = (part: string, at: number) => part === '*' || part.startsWith(':') || part === segments[at];
  return (isOpen ? segments.length >= known.length : segments.length === known.length) && known.every(isAlike);
}

const routeNotFound = new ApiError('routeNotFound', ROUTE_HINT, 'unknownRoute');

const operationNotFound = new ApiError('routeNotFound', { hint: 'GET /__admin/docs shows the admin API' });

function findNotFound({ originalUrl }: FastifyRequest): ApiError {
  return isOwnTarget(originalUrl) ? operationNotFound : routeNotFound;
}

const methodNotAllowed = new ApiError('methodNotAllowed', undefined, 'methodNotAllowed');

const versionNotSupported = new ApiError('versionNotSupported', { supported: HTTP_VERSIONS }, 'versionNotSupported');

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
  const { status, envelope, reason } = toAnswer(error, request);
  request.reason = reason;
  // A version of HTTP that there is not is the client's mistake.
  const isFailure = status >= 500 && error !== versionNotSupported;
  if (isFailure) request.log.error({ err: error, reqId: request.id }, 'request failed');
  // A handler that fails may have set the type of what it did not get to send.
  reply.code(status).type('application/json; charset=utf-8').send(envelope);
}

function toAnswer(
  error: Error & Partial<Pick<FastifyError, 'code' | 'statusCode'>>,
  request: FastifyRequest,
): Pick<ApiError, 'status' | 'envelope' | 'reason'> {
  if (error instanceof ApiError) return error;
  if (error instanceof Miss) return fromMiss(error, request as Asked);
  if (error instanceof Misfit) return fromMisfit(error);
  if (error instanceof LimitReached) return fromLimit(error);
  if (error instanceof FixtureError) return fromFixtureError(error);
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return fromLargeBody(request.routeOptions);
  const { statusCode = 500 } = error;
  // A library's refusal of what the client sent, such as a Range that a file of the docs page does not have.
  const isRefusal = statusCode >= 400 && statusCode < 500;
  if (!isRefusal) return new ApiError('internalError', undefined, 'unforeseen');
  const details = { reason: error.message };
  const envelope = { code: String(statusCode), message: STATUS_CODES[statusCode] as string, details };
  return { status: statusCode, envelope, reason: undefined };
}
