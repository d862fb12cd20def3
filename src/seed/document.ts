import type { Static, TSchema } from '@sinclair/typebox';
import { UserError } from '../util/errors.js';
import { type DocumentPath, listProblems } from '../util/validate.js';
import { DocumentSchema, type FixtureDocument } from './format.js';
import { type Mistake, type ParsedText, parseJson, SyntaxProblem, tryJson } from './text.js';

/** A place in a fixture; line and column count from 1. A document of a program has a name only. */
export interface Place {
  file: string;
  line?: number;
  column?: number;
}

/** What is wrong with a fixture. */
export interface Problem {
  place: Place;
  message: string;
}

/** The maximum number of problems in one error. */
export const MAX_PROBLEMS = 20;

/** Fixtures cannot be loaded. The message has a line per problem, whose place terminals and editors turn into a link. */
export class FixtureError extends UserError {
  constructor(readonly problems: readonly Problem[]) {
    super(
      problems.map(({ place: { file, line, column }, message }) => {
        const place = [file, line, column].filter((part) => part !== undefined);
        return `${place.join(':')}: ${message}`;
      }),
    );
  }
}

/** Adds a problem. Throws a FixtureError when one error has no room for more. */
export type Report = (problem: Problem) => void;

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

/** Finds the places of values, and the texts of numbers. */
export type Find = (paths: readonly DocumentPath[]) => { place: Place; source?: string | undefined }[];

/** Valid content of a fixture, and where its values are. */
export interface Checked<Content> {
  content: Content;
  find: Find;
}

/** Reads a text that is not NDJSON; reports what is wrong with an invalid one, and returns undefined. */
export function readDocument(
  { name: file, text, options }: FixtureText,
  report: Report,
): Checked<FixtureDocument> | undefined {
  const { jsonHint, isLocated = true } = options;
  const unmarked = text.replace(/^\uFEFF/, '');
  const placeAt = (offset: number): Place => {
    const lines = unmarked.slice(0, offset).split('\n');
    return { file, line: lines.length, column: (lines.at(-1) as string).length + 1 };
  };
  const add = ({ message, offset }: Mistake) => report({ place: placeAt(offset), message });
  try {
    const { content, changed, find } = parseText(unmarked, jsonHint);
    for (const change of changed) add(change);
    const document = checkDocument(content, report, (paths) =>
      isLocated
        ? find(paths).map(({ offset, source }) => ({ place: placeAt(offset), source }))
        : paths.map(() => ({ place: { file } })),
    );
    return changed.length > 0 ? undefined : document;
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    add(error);
    return undefined;
  }
}

/** Throws a SyntaxProblem. */
function parseText(text: string, jsonHint: string | undefined): ParsedText {
  if (jsonHint !== undefined) return parseJson(text, `; ${jsonHint}`);
  // The YAML library is loaded for text that is not JSON; most starts do not need it.
  if (tryJson(text) !== undefined) return parseJson(text, '', 'YAML');
  return (require('./yaml.js') as typeof import('./yaml.js')).parseYaml(text);
}

/** Checks a document. Its keys that start with `x-` are removed; they are a place for anchors. */
export function checkDocument(content: unknown, report: Report, find: Find): Checked<FixtureDocument> | undefined {
  const isMapping = typeof content === 'object' && content !== null && !Array.isArray(content);
  const members = isMapping && Object.entries(content).filter(([key]) => !key.startsWith('x-'));
  return checkContent(DocumentSchema, members ? Object.fromEntries(members) : content, report, find);
}

/** Checks what was read; reports at most `max` problems of invalid content, and returns undefined. */
export function checkContent<Schema extends TSchema>(
  schema: Schema,
  content: unknown,
  report: Report,
  find: Find,
  max = MAX_PROBLEMS,
): Checked<Static<Schema>> | undefined {
  let found: ReturnType<Find> = [];
  const problems = listProblems(schema, content, max, (paths) => {
    found = find(paths);
    return found.map(({ source }) => source);
  });
  for (const [index, { message }] of problems.entries()) report({ place: found[index]?.place as Place, message });
  return problems.length > 0 ? undefined : { content: content as Static<Schema>, find };
}
