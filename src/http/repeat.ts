import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AuthMode } from '../auth.js';
import type { Controls } from '../control/controls.js';
import { SESSION_HEADER } from '../control/sessions.js';
import type { Reason } from '../reason.js';
import type { KeyFinder } from '../store/keys.js';
import type { ApiKey } from '../store/types.js';
import { judgeRequest, type KeyRefusal } from './api-key.js';

/** What decides an answer besides the target: the data, of which `revision` tells the state, the keys, and the controls. */
export interface RepeatOptions {
  store: KeyFinder;
  auth: AuthMode;
  controls: Pick<Controls, 'faults' | 'record'>;
  /** Aborted when the server begins to close: from then on the long way tells clients to close, too. */
  closing: AbortSignal;
}

/** An answer as it was sent. */
interface Answer {
  status: number;
  headers: Record<string, string | number>;
  body: string;
  reason: Reason | undefined;
}

/** What an answer depends on besides its target: a key, none where keys are not known by name, or why one is refused. */
type Bearer = ApiKey | null | KeyRefusal;

/** How much is remembered, in bytes; an estimate. */
const MOST_BYTES = 16_777_216;

/** What one answer takes besides its texts, in bytes. */
const ANSWER_BYTES = 500;

/**
 * Makes a server repeat the answers of an app's routes to the same target under the same key, in front of the router,
 * until the data changes. What anything else decides, such as a fault, a session or a header, takes the long way.
 */
export function repeatAnswers(app: FastifyInstance, { store, auth, controls, closing }: RepeatOptions): void {
  const answers = new Map<Bearer, Map<string, Answer>>();
  let bytes = 0;
  let { revision } = store;

  const forget = () => {
    answers.clear();
    bytes = 0;
  };

  const forgetWhatChanged = () => {
    const current = store.revision;
    if (current !== revision) forget();
    revision = current;
  };

  /** Whether the target and the key alone decide the answer. */
  const isPlain = ({ method, httpVersion, headers }: IncomingMessage) =>
    method === 'GET' &&
    httpVersion === '1.1' &&
    headers.host !== undefined &&
    headers.prefer === undefined &&
    headers[SESSION_HEADER] === undefined &&
    controls.faults.size === 0;

  const remember = (target: string, bearer: Bearer, answer: Answer) => {
    forgetWhatChanged();
    const size = ANSWER_BYTES + target.length + answer.body.length;
    if (bytes + size > MOST_BYTES) forget();
    bytes += size;
    answers.set(bearer, (answers.get(bearer) ?? new Map<string, Answer>()).set(target, answer));
  };

  const repeat = (request: IncomingMessage, response: ServerResponse): boolean => {
    const begin = performance.now();
    if (closing.aborted || !isPlain(request)) return false;
    forgetWhatChanged();
    const bearer = judgeRequest(request, auth, store);
    const target = request.url as string;
    const answer = answers.get(bearer)?.get(target);
    if (answer === undefined) return false;
    response.writeHead(answer.status, answer.headers).end(answer.body);
    controls.record({
      time: Date.now(),
      method: 'GET',
      target,
      key: typeof bearer === 'string' ? undefined : bearer?.name,
      session: undefined,
      status: answer.status,
      duration: performance.now() - begin,
      fault: undefined,
      reason: answer.reason,
    });
    return true;
  };

  app.addHook<string>('onSend', (request, reply, body, done) => {
    if (isPlain(request.raw) && isDecided(request, reply)) {
      const { apiKey, originalUrl, reason } = request;
      const headers = {
        'content-type': reply.getHeader('content-type') as string,
        'content-length': Buffer.byteLength(body),
      };
      const bearer = reply.statusCode === 401 ? (reason as KeyRefusal) : apiKey;
      remember(originalUrl, bearer, { status: reply.statusCode, headers, body, reason });
    }
    done();
  });
  const [handle] = app.server.listeners('request') as [RequestListener];
  app.server.off('request', handle).on('request', (request, response) => {
    if (!repeat(request, response)) handle(request, response);
  });
}

/** Whether a request came to its key and no fault happened to it, nor did the server fail. */
function isDecided({ session, injected }: FastifyRequest, { statusCode }: FastifyReply): boolean {
  return (session !== null || statusCode === 401) && injected === undefined && statusCode < 500;
}
