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
  /** The text of a number that JavaScript writes in another way. */
  source?: string | undefined;
  /** Why free-form data would not be served as it is written. */
  change?: string | undefined;
  /** What a mapping or a list has. */
  members?: Map<string, Value> | Value[];
}

/** A parsed text of JSON or YAML. */
export interface ParsedText {
  content: unknown;
  /** The numbers and keys of free-form data that would not be served as they are written. */
  changed: Mistake[];
  /** Returns the whole text as a value; it may take another pass through the text. */
  getRoot(): Value;
}

/** The keys whose values are free-form data. */
const FREE_FORM: readonly unknown[] = ['extra', 'details'];

/** Lists the changed parts of free-form data. */
export function listChanged(root: Value): Mistake[] {
  const changed: Mistake[] = [];
  const add = ({ offset, change, members = [] }: Value, path: DocumentPath) => {
    if (change !== undefined && path.some((key) => FREE_FORM.includes(key))) {
      changed.push({ message: messageAt(path, change), offset });
    }
    for (const [key, member] of members.entries()) add(member, [...path, key]);
  };
  add(root, []);
  return changed;
}

/** Finds a value; instead of a missing one, the nearest around it. */
export function findValue(root: Value, path: DocumentPath): Value {
  return path.reduce((found: Value, key) => {
    const { members } = found;
    return (Array.isArray(members) ? members[Number(key)] : members?.get(String(key))) ?? found;
  }, root);
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
  let root: Value | undefined;
  const getRoot = () => {
    root ??= readJson(text, hint, language);
    return root;
  };
  return { content, changed: isCanonical(text, content) ? [] : listChanged(getRoot()), getRoot };
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

function readJson(text: string, hint: string, language: 'JSON' | 'YAML'): Value {
  // The library is loaded for JSON that JSON.stringify would write in another way; most starts do not need it.
  const jsonc = require('jsonc-parser') as typeof import('jsonc-parser');
  const refuse = (message: string, offset: number) => new SyntaxProblem(`is not ${language}: ${message}`, offset);
  const roots: Value[] = [];
  /** The members of the mappings and lists that are open. */
  const open: (Map<string, Value> | Value[])[] = [roots];
  let key = { name: '', offset: 0 };
  // In a text of millions of values, each property counts.
  const add = (value: Value) => {
    const members = open.at(-1) as (typeof open)[0];
    if (members instanceof Map) {
      value.offset = key.offset;
      members.set(key.name, value);
    } else members.push(value);
  };
  const begin = (offset: number, members: (typeof open)[0]) => {
    if (open.length > MAX_DEPTH + 1) throw new SyntaxProblem('is nested too deeply', offset);
    add({ offset, members });
    open.push(members);
  };
  const end = () => void open.pop();
  jsonc.visit(
    text,
    {
      onArrayBegin: (offset) => begin(offset, []),
      onObjectBegin: (offset) => begin(offset, new Map()),
      onObjectProperty(name, offset) {
        if ((open.at(-1) as Map<string, Value>).has(name)) throw refuse('Map keys must be unique', offset);
        key = { name, offset };
      },
      onArrayEnd: end,
      onObjectEnd: end,
      onLiteralValue(value, offset, length) {
        const source = text.slice(offset, offset + length);
        if (typeof value !== 'number' || String(value) === source) add({ offset });
        else add({ offset, source, change: describeChange(source, language, value) });
      },
      onError(code, offset) {
        const words = jsonc.printParseErrorCode(code).replace(/(?!^)[A-Z]/g, ' $&');
        throw refuse(words.toLowerCase() + hint, offset);
      },
    },
    { disallowComments: true },
  );
  return { ...(roots[0] as Value), offset: 0 };
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
