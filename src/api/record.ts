import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { FastifyInstance } from 'fastify';
import type { InjectedFault } from '../faults/choose.js';
import { readSessionName, SESSION_HEADER } from '../faults/sessions.js';
import type { RecordedRequest } from '../journal/entry.js';
import type { Reason } from './errors.js';
import { parseTarget } from './target.js';
import { traceOf } from './trace.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** When the request arrived, by a monotonic clock in milliseconds; unset before the first hook. */
    startTime: number;
    /** The fault that happens to the request. */
    fault: InjectedFault | undefined;
    /** Why the request got no 200. */
    reason: Reason | undefined;
  }
  interface FastifyInstance {
    /** Records a request and its status; undefined if it got no complete answer. Paths of our own are not recorded. */
    record(request: FastifyRequest, status: number | undefined): void;
  }
}

/** Makes an app record its requests. */
export function recordRequests(app: FastifyInstance, record: (recorded: RecordedRequest) => void): void {
  app.decorateRequest('startTime', 0);
  app.decorateRequest('fault', undefined);
  app.decorateRequest('reason', undefined);
  app.decorate('record', (request, status) => {
    if (parseTarget(request.originalUrl).kind === 'own') return;
    const trace = traceOf(request.raw.socket);
    if (trace !== undefined) {
      if (request.reason !== undefined) trace.reason = request.reason;
      return;
    }
    record({
      time: Date.now(),
      method: request.method,
      target: request.originalUrl,
      requestId: request.id,
      traceId: readTraceId(request.headers.traceparent),
      key: request.apiKey?.name,
      session: readSessionName(request.headers[SESSION_HEADER]),
      status,
      duration: request.startTime ? performance.now() - request.startTime : 0,
      fault: request.fault,
      reason: request.reason,
    });
  });
}

/** Version, trace id, parent id and flags; version 00 ends there (source: W3C Trace Context, 3.2). */
const TRACE_PARENT = /^(?!ff|00.{54})[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-|$)/;

/** Reads the trace id of a `traceparent` header; an invalid one is ignored. */
function readTraceId(header: string | string[] | undefined): string | undefined {
  return header === undefined ? undefined : TRACE_PARENT.exec(String(header))?.[1];
}

/** At most 128 visible ASCII characters (source: our decision). */
const VALID = /^[!-~]{1,128}$/;

/** Creates the source of `x-request-id`: the client's, if it is valid, or a short one of ours (source: upstream, run). */
export function createRequestIds() {
  const prefix = randomBytes(3).toString('hex');
  let count = 0;
  const next = () => `${prefix}-${(++count).toString(36)}`;
  return {
    next,
    read({ headers }: Pick<IncomingMessage, 'headers'>): string {
      const given = headers['x-request-id'];
      return typeof given === 'string' && VALID.test(given) ? given : next();
    },
  };
}
