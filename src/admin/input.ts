import { isUtf8 } from 'node:buffer';
import { parse } from 'node:querystring';
import type { Static, TObject, TSchema } from '@sinclair/typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Misfit, requireFit } from '../check.js';
import type { Presented } from '../explain/walk-request.js';
import { explainNoKey, readKey } from '../http/api-key.js';
import { ApiError } from '../http/errors.js';
import type { Access } from './access.js';

/** Makes an app read queries so that a plus is a plus, as targets and versions are full of them. */
export function keepPluses(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { originalUrl } = request;
    const [path = ''] = originalUrl.split('?', 1);
    request.query = parse(originalUrl.slice(path.length + 1).replaceAll('+', '%2B'));
    done();
  });
}

/** Makes an app hand bodies of JSON and YAML over as their bytes, so that a mistake in one can be told by its line. */
export function takeBodiesAsBytes(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request, payload, done) => {
    payload.resume();
    done(unreadable(request));
  });
  app.addContentTypeParser(
    /^(?:application\/json|(?:application|text)\/(?:x-)?yaml)\b/,
    { parseAs: 'buffer' },
    (_, bytes, done) => done(null, bytes),
  );
}

/** It leaves a byte order mark out. */
const utf8 = new TextDecoder();

/** Reads the text of a body; none is an empty one. Throws a Misfit for bytes that are no UTF-8. */
export function readText({ body = Buffer.alloc(0) }: FastifyRequest): string {
  if (isUtf8(body as Buffer)) return utf8.decode(body as Buffer);
  throw new Misfit(['body'], 'is not UTF-8; send it in that encoding');
}

const unreadable = ({ headers }: FastifyRequest) =>
  new ApiError('mediaTypeNotSupported', {
    field: 'Content-Type',
    value: headers['content-type'],
    reason: 'must be application/json, which curl --json sends, or application/yaml for a fixture',
  });

/** Reads the parameters of a path, whose numbers are texts yet. Throws a Misfit. */
export function readParameters<Schema extends TObject>(schema: Schema, parameters: unknown): Static<Schema> {
  const entries = Object.entries(parameters as Record<string, unknown>).map(([name, text]) => {
    const isNumber = schema.properties[name]?.type === 'integer' && /^\d{1,15}$/.test(String(text));
    return [name, isNumber ? Number(text) : text];
  });
  return requireFit(schema, Object.fromEntries(entries));
}

/** Reads the query of a request. Throws a Misfit. */
export function readQuery<Schema extends TObject>(schema: Schema, { query }: FastifyRequest): Static<Schema> {
  return readParameters(schema, query);
}

/**
 * Reads the key that a request asks an explanation for: the one of its query, or else what it brings itself, as the API
 * reads it. A Bearer token is the admin API's own where that has one, and says nothing then.
 */
export function readPresented({ raw }: FastifyRequest, key: string | undefined, access: Access): Presented {
  if (key !== undefined) return { key: Buffer.from(key).toString('latin1') };
  const noKey = explainNoKey(raw);
  return { key: readKey(raw), noKey: noKey === 'bearerOnly' && access.kind === 'token' ? undefined : noKey };
}

/** Reads the body of a request; none is an empty object. Throws a Misfit for what is no JSON or does not fit. */
export function readBody<Schema extends TSchema>(schema: Schema, request: FastifyRequest): Static<Schema> {
  return requireFit(schema, parseJson(readText(request) || '{}'));
}

/** Parses a body of JSON. Throws a Misfit that tells nothing of it, as it may hold a key. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const cause = (error as Error).message.replace(/(?:, )?(?:\.\.\.)?".*$/s, '');
    throw new Misfit(['body'], `is not JSON: ${cause}`);
  }
}
