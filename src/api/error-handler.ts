import { performance } from 'node:perf_hooks';
import type { Readable } from 'node:stream';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config/options.js';
import { GATEWAY, type GatewayName, type Raw } from '../faults/answers.js';
import { NotAsExpected } from '../journal/verify.js';
import { FixtureError } from '../seed/document.js';
import { LimitError } from '../util/errors.js';
import { escapeControls } from '../util/text.js';
import { formatPath, ValidationError } from '../util/validate.js';
import { type Cors, PREFLIGHT_ROUTE } from './cors.js';
import { ApiError, type ErrorName, errorOf, stepOf } from './errors.js';
import { API_PATH } from './operation.js';
import { HTTP_VERSIONS, versionNotSupported } from './parser-errors.js';
import type { PathParameters } from './schema.js';
import { formatPortable, isPortable } from './spelling.js';
import { type ArtifactPath, findBadEscape, isAdmin, parseTarget, type Target } from './target.js';

const routeNotFound = new ApiError('unknownRoute', {
  expected: `GET ${API_PATH}`,
  hint: 'a registry_ref or an artifact that contains slashes ends in /+',
});
const adminRouteNotFound = new ApiError('unknownRoute', { hint: 'GET /__admin/docs shows the admin API' });
const missingHost = new ApiError('hostMissing', {
  field: 'Host',
  value: '',
  reason: 'an HTTP/1.1 request must have this header',
});

const NOT_UTF8 = 'is not percent-encoded UTF-8; write a percent sign as %25';

const identity = (payload: unknown) => payload as string;

/** Sends JSON, a text or a stream of it. The media type has no charset, as upstream sends it; Fastify would add one. */
export function sendJson(reply: FastifyReply, text: string | Readable): FastifyReply {
  return sendText(reply, text, 'application/json');
}

function sendText(reply: FastifyReply, text: string | Readable, type: string): FastifyReply {
  return reply.header('content-type', type).serializer(identity).send(text);
}

/** Sends an answer that is not the call's own, and records the request. */
export function sendForeign(request: FastifyRequest, reply: FastifyReply, answer: Raw): void {
  const { status, contentType, headers = {}, body = '' } = answer;
  reply.code(status).headers(headers);
  if (status === 204 || status === 304) {
    // Fastify would add a Content-Length to the answer to a HEAD.
    reply.hijack();
    reply.raw.writeHead(status, reply.getHeaders() as Record<string, string>).end();
  } else if (contentType === undefined || status === 205) reply.send(body || undefined);
  else sendText(reply, body, contentType);
  request.server.record(request, status);
}

export interface ErrorHandlerOptions extends Pick<Config, 'spellings' | 'errors'> {
  cors: Cors;
  logger: Logger;
}

/** Returns the answer of the hosted front to a refused key or grant (source: clients); undefined for other errors. */
function toGateway(reason: ErrorName): GatewayName | undefined {
  const step = stepOf(reason);
  if (step === 'grant') return 'accessDenied';
  if (step !== 'key') return undefined;
  return reason === 'keyExpired' ? 'expiredToken' : 'invalidToken';
}

