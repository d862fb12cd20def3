import { UserError } from '../util/errors.js';
import { type DocumentPath, listProblems, messageAt } from '../util/validate.js';
import { DocumentSchema, type FixtureDocument } from './format.js';
import { findPart, type ParsedText, parseJson } from './json.js';
import { SyntaxProblem, tryJson } from './json-walk.js';

/** A place in a fixture; line and column count from 1. A document of a program has a name only. */
export interface Place {
  file: string;
  line?: number | undefined;
  column?: number | undefined;
}

/** What is wrong with a fixture. */
export interface Problem {
  place: Place;
  message: string;
}

/** The maximum number of problems in one error. */
export const MAX_PROBLEMS = 20;

/** Formats a place as `file:line:column`, which terminals and editors turn into a link. */
export function formatPlace({ file, line, column }: Place): string {
  return [file, line, column].filter((part) => part !== undefined).join(':');
}

/** Fixtures cannot be loaded; the message has a line per problem. */
export class FixtureError extends UserError {
  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(({ place, message }) => `${formatPlace(place)}: ${message}`));
  }
}

/** A valid fixture document, and where its values are. */
export interface ReadDocument {
  content: FixtureDocument;
  placeOf(path: DocumentPath): Place;
}

/** What a text is, other than YAML, of which JSON is a part. */
interface TextOptions {
  /** The text must be JSON; says what to do with other text. */
  jsonHint?: string | undefined;
  isNdjson?: boolean;
  /** Whether invalid values have places; each takes a walk through the text. Errors of syntax always have places. */
  isLocated?: boolean;
}

/** A fixture as text, such as the body of a request, under a name for messages; one that ends in `.json` must be JSON. */
export class FixtureText {
  constructor(
    readonly name: string,
    readonly text: string,
    readonly options: TextOptions = {},
  ) {}
}

/** A fixture as an unchecked value, under a name for messages. */
export class FixtureContent {
  constructor(
    readonly name: string,
    readonly content: unknown,
  ) {}
}

/** Reads a fixture; returns undefined for an invalid one and adds to `problems`, at most `max`. */
export function readDocument(
  source: FixtureText | FixtureContent,
  problems: Problem[],
  max: number,
): ReadDocument | undefined {
  const { name: file } = source;
  if (source instanceof FixtureContent) return checkDocument(source.content, () => ({ file }), problems, max);
  const text = source.text.replace(/^\uFEFF/, '');
  const { jsonHint = renameHint(file), isLocated = true } = source.options;
  let parsed: ParsedText;
  try {
    parsed = parseText(text, jsonHint);
  } catch (error) {
    const { message, offset } = error as SyntaxProblem;
    problems.push({ place: { file, ...locate(text, offset) }, message });
    return undefined;
  }
  const { content, changed, walk } = parsed;
  const find = (path: DocumentPath) => findPart(walk, path);
  for (const { path, offset, reason } of changed.slice(0, max)) {
    problems.push({ place: { file, ...locate(text, offset) }, message: messageAt(path, reason) });
  }
  const placeOf = (path: DocumentPath) => ({
    file,
    ...(isLocated && locate(text, find(path).offset)),
  });
  const document = checkDocument(content, placeOf, problems, max - changed.length, (path) => find(path).source);
  return changed.length > 0 ? undefined : document;
}

const renameHint = (name: string) => (/\.json$/i.test(name) ? 'rename it to .yaml if it is YAML' : undefined);

/** Throws a SyntaxProblem. */
function parseText(text: string, jsonHint: string | undefined): ParsedText {
  if (jsonHint === undefined) {
    // The YAML library is loaded for text that is not JSON; most starts do not need it.
    if (tryJson(text) !== undefined) return parseJson(text, 'YAML');
    return (require('./yaml.js') as typeof import('./yaml.js')).parseYaml(text);
  }
  try {
    return parseJson(text);
  } catch (error) {
    const { message, offset } = error as SyntaxProblem;
    throw /unexpected/.test(message) ? new SyntaxProblem(`${message}; ${jsonHint}`, offset) : error;
  }
}

function locate(text: string, offset: number): { line: number; column: number } {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length, column: (lines.at(-1) as string).length + 1 };
}

function checkDocument(
  content: unknown,
  placeOf: ReadDocument['placeOf'],
  problems: Problem[],
  max: number,
  sourceOf?: (path: DocumentPath) => string | undefined,
): ReadDocument | undefined {
  const document = withoutExtensions(content);
  const found = listProblems(DocumentSchema, document, max, sourceOf);
  problems.push(...found.map(({ path, message }) => ({ place: placeOf(path), message })));
  return found.length > 0 ? undefined : { content: document as FixtureDocument, placeOf };
}

/** Removes the keys of the top level that start with `x-`; they are a place for anchors. */
function withoutExtensions(content: unknown): unknown {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return content;
  return Object.fromEntries(Object.entries(content).filter(([key]) => !key.startsWith('x-')));
}
