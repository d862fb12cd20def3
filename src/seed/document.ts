import { extname } from 'node:path';
import { UserError } from '../util/errors.js';
import { type DocumentPath, listProblems } from '../util/validate.js';
import { DocumentSchema, type FixtureDocument } from './format.js';
import { isRegular, parseJson } from './json.js';

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

/**
 * A fixture as text, such as the body of a request, under a name for messages. It is YAML, of which JSON is a part;
 * under a name that ends in `.json` it must be JSON. Or it is NDJSON.
 */
export class FixtureText {
  constructor(
    readonly name: string,
    readonly text: string,
    readonly isNdjson = false,
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
  // The YAML parser is loaded for YAML, and to locate a problem in JSON; most starts need neither.
  const parse = () => (require('./yaml.js') as typeof import('./yaml.js')).parseYaml(text, extname(file) === '.json');
  const content = parseJson(text);
  if (content !== undefined && isRegular(text)) {
    let parsed: ReturnType<typeof parse> | undefined;
    const placeOf = (path: DocumentPath) => {
      parsed ??= parse();
      return { file, ...parsed.placeOf?.(path) };
    };
    return checkDocument(content, placeOf, problems, max);
  }
  const { problem, placeOf, content: parsed } = parse();
  if (problem === undefined) return checkDocument(parsed, (path) => ({ file, ...placeOf(path) }), problems, max);
  const { message, ...place } = problem;
  problems.push({ place: { file, ...place }, message });
  return undefined;
}

function checkDocument(
  content: unknown,
  placeOf: ReadDocument['placeOf'],
  problems: Problem[],
  max: number,
): ReadDocument | undefined {
  const found = listProblems(DocumentSchema, content, max);
  problems.push(...found.map(({ path, message }) => ({ place: placeOf(path), message })));
  return found.length > 0 ? undefined : { content: content as FixtureDocument, placeOf };
}
