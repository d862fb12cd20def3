import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Misfit } from '../check.js';
import type { Controls } from '../control/controls.js';
import type { InjectedFault } from '../control/exchange.js';
import { SESSION_HEADER, SESSION_PATTERN, SESSION_RULE, type Session } from '../control/sessions.js';
import { isOwnTarget } from '../own-target.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The session that the request says it is of; set once the request may use the API that it asks. */
    session: Session;
    /** The fault that happens to the request. */
    injected: InjectedFault | undefined;
  }
  interface FastifyInstance {
    /** Takes note of a request of the API; takes its status, undefined where it got no whole answer, and the duration in milliseconds. */
    record(request: FastifyRequest, status: number | undefined, duration: number): void;
  }
}

const IS_SESSION = new RegExp(SESSION_PATTERN);

/** Makes an app's requests enter their sessions; the hooks before say who may. A request beyond a bound gets 429. */
export function enterSessions(app: FastifyInstance, { sessions }: Pick<Controls, 'sessions'>): void {
  const nameless = sessions.enter(undefined);
  app.addHook('onRequest', (request, _reply, done) => {
    const name = readSession(request);
    request.session = name === undefined ? nameless : sessions.enter(checkSession(name));
    done();
  });
}

/** Makes an app take note of the requests of the API and of unknown routes. */
export function recordExchanges(app: FastifyInstance, controls: Controls): void {
  app.decorateRequest('session', null as unknown as Session);
  app.decorateRequest('injected', undefined);
  app.decorate('record', (request, status, duration) => {
    if (isOwnTarget(request.originalUrl)) return;
    controls.record({
      time: Date.now(),
      method: request.method,
      target: request.originalUrl,
      key: request.apiKey?.name,
      session: findSessionName(request),
      status,
      duration,
      fault: request.injected,
      reason: request.reason,
    });
  });
  app.addHook('onResponse', (request, reply, done) => {
    if (isOfApi(request) && isWhole(reply)) app.record(request, reply.statusCode, reply.elapsedTime);
    done();
  });
}

/** What is our own, such as `/healthz`, is not what a client asks the API; a path that is unknown may be meant for it. */
function isOfApi({ is404, raw: { url = '' } }: FastifyRequest): boolean {
  return is404 || url.startsWith('/har/');
}

/** An answer that a fault breaks off is taken note of where it happens. */
function isWhole({ raw }: FastifyReply): boolean {
  return raw.writableEnded;
}

function readSession({ headers }: FastifyRequest): string | undefined {
  const value = headers[SESSION_HEADER];
  return value === undefined ? undefined : String(value);
}

/** The name of a request's session as far as it has one: a target that cannot be decoded gets no session. */
function findSessionName(request: FastifyRequest): string | undefined {
  const name = readSession(request);
  return name !== undefined && IS_SESSION.test(name) ? name : undefined;
}

function checkSession(name: string): string {
  if (IS_SESSION.test(name)) return name;
  throw new Misfit([SESSION_HEADER], `expected one name of ${SESSION_RULE}`);
}
