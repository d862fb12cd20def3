import { ValidationError } from '../util/validate.js';

/** How deeply free-form data may be nested, and how deeply a document. */
const MAX_VALUE_DEPTH = 100;
export const MAX_DOCUMENT_DEPTH = 500;

const SURROGATE = /\p{Surrogate}/u;

/** Throws a ValidationError for text with half of a surrogate pair, which neither a URL nor UTF-8 can contain. */
export function requireEncodable(path: (string | number)[], text: string): void {
  if (!SURROGATE.test(text)) return;
  throw new ValidationError(path, 'contains half of a surrogate pair, which UTF-8 cannot encode');
}

/** Throws a ValidationError, with the place, for a value that JSON would lose or change; undefined members are fine. */
export function requireJson(value: unknown, path: (string | number)[]): void {
  if (path.length > MAX_VALUE_DEPTH) {
    throw new ValidationError(path.slice(0, 1), `is nested deeper than ${MAX_VALUE_DEPTH}, or refers to itself`);
  }
  if (typeof value === 'string') requireEncodable(path, value);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number') {
    const isExact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
    if (isExact) return;
    throw new ValidationError(path, `found ${value}, expected a number that JSON holds exactly; put it in quotes`);
  }
  if (typeof value !== 'object' || !isPlain(value)) {
    throw new ValidationError(path, `found ${describeType(value as object)}, expected a JSON value`);
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) requireJson(item, [...path, index]);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    requireEncodable(path, key);
    if (item !== undefined) requireJson(item, [...path, key]);
  }
}

/** Whether JSON writes an object member by member: no class instance, such as a Map or a Date, and no own `toJSON`. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return !hasToJson(value) && (Array.isArray(value) || !prototype || Object.getPrototypeOf(prototype) === null);
}

const hasToJson = (value: object): boolean => 'toJSON' in value && typeof value.toJSON === 'function';

function describeType(value: object | undefined): string {
  if (value === undefined) return 'nothing';
  if (typeof value !== 'object') return `a ${typeof value}`;
  return hasToJson(value) ? 'an object with toJSON' : `an object of class ${value.constructor.name}`;
}

/** Parses JSON; returns undefined for other text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether JSON text repeats no key of an object, of which JSON.parse would drop one, and is not nested too deeply. */
export function isRegular(text: string): boolean {
  const scopes: Set<string>[] = [];
  let lastString = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') {
      const end = findQuote(text, at + 1) + 1;
      lastString = text.slice(at, end);
      at = end - 1;
    } else if (character === ':') {
      const keys = scopes.at(-1) as Set<string>;
      if (keys.size === keys.add(JSON.parse(lastString)).size) return false;
    } else if (character === '{' || character === '[') {
      if (scopes.push(new Set()) > MAX_DOCUMENT_DEPTH) return false;
    } else if (character === '}' || character === ']') scopes.pop();
  }
  return true;
}

/** Finds the quote that ends a string of valid JSON. */
function findQuote(text: string, start: number): number {
  let at = start;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
