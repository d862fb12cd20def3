import { type DocumentPath, shorten } from '../util/validate.js';
import { SyntaxProblem, tryJson, walkJson } from './json-walk.js';

/** More deeply nested text is checked without recursion. */
const MAX_CHECKED_DEPTH = 100;

/** A number or a key of free-form data that would not be served as it is written. */
export interface ChangedText {
  path: DocumentPath;
  offset: number;
  reason: string;
}

/** A parsed text of JSON or YAML. */
export interface ParsedText {
  content: unknown;
  changed: ChangedText[];
  /** Finds a value, by the key in front of it, and its text if it is a scalar; for a missing value, the nearest around it. */
  find(path: DocumentPath): { offset: number; source?: string | undefined };
}

/** The keys whose values are free-form data. */
export const FREE_FORM: readonly unknown[] = ['extra', 'details'];

/** Says that a text changes, such as `found 1.10, which YAML reads as 1.1; put it in quotes`. */
export function describeChange(text: string, language: string, value: unknown): string {
  return `found ${shorten(text)}, which ${language} reads as ${value}; put it in quotes`;
}

/** Parses JSON; as YAML, of which JSON is a part, numbers must keep their text. Throws a SyntaxProblem. */
export function parseJson(text: string, language: 'JSON' | 'YAML' = 'JSON'): ParsedText {
  const content = tryJson(text);
  const changed: ChangedText[] = [];
  const parsed = { content, changed, find: (path: DocumentPath) => findInJson(text, path) };
  if (language === 'JSON' && isFaithful(content, text)) return parsed;
  const isKept = language === 'JSON' ? keepsValue : keepsText;
  try {
    for (const { path, offset, source } of walkJson(text)) {
      if (source === undefined || !/^[-\d]/.test(source) || isKept(source)) continue;
      if (!path.some((key) => FREE_FORM.includes(key))) continue;
      changed.push({ path: [...path], offset, reason: describeChange(source, language, Number(source)) });
    }
  } catch (error) {
    const { message, offset } = error as SyntaxProblem;
    throw new SyntaxProblem(`is not ${language}: ${message}`, offset);
  }
  return parsed;
}

/**
 * A cheap check that most JSON passes: it repeats no key if it has as many colons as keys, and a number of up to 15
 * characters without an exponent keeps its value.
 */
function isFaithful(content: unknown, text: string): boolean {
  if (content === undefined) return false;
  let colons = 0;
  let numberLength = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] as string;
    if ((character >= '0' && character <= '9') || character === '.') {
      numberLength += 1;
      if (numberLength > 15) return false;
      continue;
    }
    if (numberLength > 0 && (character === 'e' || character === 'E')) return false;
    numberLength = 0;
    if (character === ':') colons += 1;
    else if (character === '"') at = findQuote(text, at + 1);
  }
  return countKeys(content, 0) === colons;
}

/** Finds the quote that ends a string of valid JSON. */
function findQuote(text: string, start: number): number {
  const next = text.indexOf('"', start);
  if (text[next - 1] !== '\\') return next;
  let at = start;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function countKeys(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > MAX_CHECKED_DEPTH) return Number.NaN;
  const items = Object.values(value);
  let keys = Array.isArray(value) ? 0 : items.length;
  for (const item of items) keys += countKeys(item, depth + 1);
  return keys;
}

/** Whether JSON would write a number as it is written. */
const keepsText = (source: string): boolean => String(Number(source)) === source;

/** Whether a number of JSON has the value that JavaScript gives it: `1.0` and `0.1` do, 2^53+1 and `1e400` do not. */
function keepsValue(source: string): boolean {
  const value = Number(source);
  return Number.isFinite(value) && toDecimal(source) === toDecimal(String(value));
}

/** Converts a decimal number to a unique text. */
function toDecimal(source: string): string {
  const [mantissa = '', exponent = '0'] = source.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return '0';
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  const sign = source.startsWith('-') ? '-' : '';
  return `${sign}${digits.slice(0, end)}e${Number(exponent) - fraction.length + digits.length - end}`;
}

function findInJson(text: string, wanted: DocumentPath): { offset: number; source?: string | undefined } {
  let found: { offset: number; source?: string | undefined } = { offset: 0 };
  let depth = 0;
  for (const { path, offset, source } of walkJson(text)) {
    if (path.length === 0) found = { offset: 0, source };
    else if (path.length <= depth) break;
    else if (path.length === depth + 1 && String(path[depth]) === String(wanted[depth])) {
      found = { offset, source };
      depth += 1;
    }
    if (depth === wanted.length) break;
  }
  return found;
}
