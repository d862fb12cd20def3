import { UserError } from '../util/errors.js';
import { type DocumentPath, listProblems, messageAt } from '../util/validate.js';
import { DocumentSchema, type FixtureDocument } from './format.js';
import { findParts, type ParsedText, parseJson, type SyntaxProblem, tryJson } from './text.js';

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

/** Properties of a fixture's text, which is YAML by default; JSON is a part of YAML. */
interface TextOptions {
  /** Requires JSON; the hint for other text. */
  jsonHint?: string | undefined;
  isNdjson?: boolean;
  /** Whether mistakes have places, and numbers their text; each takes a walk. Errors of syntax always have places. */
  isLocated?: boolean;
}

/** A fixture as text under a name for messages, such as the body of a request. */
export class FixtureText {
  constructor(
    readonly name: string,
    readonly text: string,
    readonly options: TextOptions = {},
  ) {}
}

/** Finds the places of values, and the texts of numbers. */
export type Locate = (paths: readonly DocumentPath[]) => { place: Place; source?: string | undefined }[];

/** A valid fixture document, and where its values are. */
export interface ReadDocument {
  content: FixtureDocument;
  placeOf(path: DocumentPath): Place;
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
  const { content, changed, walk } = parsed;
  for (const { path, offset, reason } of changed.slice(0, max)) {
    problems.push({ place: placeAt(offset), message: messageAt(path, reason) });
  }
  const locate: Locate = (paths) =>
    isLocated
      ? findParts(walk, paths).map(({ offset, source }) => ({ place: placeAt(offset), source }))
      : paths.map(() => ({ place: { file } }));
  const document = checkDocument(content, locate, problems, max - changed.length);
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
  locate: Locate,
  problems: Problem[],
  max: number,
): ReadDocument | undefined {
  const isMapping = typeof content === 'object' && content !== null && !Array.isArray(content);
  const document = isMapping
    ? Object.fromEntries(Object.entries(content).filter(([key]) => !key.startsWith('x-')))
    : content;
  let located: ReturnType<Locate> = [];
  const found = listProblems(DocumentSchema, document, max, (paths) => {
    located = locate(paths);
    return located;
  });
  problems.push(...found.map(({ message }, index) => ({ place: located[index]?.place as Place, message })));
  if (found.length > 0) return undefined;
  return { content: document as FixtureDocument, placeOf: (path) => locate([path])[0]?.place as Place };
}
