import { type BigIntStats, readdirSync, realpathSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { UserError } from '../util/errors.js';
import { escapeControls } from '../util/text.js';

/** The endings of fixture files, in any case. */
const EXTENSIONS = ['.yaml', '.yml', '.json', '.ndjson', '.jsonl'];
const EXPECTED = `expected a name that ends in ${EXTENSIONS.join(', ')}`;

const extensionOf = (path: string): string => extname(path).toLowerCase();

/** Whether a path is an NDJSON file, which is streamed. */
export const isNdjsonFile = (path: string): boolean => ['.ndjson', '.jsonl'].includes(extensionOf(path));

export interface FixtureFile {
  path: string;
  stats: BigIntStats;
}

/** A reason that is not worth a warning. */
const A_SCHEMA = 'a JSON Schema';

/** A file or folder that is not read, and why, such as `a named pipe`. */
export interface SkippedFile {
  path: string;
  reason: string;
}

/** Whether a file was skipped for another reason than being a JSON Schema, which a folder of fixtures may well have. */
export const isUnexpected = ({ reason }: SkippedFile): boolean => reason !== A_SCHEMA;

export interface Listing {
  /** NDJSON comes last, because its lines add to what documents declare. */
  files: FixtureFile[];
  /** Hidden files are not among them. */
  skipped: SkippedFile[];
}

interface Answers {
  stat: BigIntStats;
  readdir: string[];
  realpath: string;
}

/** A call of the file system. The loader makes it at once, the watcher asynchronously, so both follow the same rules. */
export interface Call {
  name: keyof Answers;
  path: string;
}

/** Yields calls; expects the result of each one, or its error. */
type Walk<Result> = Generator<Call, Result, unknown>;

/**
 * Lists the fixture files of files and folders: a folder is read recursively in the order of its names, without hidden
 * files, JSON Schemas and everything that is not a regular file; a file that is named twice is listed once. Throws a
 * UserError for a path that is missing, unreadable or has no fixture.
 */
export function listFixtureFiles(paths: readonly string[]): Listing {
  const walk = walkFixtures(paths);
  let step = walk.next();
  while (!step.done) step = walk.next(callSync(step.value));
  return step.value;
}

function callSync({ name, path }: Call): unknown {
  try {
    if (name === 'stat') return statSync(path, { bigint: true });
    return name === 'readdir' ? readdirSync(path) : realpathSync(path);
  } catch (error) {
    return error;
  }
}

/** `listFixtureFiles`, step by step. */
export function* walkFixtures(paths: readonly string[]): Walk<Listing> {
  const files = new Map<string, FixtureFile>();
  const skipped = new Map<string, SkippedFile>();
  for (const path of paths) {
    const found = yield* walkPath(path);
    for (const file of found.files) files.set(yield* ask('realpath', file.path), file);
    for (const file of found.skipped) skipped.set(file.path, file);
  }
  const all = [...files.values()];
  const isLast = ({ path }: FixtureFile) => isNdjsonFile(path);
  const ordered = [...all.filter((file) => !isLast(file)), ...all.filter(isLast)];
  return { files: ordered, skipped: [...skipped.values()] };
}

function* walkPath(path: string): Walk<Listing> {
  const stats = yield* tryAsk('stat', path);
  if (stats instanceof Error) {
    const { code = '' } = stats as NodeJS.ErrnoException;
    if (!['ENOENT', 'ENOTDIR', 'ERR_INVALID_ARG_VALUE'].includes(code)) throw unreadable(path, stats);
    throw new UserError(`${path}: does not exist; expected a fixture file or a folder of them`);
  }
  const found: Listing = { files: [], skipped: [] };
  if (stats.isDirectory()) yield* walkFolder(path, new Set(), found);
  else {
    const reason = reasonToSkip(path, stats);
    if (reason !== undefined) throw new UserError(`${path}: is ${reason}; ${EXPECTED}`);
    found.files.push({ path, stats });
  }
  if (found.files.length > 0) return found;
  const others = found.skipped.length > 0 ? `; skipped ${listSkipped(found.skipped)}` : '';
  throw new UserError(
    `${path}: contains no fixture; ${EXPECTED.replace('a name that ends', 'files that end')}${others}`,
  );
}

/** Adds what a folder contains to `found`. `seen` has the real paths of folders, so that a loop of links ends. */
function* walkFolder(folder: string, seen: Set<string>, found: Listing): Walk<void> {
  const real = yield* ask('realpath', folder);
  if (seen.has(real)) {
    found.skipped.push({ path: folder, reason: 'a link to a folder that is already read' });
    return;
  }
  seen.add(real);
  const names = yield* ask('readdir', folder);
  for (const name of names.sort()) {
    if (name.startsWith('.')) continue;
    const path = join(folder, name);
    const stats = yield* tryAsk('stat', path);
    if (stats instanceof Error) {
      // Editors make files that vanish at once.
      if (EXTENSIONS.includes(extensionOf(name))) throw unreadable(path, stats);
      found.skipped.push({ path, reason: `unreadable: ${codeOf(stats)}` });
    } else if (stats.isDirectory()) yield* walkFolder(path, seen, found);
    else {
      const reason = /\.schema\.json$/i.test(name) ? A_SCHEMA : reasonToSkip(path, stats);
      if (reason === undefined) found.files.push({ path, stats });
      else found.skipped.push({ path, reason });
    }
  }
}

function reasonToSkip(path: string, stats: BigIntStats): string | undefined {
  if (!stats.isFile()) return describeSpecial(stats);
  if (EXTENSIONS.includes(extensionOf(path))) return undefined;
  const isCompressed = /\.(?:gz|tgz|bz2|xz|zst|br|zip|7z)$/i.test(path);
  return isCompressed ? 'compressed, decompress it first' : 'not a fixture';
}

/** Names what is neither a regular file nor a folder; reading it could block or never end. */
export function describeSpecial(stats: { isFIFO(): boolean; isSocket(): boolean }): string {
  const kind = stats.isFIFO() ? 'named pipe' : stats.isSocket() ? 'socket' : 'device';
  return `a ${kind}, not a regular file`;
}

const MAX_NAMED = 20;

/** Formats skipped files for one line, with at most 20 names. */
export function listSkipped(skipped: readonly SkippedFile[]): string {
  const names = skipped.slice(0, MAX_NAMED).map(({ path, reason }) => escapeControls(`${path} (${reason})`));
  const more = skipped.length - names.length;
  return names.join(', ') + (more > 0 ? ` and ${more} more, which validate lists` : '');
}

function* tryAsk<Name extends keyof Answers>(name: Name, path: string): Walk<Answers[Name] | Error> {
  return (yield { name, path }) as Answers[Name] | Error;
}

function* ask<Name extends keyof Answers>(name: Name, path: string): Walk<Answers[Name]> {
  const answer = yield* tryAsk(name, path);
  if (answer instanceof Error) throw unreadable(path, answer);
  return answer;
}

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException).code);

/** The UserError for an error of the system on a path. */
export const unreadable = (path: string, error: unknown): UserError =>
  new UserError(`${path}: cannot be read (${codeOf(error)})`);