/** Sends every error in the contract's envelope. */
export function handleErrors(app: FastifyInstance, { cors, spellings, errors, logger }: ErrorHandlerOptions): void {
  app.setErrorHandler((error: Error, request, reply) => {
    const hosted = errors === 'hosted' && error instanceof ApiError ? toGateway(error.reason) : undefined;
    if (hosted === undefined) return sendError(error, request, reply, logger);
    Object.assign(request, { reason: (error as ApiError).reason, hosted });
    return sendForeign(request, reply, GATEWAY[hosted]((request.params as PathParameters).registry_ref));
  });
  const routes: { pattern: RegExp; methods: string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    if (url === PREFLIGHT_ROUTE) return;
    const source = url.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+').replace('*', '.*');
    const pattern = new RegExp(`^${source}$`, 's');
    routes.push({ pattern, methods: [method].flat() });
  });
  // Before the body is parsed, so that no body can turn a 404 into another error.
  app.addHook('onRequest', (request, reply, done) => {
    request.startTime = performance.now();
    reply.header('x-request-id', request.id);
    cors.allow(request, reply);
    const { httpVersion } = request.raw;
    if (!HTTP_VERSIONS.includes(httpVersion)) return done(versionNotSupported);
    if (request.headers.host === undefined && httpVersion === '1.1') return done(missingHost);
    if (cors.isPreflight(request.method, request.headers, request.originalUrl)) return done();
    const target = parseTarget(request.originalUrl);
    const isCall = target.kind === 'call';
    if (isCall && spellings === 'portable' && !isPortable(target)) return done(refuseSpelling(target));
    const isRouted = request.method !== 'OPTIONS' || request.routeOptions.url !== PREFLIGHT_ROUTE;
    if (!request.is404 && isRouted) {
      // The router knows one path for all calls, and not their parameters.
      if (target.parameters !== undefined) request.params = toPathParameters(target.parameters);
      return done();
    }
    const value = findBadEscape(request.originalUrl);
    if (value !== undefined) return done(new ApiError('undecodable', { field: 'target', value, reason: NOT_UTF8 }));
    const path = request.url.split('?', 1)[0] as string;
    const allowed = isCall
      ? ['GET', 'HEAD']
      : routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods);
    if (allowed.length === 0) return done(isAdmin(target) ? adminRouteNotFound : routeNotFound);
    reply.header('allow', [...new Set(allowed)].join(', '));
    done(errorOf('methodNotAllowed'));
  });
}

const toPathParameters = ({ ref, artifact, version }: ArtifactPath) => ({ registry_ref: ref, artifact, version });

const refuseSpelling = (target: Target) =>
  new ApiError('notPortable', {
    expected: `GET ${formatPortable(target)}`,
    hint: 'the open-source server does not accept this spelling',
  });

/** A store that cannot be read throws the same error at each request. */
const logged = new WeakSet<Error>();

/** Sends an error as the contract's envelope, and records the request. */
export function sendError(error: Error, request: FastifyRequest, reply: FastifyReply, logger?: Logger): void {
  const { reason, status, envelope, body } = error instanceof ApiError ? error : toApiError(error, request);
  if (reason === 'unforeseen' && !logged.has(error)) {
    logged.add(error);
    logger?.error({ err: error, reqId: request.id }, 'request failed');
  }
  request.reason = reason;
  request.details = envelope.details;
  sendJson(reply.code(status), body);
  request.server.record?.(request, status);
}

/** Maps domain errors to answers: the one place that does. */
function toApiError(error: Error, request: FastifyRequest): ApiError {
  if (error instanceof ValidationError) {
    return new ApiError('invalidParameter', { field: formatPath(error.path) || 'body', reason: error.reason });
  }
  if (error instanceof LimitError) {
    const { what, max, message } = error;
    return new ApiError('limitReached', { field: what, limit: max, reason: message });
  }
  if (error instanceof FixtureError) {
    const problems = error.problems.map(({ place: { line, column }, message }) => ({
      line,
      column,
      reason: escapeControls(message),
    }));
    return new ApiError('invalidFixture', { problems });
  }
  if (error instanceof NotAsExpected) return new ApiError('notAsExpected', { reasons: error.reasons });
  const { code, statusCode = 500 } = error as FastifyError;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const { bodyLimit } = request.routeOptions;
    return new ApiError('bodyTooLarge', { limit: bodyLimit, reason: `the body is larger than ${bodyLimit} bytes` });
  }
  // Fastify refuses what the client sent, such as a body of another length than announced.
  if (statusCode >= 400 && statusCode < 500) return new ApiError('malformedRequest', { reason: error.message });
  return errorOf('unforeseen');
}
