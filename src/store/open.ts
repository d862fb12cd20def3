import { type BigIntStats, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { Failure } from '../failure.js';
import { keepStatements } from './keep.js';
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from './schema.js';
import { startUndoLog } from './undo-log.js';

const CAUSES: Record<string, string> = {
  SQLITE_NOTADB: 'it is not a SQLite database',
  SQLITE_CORRUPT: 'it is damaged',
  SQLITE_READONLY: 'it is read-only',
  SQLITE_CANTOPEN: 'it cannot be opened; check that it and its folder may be written',
  SQLITE_BUSY: 'another process is writing to it',
  SQLITE_FULL: 'the disk is full',
};

/**
 * Opens the database of a store and makes its tables when it is empty. Takes a file, or undefined for memory.
 * Throws a Failure with one sentence for a file that cannot be ours or cannot be written; such a file is not changed.
 */
export function openDatabase(file: string | undefined): Database.Database {
  if (file !== undefined) requirePlace(file);
  const db = keepStatements(tell(file, () => new Database(file ?? ':memory:')));
  try {
    tell(file, () => prepareDatabase(db, file));
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function requirePlace(file: string): void {
  const folder = dirname(file);
  if (!existsSync(folder)) throw new Failure(`store ${file}: its folder ${folder} does not exist; create it first`);
  if (existsSync(file) && !statSync(file).isFile()) {
    throw new Failure(`store ${file}: is not a file; name a file that --db may create or open`);
  }
}

/**
 * Takes note of which file a path names. Returns a function that throws a Failure once the path names another one or none:
 * SQLite would go on to write to the file that it has open, and all of that would be gone with the process.
 */
export function holdOnTo(file: string): () => void {
  const identify = (stats: BigIntStats | undefined) => stats && `${stats.dev} ${stats.ino}`;
  const look = () => identify(statSync(file, { bigint: true, throwIfNoEntry: false }));
  const opened = look();
  return () => {
    if (look() === opened) return;
    throw new Failure(
      `store ${file}: the file was removed or replaced while it was served, and nothing more is written to it; ` +
        'what was read from it is served on, restart to open what is there now',
    );
  };
}

/** Runs what uses a store's database; what SQLite refuses becomes a Failure with one sentence. */
export function tell<Result>(file: string | undefined, use: () => Result): Result {
  try {
    return use();
  } catch (error) {
    throw describeFailure(error, file);
  }
}

function prepareDatabase(db: Database.Database, file: string | undefined): void {
  const ask = (sql: string) => db.prepare<[], number>(sql).pluck().get() as number;
  const version = ask('PRAGMA user_version');
  const applicationId = ask('PRAGMA application_id');
  const tables = ask('SELECT count(*) FROM sqlite_schema');
  if (tables > 0 && applicationId !== APPLICATION_ID) {
    throw new Failure(`store ${file}: is a database of another program; name another file with --db`);
  }
  if (version > SCHEMA_VERSION) {
    throw new Failure(
      `store ${file}: has schema version ${version}, and this release knows ${SCHEMA_VERSION}; ` +
        'use the release that wrote it, or name another file with --db',
    );
  }
  if (file !== undefined) {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  }
  // A container may have no place for temporary files, which the deletion of much would need.
  db.exec('PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON;');
  db.transaction(() => {
    // Written in any case, so that a file that cannot be written is found now and not at the first reload.
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    if (tables === 0) {
      db.exec(SCHEMA);
      startUndoLog(db);
    }
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  }).immediate();
}

function describeFailure(error: unknown, file: string | undefined): unknown {
  if (!(error instanceof Database.SqliteError) || error.code.startsWith('SQLITE_CONSTRAINT')) return error;
  const code = Object.keys(CAUSES).find((prefix) => error.code.startsWith(prefix));
  const cause = code === undefined ? error.message : CAUSES[code];
  return new Failure(`store ${file}: ${cause}; mend it, or name another file with --db`, 1, { cause: error });
}
