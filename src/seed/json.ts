import { shorten } from '../util/text.js';
import type { DocumentPath } from '../util/validate.js';
import { SyntaxProblem, tryJson, walkJson } from './json-walk.js';

/** A value in a text of JSON or YAML. */
export interface Part {
  /** Valid until the next part. */
  path: DocumentPath;
  /** Where the key in front of it starts or, in a list, the value. */
  offset: number;
  /** The text of a scalar. */
  source: string | undefined;
  /** Why free-form data would not be served as it is written. */
  change: string | undefined;
}

/** Calls `visit` for each value of a text, the outer ones first. */
export type Walk = (visit: (part: Part) => void) => void;

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
  walk(({ path, offset, change: reason }) => {
    if (reason === undefined || !path.some((key) => FREE_FORM.includes(key))) return;
    changed.push({ path: [...path], offset, reason });
  });
  return changed;
}

/** Finds a value or, for a missing one, the nearest around it. */
export function findPart(walk: Walk, wanted: DocumentPath): Pick<Part, 'offset' | 'source'> {
  let found: Pick<Part, 'offset' | 'source'> = { offset: 0, source: undefined };
  walk(({ path, offset, source }) => {
    const isAround = path.length <= wanted.length && path.every((key, index) => String(key) === String(wanted[index]));
    if (isAround) found = { offset: path.length === 0 ? 0 : offset, source };
  });
  return found;
}

/** Says that a text changes, such as `found 1.10, which YAML reads as 1.1; put it in quotes`. */
export function describeChange(text: string, language: string, value: unknown): string {
  return `found ${shorten(text)}, which ${language} reads as ${value}; put it in quotes`;
}

/** Parses JSON; as YAML, of which JSON is a part, numbers must keep their text. Throws a SyntaxProblem. */
export function parseJson(text: string, language: 'JSON' | 'YAML' = 'JSON'): ParsedText {
  const content = tryJson(text);
  const isKept = language === 'JSON' ? keepsValue : keepsText;
  const walk: Walk = (visit) =>
    walkJson(text, (path, offset, source = '') => {
      const isChanged = /^[-\d]/.test(source) && !isKept(source);
      visit({ path, offset, source, change: isChanged ? describeChange(source, language, Number(source)) : undefined });
    });
  if (content !== undefined && isCanonical(text, content)) return { content, changed: [], walk };
  try {
    return { content, changed: listChanged(walk), walk };
  } catch (error) {
    const { message, offset } = error as SyntaxProblem;
    throw new SyntaxProblem(`is not ${language}: ${message}`, offset);
  }
}

/** Whether JSON would write a value as the text, except for spaces: the text then repeats no key and changes no number. */
function isCanonical(text: string, content: unknown): boolean {
  try {
    const written = JSON.stringify(content);
    return written === text || withoutSpace(written) === withoutSpace(text);
  } catch {
    // It is nested too deeply for JSON.stringify, which is recursive.
    return false;
  }
}

const withoutSpace = (text: string): string => text.replace(/\s+/g, '');

/** Whether JSON would write a number as it is written. */
const keepsText = (source: string): boolean => String(Number(source)) === source;

/** A number with more characters is not compared. */
const MAX_NUMBER = 1_000;

/** Whether a number of JSON has the value that JavaScript gives it: `1.0` and `0.1` do, 2^53+1 and `1e400` do not. */
function keepsValue(source: string): boolean {
  const value = Number(source);
  return source.length <= MAX_NUMBER && Number.isFinite(value) && toDigits(source) === toDigits(String(value));
}

/** Returns the significant digits of a number. */
const toDigits = (number: string): string => number.replace(/e.*|[-.]/gi, '').replace(/^0+|0+$/g, '');
