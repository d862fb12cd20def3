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
  /** The text of a scalar. */
  source?: string | undefined;
  /** Why free-form data would not be served as it is written. */
  change?: string | undefined;
  /** What a mapping or a list has. */
  members?: Map<string | number, Value>;
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
  const add = ({ offset, change, members = new Map() }: Value, path: DocumentPath) => {
    if (change !== undefined && path.some((key) => FREE_FORM.includes(key))) {
      changed.push({ message: messageAt(path, change), offset });
    }
    for (const [key, member] of members) add(member, [...path, key]);
  };
  add(root, []);
  return changed;
}

/** Finds a value; instead of a missing one, the nearest around it. */
export function findValue(root: Value, path: DocumentPath): Value {
  let found = root;
  for (const key of path) found = found.members?.get(key) ?? found.members?.get(String(key)) ?? found;
  return found;
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
  const root = new Map<string | number, Value>();
  /** The members of the mappings and lists that are open. */
  const open = [root];
  let key: { name: string; offset: number } | undefined = { name: '', offset: 0 };
  const add = (offset: number, value: Omit<Value, 'offset'>) => {
    const members = open.at(-1) as typeof root;
    members.set(key?.name ?? members.size, { offset: key?.offset ?? offset, ...value });
    key = undefined;
  };
  const begin = (offset: number) => {
    if (open.length > MAX_DEPTH + 1) throw new SyntaxProblem('is nested too deeply', offset);
    const members: typeof root = new Map();
    add(offset, { members });
    open.push(members);
  };
  const end = () => void open.pop();
  jsonc.visit(
    text,
    {
      onArrayBegin: begin,
      onObjectBegin: begin,
      onObjectProperty(name, offset) {
        if (open.at(-1)?.has(name)) throw refuse('Map keys must be unique', offset);
        key = { name, offset };
      },
      onArrayEnd: end,
      onObjectEnd: end,
      onLiteralValue(value, offset, length) {
        const source = text.slice(offset, offset + length);
        const isChanged = typeof value === 'number' && !isKept(source, language);
        add(offset, { source, change: isChanged ? describeChange(source, language, value) : undefined });
      },
      onError(code, offset) {
        const words = jsonc.printParseErrorCode(code).replace(/(?!^)[A-Z]/g, ' $&');
        throw refuse(words.toLowerCase() + hint, offset);
      },
    },
    { disallowComments: true },
  );
  return root.get('') as Value;
}

/** A number with more characters is not compared. */
const MAX_NUMBER = 1_000;

/** Whether JavaScript keeps the text of a number of YAML, or the value of one of JSON: `1.0` is kept, 2^53+1 and `1e400` are not. */
function isKept(source: string, language: 'JSON' | 'YAML'): boolean {
  const written = String(Number(source));
  if (language === 'YAML') return written === source;
  return source.length <= MAX_NUMBER && /\d$/.test(written) && toDigits(source) === toDigits(written);
}

/** Returns the significant digits of a number. */
const toDigits = (number: string): string => number.replace(/e.*|[-.]/gi, '').replace(/^0+|0+$/g, '');
