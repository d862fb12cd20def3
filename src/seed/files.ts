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
  files: FixtureFile[];
  /** Hidden files are not among them. */
  skipped: SkippedFile[];
}

/**
 * Lists the fixture files of files and folders: a folder is read recursively in the order of its names, without hidden
 * files, JSON Schemas and everything that is not a regular file; a file that is named twice is listed once. Throws a
 * UserError for a path that is missing, unreadable or has no fixture.
 */
export function listFixtureFiles(paths: readonly string[]): Listing {
  const files = new Map<string, FixtureFile>();
  const skipped = new Map<string, SkippedFile>();
  for (const path of paths) {
    const found = listPath(path);
    for (const file of found.files)
      files.set(
        callSystem(file.path, () => realpathSync(file.path)),
        file,
      );
    for (const file of found.skipped) skipped.set(file.path, file);
  }
  return { files: [...files.values()], skipped: [...skipped.values()] };
}

function listPath(path: string): Listing {
  const stats = findStats(path);
  if (stats instanceof Error) {
    const { code = '' } = stats;
    if (!['ENOENT', 'ENOTDIR', 'ERR_INVALID_ARG_VALUE'].includes(code)) throw unreadable(path, stats);
    throw new UserError(`${path}: does not exist; expected a fixture file or a folder of them`);
  }
  if (!stats.isDirectory()) {
    const reason = reasonToSkip(path, stats);
    if (reason !== undefined) throw new UserError(`${path}: is ${reason}; ${EXPECTED}`);
    return { files: [{ path, stats }], skipped: [] };
  }
  const found: Listing = { files: [], skipped: [] };
  addFolder(path, new Set(), found);
  if (found.files.length > 0) return found;
  const others = found.skipped.length > 0 ? `; skipped ${listSkipped(found.skipped)}` : '';
  throw new UserError(
    `${path}: contains no fixture; ${EXPECTED.replace('a name that ends', 'files that end')}${others}`,
  );
}

/** Adds what a folder contains to `found`. `seen` has the real paths of folders, so that a loop of links ends. */
function addFolder(folder: string, seen: Set<string>, found: Listing): void {
  const real = callSystem(folder, () => realpathSync(folder));
  if (seen.has(real)) {
    found.skipped.push({ path: folder, reason: 'a link to a folder that is already read' });
    return;
  }
  seen.add(real);
  for (const name of callSystem(folder, () => readdirSync(folder)).sort()) {
    if (name.startsWith('.')) continue;
    const path = join(folder, name);
    const stats = findStats(path);
    // Editors make files that vanish at once.
    if (stats instanceof Error && EXTENSIONS.includes(extensionOf(name))) throw unreadable(path, stats);
    if (!(stats instanceof Error) && stats.isDirectory()) addFolder(path, seen, found);
    else {
      const reason = /\.schema\.json$/i.test(name) ? A_SCHEMA : reasonToSkip(path, stats);
      if (reason === undefined) found.files.push({ path, stats: stats as BigIntStats });
      else found.skipped.push({ path, reason });
    }
  }
}

function findStats(path: string): BigIntStats | NodeJS.ErrnoException {
  try {
    return statSync(path, { bigint: true });
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}

function reasonToSkip(path: string, stats: BigIntStats | NodeJS.ErrnoException): string | undefined {
  if (stats instanceof Error) return `unreadable: ${stats.code}`;
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

/** Runs a system call on a path; its error becomes a UserError with the system's code. */
export function callSystem<Result>(path: string, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw unreadable(path, error);
  }
}

const unreadable = (path: string, error: unknown): UserError =>
  new UserError(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
