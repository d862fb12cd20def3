import { isUtf8 } from 'node:buffer';
import type { Static, TObject } from '@sinclair/typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError } from '../api/errors.js';
import { parseQuery } from '../api/query.js';
import { parseTarget } from '../api/target.js';
import { ValidationError, validate } from '../util/validate.js';

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

/** Ignores a byte order mark. */
const utf8 = new TextDecoder();

/** Reads the text of a body, which may be empty. Throws a ValidationError for a body that is not UTF-8. */
export function readText({ body = Buffer.alloc(0) }: FastifyRequest): string {
  if (isUtf8(body as Buffer)) return utf8.decode(body as Buffer);
  throw new ValidationError(['body'], 'is not UTF-8; send it as UTF-8');
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

/** Reads the query of a request, in which a plus is a plus: targets and versions are full of them. */
export function readQuery<Schema extends TObject>(schema: Schema, { originalUrl }: FastifyRequest): Static<Schema> {
  const text = parseTarget(originalUrl).query.slice(1);
  try {
    decodeURIComponent(text);
  } catch {
    throw new ValidationError(['query'], 'is not percent-encoded UTF-8; write a percent sign as %25');
  }
  return readParameters(schema, parseQuery(text.replaceAll('+', '%2B').replaceAll(';', '%3B')));
}

/** Validates parameters, of which integers are still texts. */
export function readParameters<Schema extends TObject>(schema: Schema, parameters: unknown): Static<Schema> {
  const entries = Object.entries(parameters as Record<string, unknown>).map(([name, text]) => {
    const isInteger = schema.properties[name]?.type === 'integer' && /^\d{1,15}$/.test(String(text));
    return [name, isInteger ? Number(text) : text];
  });
  return validate(schema, Object.fromEntries(entries));
}
