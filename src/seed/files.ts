import { type BigIntStats, readdirSync, realpathSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { UserError } from '../util/errors.js';
import { escapeControls } from '../util/text.js';

/** The endings of fixture files, in any case. */
const EXTENSIONS = ['.yaml', '.yml', '.json', '.ndjson', '.jsonl'];
const EXPECTED = `expected files that end in ${EXTENSIONS.join(', ')}`;

const extensionOf = (path: string): string => extname(path).toLowerCase();

/** Whether a path is an NDJSON file, which is streamed. */
export const isNdjsonFile = (path: string): boolean => ['.ndjson', '.jsonl'].includes(extensionOf(path));

export interface FixtureFile {
  path: string;
  stats: BigIntStats;
}

/** Why a pipe, a socket or a device is not read, which could block or never end. */
export const NOT_REGULAR = 'not a regular file';

/** A reason that is not worth a warning: a folder of fixtures may well have a schema for editors. */
export const A_SCHEMA = 'a JSON Schema';

/** A file or folder that is not read, and why, such as `not a fixture`. */
export interface SkippedFile {
  path: string;
  reason: string;
}

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
    const found: Listing = { files: [], skipped: [] };
    addPath(path, new Set(), found, true);
    if (found.files.length === 0) throw refuse(path, found.skipped);
    for (const file of found.files) files.set(realpathOf(file.path), file);
    for (const file of found.skipped) skipped.set(file.path, file);
  }
  return { files: [...files.values()], skipped: [...skipped.values()] };
}

function refuse(path: string, skipped: readonly SkippedFile[]): UserError {
  const [first] = skipped;
  if (first?.path === path) return new UserError(`${path}: is ${first.reason}; ${EXPECTED}`);
  const others = first === undefined ? '' : `; skipped ${listSkipped(skipped)}`;
  return new UserError(`${path}: contains no fixture; ${EXPECTED}${others}`);
}

/** Adds a file, or what a folder contains. `seen` has the real paths of folders, so that a loop of links ends. */
function addPath(path: string, seen: Set<string>, found: Listing, isNamed = false): void {
  const isFixture = EXTENSIONS.includes(extensionOf(path));
  let stats: BigIntStats;
  try {
    stats = statSync(path, { bigint: true });
  } catch (error) {
    if (isNamed || isFixture) throw unreadable(path, error);
    // Such as a link of an editor that leads nowhere.
    found.skipped.push({ path, reason: `unreadable: ${(error as NodeJS.ErrnoException).code}` });
    return;
  }
  const isSchema = !isNamed && /\.schema\.json$/i.test(path);
  if (stats.isDirectory()) addFolder(path, seen, found);
  else if (isSchema) found.skipped.push({ path, reason: A_SCHEMA });
  else if (!stats.isFile()) found.skipped.push({ path, reason: NOT_REGULAR });
  else if (!isFixture) found.skipped.push({ path, reason: 'not a fixture' });
  else found.files.push({ path, stats });
}

function addFolder(folder: string, seen: Set<string>, found: Listing): void {
  const real = realpathOf(folder);
  if (seen.has(real)) {
    found.skipped.push({ path: folder, reason: 'a link to a folder that is already read' });
    return;
  }
  seen.add(real);
  for (const name of callSystem(folder, () => readdirSync(folder)).sort()) {
    if (!name.startsWith('.')) addPath(join(folder, name), seen, found);
  }
}

const realpathOf = (path: string): string => callSystem(path, () => realpathSync(path));

const MAX_NAMED = 20;

/** Formats skipped files for one line, with at most 20 names. */
export function listSkipped(skipped: readonly SkippedFile[]): string {
  const names = skipped.slice(0, MAX_NAMED).map(({ path, reason }) => escapeControls(`${path} (${reason})`));
  const more = skipped.length - names.length;
  return names.join(', ') + (more > 0 ? ` and ${more} more, which validate lists` : '');
}

/** Runs a system call on a path; its error becomes a UserError. */
export function callSystem<Result>(path: string, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): UserError {
  const { code = '' } = error as NodeJS.ErrnoException;
  const isMissing = ['ENOENT', 'ENOTDIR', 'ERR_INVALID_ARG_VALUE'].includes(code);
  const reason = isMissing ? 'does not exist; expected a fixture file or a folder of them' : `cannot be read (${code})`;
  return new UserError(`${path}: ${reason}`);
}
