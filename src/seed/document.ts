import { UserError } from '../util/errors.js';
import { type DocumentPath, listProblems } from '../util/validate.js';
import { DocumentSchema, type FixtureDocument } from './format.js';
import { findValue, type ParsedText, parseJson, type SyntaxProblem, tryJson } from './text.js';

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

/** A fixture as text under a name for messages, such as the body of a request. JSON is a part of YAML. */
export class FixtureText {
  constructor(
    readonly name: string,
    readonly text: string,
    readonly options: {
      /** Requires JSON; the hint for other text. */
      jsonHint?: string | undefined;
      isNdjson?: boolean;
      /** Whether invalid values have places, and numbers their text, which takes time. Errors of syntax have places. */
      isLocated?: boolean;
    } = {},
  ) {}
}

/** Finds the place of a value, and the text of a number. */
export type Find = (path: DocumentPath) => { place: Place; source?: string | undefined };

/** A valid fixture document, and where its values are. */
export interface ReadDocument {
  content: FixtureDocument;
  find: Find;
}

/** Reads a text that is not NDJSON; returns undefined for an invalid one and adds to `problems`, at most `max`. */
export function readDocument(source: FixtureText, problems: Problem[], max: number): ReadDocument | undefined {
  const { name: file, options } = source;
  const text = source.text.replace(/^\uFEFF/, '');
  const { jsonHint, isLocated = true } = options;
  const placeAt = (offset: number): Place => {
    const lines = text.slice(0, offset).split('\n');
    return { file, line: lines.length, column: (lines.at(-1) as string).length + 1 };
  };
  let parsed: ParsedText;
  try {
    parsed = parseText(text, jsonHint);
  } catch (error) {
    const { message, offset } = error as SyntaxProblem;
    problems.push({ place: placeAt(offset), message });
    return undefined;
  }
  const { content, changed, getRoot } = parsed;
  problems.push(...changed.slice(0, max).map(({ message, offset }) => ({ place: placeAt(offset), message })));
  const find: Find = (path) => {
    if (!isLocated) return { place: { file } };
    const { offset, source } = findValue(getRoot(), path);
    return { place: placeAt(offset), source };
  };
  const document = checkDocument(content, find, problems, max - changed.length);
  return changed.length > 0 ? undefined : document;
}

/** Throws a SyntaxProblem. */
function parseText(text: string, jsonHint: string | undefined): ParsedText {
  if (jsonHint !== undefined) return parseJson(text, `; ${jsonHint}`);
  // The YAML library is loaded for text that is not JSON; most starts do not need it.
  if (tryJson(text) !== undefined) return parseJson(text, '', 'YAML');
  return (require('./yaml.js') as typeof import('./yaml.js')).parseYaml(text);
}

/**
 * Checks a document; returns undefined for an invalid one and adds to `problems`, at most `max`. Keys of the top level
 * that start with `x-` are removed; they are a place for anchors.
 */
export function checkDocument(
  content: unknown,
  find: Find,
  problems: Problem[],
  max: number,
): ReadDocument | undefined {
  const isMapping = typeof content === 'object' && content !== null && !Array.isArray(content);
  const document = isMapping
    ? Object.fromEntries(Object.entries(content).filter(([key]) => !key.startsWith('x-')))
    : content;
  const places: Place[] = [];
  const found = listProblems(DocumentSchema, document, max, (path) => {
    const { place, source } = find(path);
    places.push(place);
    return source;
  });
  problems.push(...found.map(({ message }, index) => ({ place: places[index] as Place, message })));
  return found.length > 0 ? undefined : { content: document as FixtureDocument, find };
}
