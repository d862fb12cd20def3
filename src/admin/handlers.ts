import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import type { Static, TObject } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { ApiError } from '../api/errors.js';
import { parseQuery, parseTarget } from '../api/target.js';
import type { Control } from '../control.js';
import type { ExplainedRequest, Explanation } from '../explain/explain.js';
import { HEADER_NAMES } from '../faults/headers.js';
import { signalGone } from '../faults/inject.js';
import { SESSION_HEADER } from '../faults/sessions.js';
import { toFilter } from '../journal/entry.js';
import { FixtureText } from '../seed/document.js';
import { inTurns, runInTurns } from '../util/steps.js';
import { ValidationError, validate } from '../util/validate.js';
import { FaultParametersSchema, type OperationName, operations } from './operations.js';

export interface HandlerOptions {
  control: Control;
  /** Whether requests have the admin API's own Bearer token. */
  hasToken: boolean;
  logger: Pick<Logger, 'warn'>;
  explain(request: ExplainedRequest): Promise<Explanation>;
  /** Renders the metrics in the Prometheus text format. */
  readMetrics(): Promise<string>;
}

/** Returns the body of the answer, or undefined for a 204. */
type Handler = (request: FastifyRequest, session: string | undefined, reply: FastifyReply) => unknown;

/** A longer fixture must be JSON: the YAML parser needs hundreds of times the memory of the text. In characters. */
const MAX_YAML = 262_144;

/** Creates the handlers, which only convert between HTTP and the control. */
export function createHandlers({
  control,
  hasToken,
  logger,
  explain,
  readMetrics,
}: HandlerOptions): Record<OperationName, Handler> {
  const { fixtures, faults, journal, steps } = control;

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
      const { entries, total } = await runInTurns(steps.list(toFilter(filter), session, limit));
      return streamList('entries', entries, { total, dropped: journal.dropped });
    },
    async countEntries(request, session) {
      const filter = readQuery(operations.countEntries.query, request);
      const { total } = await runInTurns(steps.list(toFilter(filter), session, 0));
      return { count: total };
    },
    async awaitEntries(request, session, reply) {
      const { count, timeout, ...filter } = readQuery(operations.awaitEntries.query, request);
      return { count: await journal.waitFor(toFilter(filter), { count, timeout }, session, signalGone(reply)) };
    },
    clearJournal: (_request, session) => journal.clear(session),
    async verify(request, session) {
      await runInTurns(steps.verify(readJson(readText(request)), session));
      return { verified: true };
    },

    explain(request) {
      const { target, key, method } = readQuery(operations.explain.query, request);
      return explain({ target, method, headers: listHeaders(request, key, hasToken) });
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
      const { ref, artifact_type, ...names } = readQuery(operations.deleteFixtures.query, request);
      return fixtures.remove({ registryRef: ref, artifactType: artifact_type, ...names });
    },
    reset: (_request, session) => control.reset(session),

    readMetrics,
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

/** Lists the headers to explain, which rules match. The key of the query wins; the admin token is left out. */
function listHeaders({ raw }: FastifyRequest, key: string | undefined, hasToken: boolean): [string, string][] {
  const ofKey = hasToken ? ['x-api-key'] : ['x-api-key', 'authorization'];
  const names = [SESSION_HEADER, ...HEADER_NAMES, ...(key === undefined ? ofKey : [])];
  const own = raw.rawHeaders.flatMap((name, index): [string, string][] =>
    index % 2 === 0 && names.includes(name.toLowerCase()) ? [[name, raw.rawHeaders[index + 1] as string]] : [],
  );
  return key === undefined ? own : [['x-api-key', Buffer.from(key).toString('latin1')], ...own];
}

/** Returns why a fixture must be JSON; undefined if it may be YAML. */
function jsonHint({ headers }: FastifyRequest, text: string): string | undefined {
  if (text.length > MAX_YAML) return `a fixture of more than ${MAX_YAML} characters must be JSON`;
  return headers['content-type']?.includes('json') ? 'send YAML as application/yaml' : undefined;
}

/** Ignores a byte order mark. */
const utf8 = new TextDecoder();

/** Reads the text of a body, which may be empty. Throws a ValidationError for a body that is not UTF-8. */
function readText({ body = Buffer.alloc(0) }: FastifyRequest): string {
  if (isUtf8(body as Buffer)) return utf8.decode(body as Buffer);
  throw new ValidationError(['body'], 'is not UTF-8; send it as UTF-8');
}

/** Parses a JSON body; an empty one is an empty object. The error shows nothing of the body, which may contain a key. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text || '{}');
  } catch (error) {
    const cause = (error as Error).message.replace(/(?:, )?(?:\.\.\.)?".*$/s, '');
    throw new ValidationError(['body'], `is not JSON: ${cause}`);
  }
}

/** Reads the query of a request. A plus is not a space, because targets and versions contain it. */
function readQuery<Schema extends TObject>(schema: Schema, { originalUrl }: FastifyRequest): Static<Schema> {
  const text = parseTarget(originalUrl).query.slice(1);
  try {
    decodeURIComponent(text);
  } catch {
    throw new ValidationError(['query'], 'is not percent-encoded UTF-8; write a percent sign as %25');
  }
  return readParameters(schema, parseQuery(text.replaceAll('+', '%2B').replaceAll(';', '%3B')));
}

/** Converts the integers among parameters, which are texts, and validates all. */
function readParameters<Schema extends TObject>(schema: Schema, parameters: unknown): Static<Schema> {
  const entries = Object.entries(parameters as Record<string, unknown>).map(([name, text]) => {
    const isInteger = schema.properties[name]?.type === 'integer' && /^\d{1,15}$/.test(String(text));
    return [name, isInteger ? Number(text) : text];
  });
  return validate(schema, Object.fromEntries(entries));
}

const readId = ({ params }: FastifyRequest): number => readParameters(FaultParametersSchema, params).id;

function rejectId(id: number): never {
  const reason = 'no armed fault has this id; GET /__admin/faults lists them';
  throw new ApiError('faultNotFound', { field: 'id', value: id, reason });
}
