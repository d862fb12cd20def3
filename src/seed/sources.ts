import { isUtf8 } from 'node:buffer';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { UserError } from '../util/errors.js';
import { FixtureContent, FixtureText, type Problem, type ReadDocument, readDocument } from './document.js';
import type { FixtureDocument } from './format.js';

/** Where fixtures come from: the path of a file or a folder, or a document of a program. */
export type FixtureSource = string | FixtureDocument;

/** A fixture that was sent to the server, which is never a path. */
export type ReceivedFixture = FixtureText | FixtureContent;

/** A fixture to read; a text is the path of a file. */
export type Input = string | ReceivedFixture;

const EXTENSIONS = ['.yaml', '.yml', '.json', '.ndjson'];

/** Whether a path is an NDJSON file, which is streamed. */
export const isNdjson = (input: Input): input is string => typeof input === 'string' && extname(input) === '.ndjson';

/**
 * Lists the inputs of sources: documents first, then files, NDJSON last, because its lines add to what documents
 * declare. Throws a UserError for a path that is missing or has no fixture.
 */
export function listInputs(sources: readonly (FixtureSource | ReceivedFixture)[]): Input[] {
  const isReceived = (source: object) => source instanceof FixtureText || source instanceof FixtureContent;
  const documents = sources
    .filter((source) => typeof source !== 'string')
    .map((source, index) => (isReceived(source) ? source : new FixtureContent(`document ${index + 1}`, source)));
  return [...documents, ...listFixtureFiles(sources.filter((source) => typeof source === 'string'))];
}

/** Reads a whole document; returns undefined for an invalid one and adds to `problems`, at most `max`. */
export function readInput(input: Input, problems: Problem[], max: number): ReadDocument | undefined {
  if (typeof input !== 'string') return readDocument(input, problems, max);
  const bytes = callSystem(input, () => readFileSync(input));
  return readDocument(new FixtureText(input, decodeText(input, bytes)), problems, max);
}

/**
 * Lists the fixture files of files and folders: a folder is read recursively in the order of its names, without hidden
 * files and JSON Schemas; a file that is named twice is listed once; NDJSON comes last. Throws a UserError for a path
 * that is missing or has no fixture.
 */
export function listFixtureFiles(paths: readonly string[]): string[] {
  const files = new Map<string, string>();
  for (const file of paths.flatMap(listPath))
    files.set(
      callSystem(file, () => realpathSync(file)),
      file,
    );
  const all = [...files.values()];
  return [...all.filter((file) => !isNdjson(file)), ...all.filter(isNdjson)];
}

function listPath(path: string): string[] {
  if (!existsSync(path)) throw new UserError(`${path}: does not exist; expected a fixture file or a folder of them`);
  if (!isFolder(path)) {
    if (EXTENSIONS.includes(extname(path))) return [path];
    throw new UserError(`${path}: is not a fixture; expected a name that ends in ${EXTENSIONS.join(', ')}`);
  }
  const files = listFolder(path);
  if (files.length > 0) return files;
  throw new UserError(`${path}: contains no fixture; expected files that end in ${EXTENSIONS.join(', ')}`);
}

function listFolder(folder: string): string[] {
  const names = callSystem(folder, () => readdirSync(folder)).sort();
  return names.flatMap((name) => {
    const path = join(folder, name);
    if (name.startsWith('.') || name.endsWith('.schema.json')) return [];
    if (isFolder(path)) return listFolder(path);
    return EXTENSIONS.includes(extname(name)) ? [path] : [];
  });
}

const isFolder = (path: string): boolean => callSystem(path, () => statSync(path).isDirectory());

/** Runs a system call on a path; its error becomes a UserError with the system's code. */
export function callSystem<Result>(path: string, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw new UserError(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** Decodes a part of a file. Throws a UserError for another encoding than UTF-8. */
export function decodeText(file: string, bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new UserError(`${file}: is not UTF-8; save it as UTF-8`);
  return bytes.toString('utf8');
}
