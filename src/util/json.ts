import { type DocumentPath, show, ValidationError } from './validate.js';

/** How deeply free-form data may be nested. */
const MAX_DEPTH = 100;

const SURROGATE = /\p{Surrogate}/u;

/** Throws a ValidationError for text with half of a surrogate pair, which neither a URL nor UTF-8 can contain. */
export function requireEncodable(path: DocumentPath, text: string): void {
  if (!SURROGATE.test(text)) return;
  throw new ValidationError(path, 'contains half of a surrogate pair, which UTF-8 cannot encode');
}

/** Throws a ValidationError, with the place, for a value that JSON would lose or change; undefined members are fine. */
export function requireJson(value: unknown, path: DocumentPath): void {
  checkJson(value, path, path.length);
}

function checkJson(value: unknown, path: DocumentPath, rootLength: number): void {
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
    for (const [index, item] of value.entries()) checkJson(item, [...path, index], rootLength);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    requireEncodable(path, key);
    if (item !== undefined) checkJson(item, [...path, key], rootLength);
  }
}

/** Whether JSON writes an object member by member: no class instance, such as a Map or a Date, and no `toJSON`. */
function isPlain(value: object): boolean {
  if ('toJSON' in value && typeof value.toJSON === 'function') return false;
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
}
