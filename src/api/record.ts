import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { FastifyInstance } from 'fastify';
import { toInjected } from '../faults/fault.js';
import { pickHeaders, REQUEST_ID, TRACEPARENT } from '../faults/headers.js';
import { readSessionName, SESSION_HEADER } from '../faults/sessions.js';
import type { RecordedRequest } from '../journal/entry.js';
import { parseTarget } from './target.js';
import { type Decisions, traces } from './trace.js';

declare module 'fastify' {
  interface FastifyRequest extends Decisions {
    /** When the request arrived, by a monotonic clock in milliseconds; the first hook sets it. */
    startTime: number;
  }
  interface FastifyInstance {
    /** Records a request and its status; undefined if it got no complete answer. Paths of our own are not recorded. */
    record(request: FastifyRequest, status: number | undefined): void;
  }
}

/** Makes an app record its requests. */
export function recordRequests(app: FastifyInstance, record: (recorded: RecordedRequest) => void): void {
  for (const decision of ['apiKey', 'found', 'fault', 'reason', 'hosted', 'details'])
    app.decorateRequest(decision, undefined);
  app.decorateRequest('startTime', 0);
  app.decorate('record', (request, status) => {
    if (parseTarget(request.originalUrl).kind === 'own') return;
    const { apiKey, found, fault, reason, hosted, details } = request;
    const trace = traces.get(request.raw.socket);
    if (trace !== undefined) return void Object.assign(trace, { apiKey, found, fault, reason, hosted, details });
    record({
      time: Date.now(),
      method: request.method,
      target: request.originalUrl,
      requestId: request.id,
      traceId: readTraceId(request.headers.traceparent),
      headers: pickHeaders(request.headers),
      key: apiKey?.name,
      session: readSessionName(request.headers[SESSION_HEADER]),
      status,
      duration: performance.now() - request.startTime,
      fault: fault && toInjected(fault),
      ...(found !== undefined && 'data' in found && found.isAnyVersion && { anyVersion: true }),
      reason,
    });
  });
}

/** Reads the trace id of a `traceparent` header; an invalid one is ignored. */
const readTraceId = (header: string | string[] | undefined): string | undefined =>
  header === undefined ? undefined : TRACEPARENT.exec(String(header))?.[1];

const PREFIX = randomBytes(3).toString('hex');

let count = 0;

/** Returns a new `x-request-id`. */
export const nextId = (): string => `${PREFIX}-${(++count).toString(36)}`;

/** Returns the `x-request-id` of a client, if it is valid, or a new one (source: upstream, run). */
export function readId({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : nextId();
}
