import { inspect } from 'node:util';
import { Kind, type Static, type TObject, type TSchema } from '@sinclair/typebox';
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler';
import { type ValueError, ValueErrorType } from '@sinclair/typebox/errors';
import { escapeControls, shorten, suggest } from './text.js';

/** The path to a value inside a document, such as `['registries', 0, 'ref']`. */
export type DocumentPath = readonly (string | number)[];

/** Invalid input from outside, such as a fixture or a body: where, and what was found and expected. */
export class ValidationError extends Error {
  readonly reason: string;

  constructor(
    readonly path: DocumentPath,
    reason: string,
  ) {
    super(escapeControls(messageAt(path, reason)));
    this.reason = escapeControls(reason);
  }
}

/** A schema option that returns a hint for an invalid value: `(value) => '; …'`. Documents leave it out. */
export const HINT = Symbol('hint');

/** Formats a path, such as `registries[0].artifacts[2].name`. */
export function formatPath(path: DocumentPath): string {
  const parts = path.map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${key}`));
  return escapeControls(parts.join(''));
}

/** Formats a message about the value at a path, such as `registries[0].ref: found …`. */
export function messageAt(path: DocumentPath, reason: string): string {
  return path.length === 0 ? reason : `${formatPath(path)}: ${reason}`;
}

/** Returns the value typed by its schema. Throws a ValidationError for the first invalid place. */
export function validate<Schema extends TSchema>(schema: Schema, value: unknown): Static<Schema> {
  const [problem] = listProblems(schema, value, 1);
  if (problem !== undefined) throw problem;
  return value as Static<Schema>;
}

const checks = new WeakMap<TSchema, TypeCheck<TSchema>>();

/** Compiles a schema once. */
export function compile(schema: TSchema): TypeCheck<TSchema> {
  const check = checks.get(schema) ?? TypeCompiler.Compile(schema);
  checks.set(schema, check);
  return check;
}

/**
 * Lists what is invalid in a value, one error per place, at most `max`; empty for a valid value.
 *
 * @param findSources returns the texts of numbers as they are written
 */
export function listProblems(
  schema: TSchema,
  value: unknown,
  max: number,
  findSources: (paths: readonly DocumentPath[]) => (string | undefined)[] = () => [],
): ValidationError[] {
  const check = compile(schema);
  if (check.Check(value)) return [];
  const errors = new Map<string, ValueError>();
  for (const error of check.Errors(value)) {
    if (errors.size >= max) break;
    if (!errors.has(error.path)) errors.set(error.path, error);
  }
  const paths = [...errors.keys()].map(toKeys);
  const sources = findSources(paths);
  return [...errors.values()].map((error, index) => {
    return toProblem(error, paths[index] as (string | number)[], sources[index]);
  });
}

/** Parses a JSON pointer, in which a number is the index of a list. */
const toKeys = (pointer: string): (string | number)[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part.replaceAll('~1', '/').replaceAll('~0', '~')));

/** Values under a schema marked `writeOnly` may be API keys and are never shown. */
function toProblem(
  { schema, value, type }: ValueError,
  path: (string | number)[],
  source: string | undefined,
): ValidationError {
  const key = String(path.at(-1));
  if (type === ValueErrorType.ObjectAdditionalProperties) {
    // A property that may be anything is a comment.
    const properties = Object.entries((schema as TObject).properties);
    const known = properties.flatMap(([name, property]) => (property[Kind] === 'Unknown' ? [] : name));
    const nearest = suggest(key, known);
    const isShown = nearest !== '' || !schema.writeOnly;
    const hint = nearest || `; expected one of ${known.join(', ')}`;
    return new ValidationError(isShown ? path : path.slice(0, -1), `unknown key${isShown ? ` "${key}"` : ''}${hint}`);
  }
  const expected = schema.enum ? `one of ${schema.enum.join(', ')}` : (schema.description ?? schema.type);
  if (type === ValueErrorType.ObjectRequiredProperty) {
    return new ValidationError(path, `missing key "${key}"; expected ${expected}`);
  }
  const isSecret = schema.writeOnly || (path.length === 0 && typeof value === 'string');
  const found = isSecret ? 'another value' : typeof value === 'number' ? shorten(source ?? `${value}`) : show(value);
  return new ValidationError(path, `found ${found}, expected ${expected}${hintFor(schema, value)}`);
}

function hintFor(schema: TSchema, value: unknown): string {
  const hint = (schema as { [HINT]?: (value: unknown) => string })[HINT]?.(value);
  if (hint) return hint;
  if (schema.enum) return typeof value === 'string' ? suggest(value, schema.enum) : '';
  return schema.type === 'string' && typeof value === 'number' ? '; put it in quotes' : '';
}

/** Formats a found value for a message, shortened; the members of a list or a mapping may be secrets and are not shown. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return shorten(JSON.stringify(value));
  if (Array.isArray(value)) return 'a list';
  const text = inspect(value, { depth: -1, customInspect: false });
  return /^(?:\{|\[?Object)/.test(text) ? 'a mapping' : shorten(text);
}

/** How deeply free-form data may be nested. */
const MAX_DEPTH = 100;

const SURROGATE = /\p{Surrogate}/u;

/** Throws a ValidationError for text with half of a surrogate pair, which neither a URL nor UTF-8 can contain. */
export function requireEncodable(path: DocumentPath, text: string): void {
  if (!SURROGATE.test(text)) return;
  throw new ValidationError(path, 'contains half of a surrogate pair, which UTF-8 cannot encode');
}

/** Throws a ValidationError, with the place, for a value that JSON would lose or change; undefined members are fine. */
export function requireJson(value: unknown, path: DocumentPath, rootLength = path.length): void {
  if (value === null || typeof value === 'boolean' || Number.isFinite(value)) return;
  if (typeof value === 'string') {
    requireEncodable(path, value);
    return;
  }
  if (typeof value === 'number') {
    throw new ValidationError(path, `found ${value}, expected a number that JSON holds exactly; put it in quotes`);
  }
  if (typeof value !== 'object' || !isPlain(value)) {
    throw new ValidationError(path, `found ${show(value)}, expected a JSON value`);
  }
  if (path.length - rootLength >= MAX_DEPTH) {
    throw new ValidationError(path.slice(0, rootLength), `is nested deeper than ${MAX_DEPTH}, or refers to itself`);
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) requireJson(item, [...path, index], rootLength);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    requireEncodable(path, key);
    if (item !== undefined) requireJson(item, [...path, key], rootLength);
  }
}

/** Whether JSON writes an object member by member: no class instance, such as a Map or a Date, and no `toJSON`. */
function isPlain(value: object): boolean {
  if ('toJSON' in value && typeof value.toJSON === 'function') return false;
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
}
