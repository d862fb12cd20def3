import { shorten } from '../util/text.js';
import { type DocumentPath, messageAt } from '../util/validate.js';

/** What is wrong with a text, and where. */
export interface Mistake {
  message: string;
  offset: number;
}

/** A text has a syntax error. The message shows nothing of the text, which may contain an API key. */
export class SyntaxProblem extends Error implements Mistake {
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
export interface Value {
  /** Where the key in front of it starts or, in a list, the value. The whole text starts at offset 0. */
  offset: number;
  /** The text of a number; in JSON only if JavaScript writes it in another way. */
  source?: string | undefined;
  /** Why free-form data would not be served as it is written. */
  change?: string | undefined;
}

/** A parsed text of JSON or YAML. */
export interface ParsedText {
  content: unknown;
  /** The numbers and keys of free-form data that would not be served as they are written. */
  changed: Mistake[];
  /** Finds values; instead of a missing one, the nearest around it. It may take another pass through the text. */
  find(paths: readonly DocumentPath[]): Value[];
}

/** The keys whose values are free-form data. */
const FREE_FORM: readonly unknown[] = ['extra', 'details'];

/** Adds a value that would be changed, if it is in free-form data. */
export function addChanged(changed: Mistake[], { offset, change }: Value, getPath: () => DocumentPath): void {
  if (change === undefined) return;
  const path = getPath();
  if (path.some((key) => FREE_FORM.includes(key))) changed.push({ message: messageAt(path, change), offset });
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
  const changed: Mistake[] = [];
  const add: Visit = (value, getPath) => addChanged(changed, value, getPath);
  if (!isCanonical(text, content)) walkJson(text, hint, language, add);
  const find: ParsedText['find'] = (paths) => {
    const found = paths.map((): Value => ({ offset: 0 }));
    walkJson(text, hint, language, (value, getPath) => {
      const at = getPath();
      for (const [index, path] of paths.entries()) {
        if (!at.every((key, depth) => String(key) === String(path[depth]))) continue;
        found[index] = at.length === 0 ? { ...value, offset: 0 } : value;
      }
    });
    return found;
  };
  return { content, changed, find };
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

type Visit = (value: Value, getPath: () => DocumentPath) => void;

/** Visits each value of a JSON text, the outer ones first. It keeps nothing: a text may have millions of values. */
function walkJson(text: string, hint: string, language: 'JSON' | 'YAML', visit: Visit): void {
  // The library is loaded for JSON that JSON.stringify would write in another way; most starts do not need it.
  const jsonc = require('jsonc-parser') as typeof import('jsonc-parser');
  const refuse = (message: string, offset: number) => new SyntaxProblem(`is not ${language}: ${message}`, offset);
  /** The keys of the mappings that are open. */
  const scopes: Set<string>[] = [];
  let keyOffset: number | undefined;
  const add = (value: Value, getPath: () => DocumentPath) => {
    visit({ ...value, offset: keyOffset ?? value.offset }, getPath);
    keyOffset = undefined;
  };
  const begin = (offset: number, _length: number, _line: number, _column: number, getPath: () => DocumentPath) => {
    if (getPath().length > MAX_DEPTH) throw new SyntaxProblem('is nested too deeply', offset);
    add({ offset }, getPath);
  };
  jsonc.visit(
    text,
    {
      onArrayBegin: begin,
      onObjectBegin(...place) {
        scopes.push(new Set());
        begin(...place);
      },
      onObjectProperty(name, offset) {
        const keys = scopes.at(-1) as Set<string>;
        if (keys.size === keys.add(name).size) throw refuse('Map keys must be unique', offset);
        keyOffset = offset;
      },
      onObjectEnd: () => void scopes.pop(),
      onLiteralValue(value, offset, length, _line, _column, getPath) {
        const source = text.slice(offset, offset + length);
        if (typeof value !== 'number' || String(value) === source) add({ offset }, getPath);
        else add({ offset, source, change: describeChange(source, language, value) }, getPath);
      },
      onError(code, offset) {
        const words = jsonc.printParseErrorCode(code).replace(/(?!^)[A-Z]/g, ' $&');
        throw refuse(words.toLowerCase() + hint, offset);
      },
    },
    { disallowComments: true },
  );
}

/**
 * Says how free-form data would change, such as `found 1.10, which YAML reads as 1.1; put it in quotes`. YAML must keep
 * the text of a number or a key, JSON the value of a number: `1.0` is kept, 2^53+1 and `1e400` are not.
 */
export function describeChange(source: string, language: 'JSON' | 'YAML', value: unknown): string | undefined {
  const written = String(value);
  if (written === source || (language === 'JSON' && isSameNumber(source, written))) return undefined;
  return `found ${shorten(source)}, which ${language} reads as ${written}; put it in quotes`;
}

/** A number with more characters is not compared. */
const MAX_NUMBER = 1_000;

const isSameNumber = (source: string, written: string): boolean =>
  source.length <= MAX_NUMBER && /\d$/.test(written) && toDigits(source) === toDigits(written);

/** Returns the significant digits of a number. */
const toDigits = (number: string): string => number.replace(/e.*|[-.]/gi, '').replace(/^0+|0+$/g, '');
