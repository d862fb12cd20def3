import { shorten } from '../util/text.js';
import type { DocumentPath } from '../util/validate.js';

/** A text has a syntax error at an offset. The message shows nothing of the text, which may contain an API key. */
export class SyntaxProblem extends Error {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

/** How deeply a text may be nested: the parsers and what reads their values are recursive. */
export const MAX_DEPTH = 500;

/** A value in a text of JSON or YAML. */
export interface Part {
  /** Where the key in front of it starts or, in a list, the value. */
  offset: number;
  /** The text of a scalar. */
  source: string | undefined;
  /** Why free-form data would not be served as it is written. */
  change: string | undefined;
}

/** Calls `visit` for each value of a text, the outer ones first. */
export type Walk = (visit: (part: Part, getPath: () => DocumentPath) => void) => void;

/** A parsed text of JSON or YAML. */
export interface ParsedText {
  content: unknown;
  /** The numbers and keys of free-form data that would not be served as they are written. */
  changed: { path: DocumentPath; offset: number; reason: string }[];
  walk: Walk;
}

/** The keys whose values are free-form data. */
const FREE_FORM: readonly unknown[] = ['extra', 'details'];

/** Lists the changed parts of free-form data. */
export function listChanged(walk: Walk): ParsedText['changed'] {
  const changed: ParsedText['changed'] = [];
  walk(({ offset, change: reason }, getPath) => {
    if (reason === undefined) return;
    const path = getPath();
    if (path.some((key) => FREE_FORM.includes(key))) changed.push({ path, offset, reason });
  });
  return changed;
}

/** A value that was found in a text. */
type Found = Pick<Part, 'offset' | 'source'>;

/** Finds values in one walk; instead of a missing one, the nearest around it. The whole text starts at offset 0. */
export function findParts(walk: Walk, paths: readonly DocumentPath[]): Found[] {
  const keyOf = (path: DocumentPath) => JSON.stringify(path.map(String));
  const around = (path: DocumentPath) => [...path.map((_, index) => keyOf(path.slice(0, index))), keyOf(path)];
  const wanted = new Set(paths.flatMap(around));
  const found = new Map<string, Found>();
  walk(({ offset, source }, getPath) => {
    const path = getPath();
    const key = keyOf(path);
    if (wanted.has(key)) found.set(key, { offset: path.length === 0 ? 0 : offset, source });
  });
  return paths.map((path) => found.get(around(path).findLast((key) => found.has(key)) as string) as Found);
}

/** Says that a text changes, such as `found 1.10, which YAML reads as 1.1; put it in quotes`. */
export function describeChange(text: string, language: string, value: unknown): string {
  return `found ${shorten(text)}, which ${language} reads as ${value}; put it in quotes`;
}

/** Parses JSON; returns undefined for other text. */
export function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Parses JSON; as YAML, of which JSON is a part, numbers must keep their text. Throws a SyntaxProblem.
 *
 * @param hint what to do with text that is not JSON, such as `; rename it`
 */
export function parseJson(text: string, hint = '', language: 'JSON' | 'YAML' = 'JSON'): ParsedText {
  const content = tryJson(text);
  const walk: Walk = (visit) => walkJson(text, hint, language, visit);
  return { content, changed: isCanonical(text, content) ? [] : listChanged(walk), walk };
}

/** Whether JSON would write a value as the text, except for spaces: the text then repeats no key and changes no number. */
function isCanonical(text: string, content: unknown): boolean {
  // What is nested deeper is refused on the walk. In Node 20 and 24, it may exhaust the stack of JSON.stringify.
  if (content === undefined || isDeeper(content, MAX_DEPTH)) return false;
  const written = JSON.stringify(content);
  return written === text || withoutSpace(written) === withoutSpace(text);
}

const isDeeper = (value: unknown, depth: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (depth === 0 || Object.values(value).some((member) => isDeeper(member, depth - 1)));

const withoutSpace = (text: string): string => text.replace(/\s+/g, '');

function walkJson(text: string, hint: string, language: 'JSON' | 'YAML', visit: Parameters<Walk>[0]): void {
  // The library is loaded for JSON that JSON.stringify would write in another way; most starts do not need it.
  const jsonc = require('jsonc-parser') as typeof import('jsonc-parser');
  const refuse = (message: string, offset: number) => new SyntaxProblem(`is not ${language}: ${message}`, offset);
  const scopes: Set<string>[] = [];
  let keyOffset: number | undefined;
  const add = (offset: number, getPath: () => DocumentPath, source?: string) => {
    const isKept = source === undefined || !/^[-\d]/.test(source) || KEEPS[language](source);
    const change = isKept ? undefined : describeChange(source, language, Number(source));
    visit({ offset: keyOffset ?? offset, source, change }, getPath);
    keyOffset = undefined;
  };
  const begin = (offset: number, _length: number, _line: number, _column: number, getPath: () => DocumentPath) => {
    if (getPath().length > MAX_DEPTH) throw new SyntaxProblem('is nested too deeply', offset);
    add(offset, getPath);
  };
  jsonc.visit(
    text,
    {
      onArrayBegin: begin,
      onObjectBegin(...place) {
        scopes.push(new Set());
        begin(...place);
      },
      onObjectProperty(key, offset) {
        const keys = scopes.at(-1) as Set<string>;
        if (keys.size === keys.add(key).size) throw refuse('Map keys must be unique', offset);
        keyOffset = offset;
      },
      onObjectEnd: () => void scopes.pop(),
      onLiteralValue(_value, offset, length, _line, _column, getPath) {
        add(offset, getPath, text.slice(offset, offset + length));
      },
      onError(code, offset) {
        const words = jsonc.printParseErrorCode(code).replace(/(?!^)[A-Z]/g, ' $&');
        throw refuse(words.toLowerCase() + hint, offset);
      },
    },
    { disallowComments: true },
  );
}

/** Whether free-form data may have a number: YAML must keep its text, JSON its value. */
const KEEPS = { YAML: (source: string) => String(Number(source)) === source, JSON: keepsValue };

/** A number with more characters is not compared. */
const MAX_NUMBER = 1_000;

/** Whether a number of JSON has the value that JavaScript gives it: `1.0` and `0.1` do, 2^53+1 and `1e400` do not. */
function keepsValue(source: string): boolean {
  const value = Number(source);
  if (String(value) === source) return true;
  return source.length <= MAX_NUMBER && Number.isFinite(value) && toDigits(source) === toDigits(String(value));
}

/** Returns the significant digits of a number. */
const toDigits = (number: string): string => number.replace(/e.*|[-.]/gi, '').replace(/^0+|0+$/g, '');
