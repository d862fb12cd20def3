import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { ApiError } from '../api/errors.js';
import type { Control } from '../control.js';
import type { ExplainedRequest, Explanation } from '../explain/explain.js';
import { signalGone } from '../faults/inject.js';
import { SESSION_HEADER } from '../faults/sessions.js';
import { FixtureText } from '../seed/document.js';
import { lazy } from '../util/lazy.js';
import { inTurns, runInTurns } from '../util/steps.js';
import type { Access } from './guard.js';
import { readJson, readParameters, readQuery, readText } from './input.js';
import { FaultParametersSchema, type OperationName, operations } from './operations.js';

export interface HandlerOptions {
  control: Control;
  access: Access;
  logger: Pick<Logger, 'warn'>;
  explain(request: ExplainedRequest): Promise<Explanation>;
}

/** Returns the body of the answer, or undefined for a 204. */
type Handler = (request: FastifyRequest, session: string | undefined, reply: FastifyReply) => unknown;

/** A longer fixture must be JSON: the YAML parser needs hundreds of times the memory of the text. In characters. */
const MAX_YAML = 262_144;

/** Creates the handlers, which only convert between HTTP and the control. */
export function createHandlers({ control, access, logger, explain }: HandlerOptions): Record<OperationName, Handler> {
  const { fixtures, faults, journal, steps } = control;
  const loadMetrics = lazy(async () => (await import('./metrics.js')).createMetrics(control));

  return {
    listFaults: (_request, session) => streamList('faults', faults.list(session)),
    armFault: (request, session) => faults.arm(readJson(readText(request)), session),
    findFault(request, session) {
      const id = readId(request);
      return faults.list(session).find((fault) => fault.id === id) ?? rejectId(id);
    },
    disarmFault(request, session) {
      const id = readId(request);
      if (!faults.disarm(id, session)) rejectId(id);
    },
    disarmFaults: (_request, session) => faults.clear(session),

    async listEntries(request, session) {
      const { limit = 100, ...filter } = readQuery(operations.listEntries.query, request);
      const entries = await runInTurns(steps.list(filter, session, limit));
      const total = await runInTurns(steps.count(filter, session));
      return streamList('entries', entries, { total, dropped: journal.dropped });
    },
    async countEntries(request, session) {
      const filter = readQuery(operations.countEntries.query, request);
      return { count: await runInTurns(steps.count(filter, session)) };
    },
    async awaitEntries(request, session, reply) {
      const { count, timeout, ...filter } = readQuery(operations.awaitEntries.query, request);
      return { count: await journal.waitFor(filter, { count, timeout }, session, signalGone(reply)) };
    },
    clearJournal: (_request, session) => journal.clear(session),
    async verify(request, session) {
      await runInTurns(steps.verify(readJson(readText(request)), session));
      return { verified: true };
    },

    explain(request) {
      const { target, key, method } = readQuery(operations.explain.query, request);
      return explain({ target, method, headers: listHeaders(request, key, access) });
    },

    exportFixtures() {
      const warn = ({ message }: Error) => logger.warn(`${message}; its answer was cut off`);
      return Readable.from(inTurns(fixtures.export())).on('error', warn);
    },
    mergeFixtures(request) {
      const text = readText(request);
      const options = { jsonHint: jsonHint(request, text), isLocated: text.length <= MAX_YAML };
      return fixtures.merge(new FixtureText('body', text, options));
    },
    deleteFixtures(request) {
      const {
        ref: registryRef,
        artifact_type: artifactType,
        ...names
      } = readQuery(operations.deleteFixtures.query, request);
      return fixtures.remove({ registryRef, artifactType, ...names });
    },
    reset: (_request, session) => control.reset(session),

    readMetrics: async () => (await loadMetrics())(),
  };
}

/** Writes an object with a long list, which comes first, as JSON in turns with other requests. */
function streamList(name: string, items: readonly object[], others: object = {}): Readable {
  function* write() {
    let separator = `{"${name}":[`;
    for (const item of items) {
      yield separator + JSON.stringify(item);
      separator = ',';
    }
    const end = JSON.stringify({ [name]: [], ...others });
    yield items.length === 0 ? end : end.slice(end.indexOf(']'));
  }
  return Readable.from(inTurns(write()));
}

/** Lists the session header and those with a key, or the key of the query; without the admin API's own Bearer token. */
function listHeaders({ raw }: FastifyRequest, key: string | undefined, access: Access): [string, string][] {
  const ofKey = access.kind === 'token' ? ['x-api-key'] : ['x-api-key', 'authorization'];
  const names = [SESSION_HEADER, ...(key === undefined ? ofKey : [])];
  const own = raw.rawHeaders.flatMap((name, index): [string, string][] =>
    index % 2 === 0 && names.includes(name.toLowerCase()) ? [[name, raw.rawHeaders[index + 1] as string]] : [],
  );
  return key === undefined ? own : [['x-api-key', Buffer.from(key).toString('latin1')], ...own];
}

/** Why a fixture must be JSON, if it must. */
function jsonHint({ headers }: FastifyRequest, text: string): string | undefined {
  if (text.length > MAX_YAML) return `a fixture of more than ${MAX_YAML} characters must be JSON`;
  return headers['content-type']?.includes('json') ? 'send YAML as application/yaml' : undefined;
}

const readId = ({ params }: FastifyRequest): number => readParameters(FaultParametersSchema, params).id;

function rejectId(id: number): never {
  const reason = 'no armed fault has this id; GET /__admin/faults lists them';
  throw new ApiError('faultNotFound', { field: 'id', value: id, reason });
}
