import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { type Static, type TObject, type TSchema, Type } from '@sinclair/typebox';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { sendJson } from '../api/error-handler.js';
import { ApiError } from '../api/errors.js';
import { parseQuery, parseTarget } from '../api/target.js';
import type { Control } from '../control.js';
import { readSessionName, SESSION_HEADER } from '../faults/sessions.js';
import type { Store } from '../store/store.js';
import { inTurns } from '../util/steps.js';
import { ValidationError, validate } from '../util/validate.js';
import type { Access } from './guard.js';

/** What the operations work on. */
export interface AdminOptions {
  control: Control;
  store: Store;
  access: Access;
  logger: Pick<Logger, 'warn'>;
  /** Renders the metrics in the Prometheus text format. */
  readMetrics(): Promise<string>;
}

/** A request. The query is valid; the text is that of the body, or empty. */
interface Input<Query extends TObject> {
  query: Static<Query>;
  text: string;
  session: string | undefined;
  request: FastifyRequest;
  reply: FastifyReply;
}

export interface Operation<Query extends TObject = TObject> {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** In Fastify's syntax. */
  url: string;
  tag: 'Faults' | 'Journal' | 'Explain' | 'Data' | 'Metrics';
  summary: string;
  query?: Query;
  body?: TSchema;
  example?: object;
  /** The largest body in bytes, if it is not a fixture. */
  bodyLimit?: number;
  status: 200 | 201 | 204;
  answer?: TSchema;
  /** The media type of the answer, if it is not JSON. */
  type?: string;
  /** The statuses of errors besides 400, 401 and 403. */
  errors?: readonly number[];
  /** Converts between HTTP and the control. Returns the body of the answer, or undefined for a 204. */
  handle(options: AdminOptions, input: Input<Query>): unknown;
}

/** Creates an operation from its request line. Without an answer, it answers 204. */
export function define<Query extends TObject>(
  tag: Operation['tag'],
  line: string,
  summary: string,
  more: Partial<Operation<Query>> & Pick<Operation<Query>, 'handle'>,
): Operation<Query> {
  const [method, url] = line.split(' ') as [Operation['method'], string];
  return { method, url: `/__admin/${url}`, tag, summary, status: more.answer === undefined ? 204 : 200, ...more };
}

/** The largest fixture that is accepted, in bytes. */
const MAX_FIXTURE = 10_485_760;

/** Adds the route of an operation. */
export function addRoute(app: FastifyInstance, operation: Operation, options: AdminOptions): void {
  const { method, url, body, bodyLimit = MAX_FIXTURE, status, type } = operation;
  app.route({
    method,
    url,
    ...(body && { bodyLimit }),
    async handler(request, reply) {
      const header = request.headers[SESSION_HEADER];
      options.control.sessions.enter(header);
      const query = operation.query === undefined ? {} : readQuery(operation.query, request);
      const text = body === undefined ? '' : readText(request);
      const answer = await operation.handle(options, { query, text, session: readSessionName(header), request, reply });
      reply.code(status);
      if (answer === undefined) return reply.send();
      if (type !== undefined) return reply.header('content-type', type).send(answer);
      return sendJson(reply, answer instanceof Readable ? answer : JSON.stringify(answer));
    },
  });
}

/** Ignores a byte order mark. */
const utf8 = new TextDecoder();

/** Reads the text of a body, which may be empty. If the parser threw this error, Fastify would close the connection. */
function readText({ body = Buffer.alloc(0) }: FastifyRequest): string {
  if (isUtf8(body as Buffer)) return utf8.decode(body as Buffer);
  throw new ValidationError(['body'], 'is not UTF-8; send it as UTF-8');
}

/** Makes an app pass on JSON and YAML bodies as bytes. */
export function acceptBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', ({ headers }, payload, done) => {
    payload.resume();
    const reason = 'must be application/json, which curl --json sends, or application/yaml for a fixture';
    done(new ApiError('mediaTypeNotSupported', { field: 'Content-Type', value: headers['content-type'], reason }));
  });
  const accepted = /^(?:application\/json|(?:application|text)\/(?:x-)?yaml)\b/;
  app.addContentTypeParser(accepted, { parseAs: 'buffer' }, (_, bytes, done) => done(null, bytes));
}

/** Parses a JSON body; an empty one is an empty object. The error shows nothing of the body, which may contain a key. */
export function readJson(text: string): unknown {
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

/** The path parameters of an operation on one armed fault. */
export const FaultParametersSchema = Type.Object({
  id: Type.Integer({ minimum: 1, description: 'the id of an armed fault', examples: [1] }),
});

export const readId = ({ params }: FastifyRequest): number => readParameters(FaultParametersSchema, params).id;

/** Writes an object with a long list, which comes first, as JSON in turns with other requests. */
export function streamList(name: string, items: readonly object[], others: object = {}): Readable {
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
