import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database, { type Statement } from 'better-sqlite3';
import { UserError } from '../util/errors.js';
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from './schema.js';
import { createUndoLog } from './undo-log.js';

const REMEDY = 'fix it, or name another file with --db';

const SENTENCES = {
  SQLITE_NOTADB: `it is not a SQLite database; ${REMEDY}`,
  SQLITE_CORRUPT: `it is damaged; ${REMEDY}`,
  SQLITE_READONLY: `it cannot be written; ${REMEDY}`,
  SQLITE_CANTOPEN: `it cannot be opened; check that it and its folder are writable, or name another file with --db`,
  SQLITE_BUSY: 'is in use by another process; a store file belongs to one process',
  SQLITE_FULL: `the disk is full; ${REMEDY}`,
} as const;

/** How long to try to lock a file that another process has locked, in milliseconds. */
const MAX_WAIT = 1_000;

/**
 * SQLite's default cache of 2 MB is too small for random reads; it may use 256 MiB. The file is not mapped into memory:
 * the process would hang at the first read of a file that another program has truncated.
 */
const FILE_SETTINGS = 'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -262144;';

/**
 * Opens the database of a store for this process alone and creates its tables if it is empty. Without a file, the
 * database is in memory. Throws a UserError for a file that cannot be used; such a file is not changed.
 */
export function openDatabase(file: string | undefined): Database.Database {
  if (file !== undefined) requirePlace(file);
  const deadline = performance.now() + MAX_WAIT;
  return explainErrors(file, () => {
    for (;;) {
      const db = keepStatements(new Database(file ?? ':memory:', { timeout: 0 }));
      try {
        prepareDatabase(db, file);
        return db;
      } catch (error) {
        db.close();
        const isBusy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
        if (!isBusy || performance.now() > deadline) throw error;
        // Processes that start at once block each other; they retry at random times until one gets the lock.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5 + Math.random() * 45);
      }
    }
  });
}

function requirePlace(file: string): void {
  const refuse = (reason: string) => new UserError(`store ${file}: ${reason}`);
  const folder = dirname(file);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw refuse(`its folder ${folder} does not exist; create it first`);
  }
  const isFile = existsSync(file) ? statSync(file).isFile() : !/[/\\]$/.test(file);
  if (!isFile) throw refuse('is not a file; name a file that --db may create or open');
  try {
    // SQLite would call a file in use if it may only read it.
    if (existsSync(file)) accessSync(file, constants.W_OK);
  } catch {
    throw refuse(SENTENCES.SQLITE_READONLY);
  }
}

function prepareDatabase(db: Database.Database, file: string | undefined): void {
  // An exclusive transaction locks the file; in this locking mode the lock outlives the transaction.
  if (file !== undefined) db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; ROLLBACK;');
  const read = (sql: string) => db.prepare<[], number>(sql).pluck().get() as number;
  const isNew = read('SELECT count(*) FROM sqlite_schema') === 0;
  if (!isNew && read('PRAGMA application_id') !== APPLICATION_ID) {
    throw new UserError(`store ${file}: is a database of another program; name another file with --db`);
  }
  const version = read('PRAGMA user_version');
  if (!isNew && version !== SCHEMA_VERSION) {
    const action =
      version > SCHEMA_VERSION
        ? 'use the release that wrote it'
        : 'start the old release and export its data with GET /__admin/fixtures';
    const found = `has schema version ${version}, and this release reads version ${SCHEMA_VERSION}`;
    throw new UserError(`store ${file}: ${found}; ${action}, or name another file with --db`);
  }
  if (file !== undefined) db.exec(FILE_SETTINGS);
  // A container may have no place for temporary files, which a large deletion would need.
  db.exec('PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON;');
  db.transaction(() => {
    // Written in any case, so that a file that cannot be written is refused now and not at the first change.
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
    if (!isNew) return;
    db.exec(SCHEMA);
    createUndoLog(db);
  }).immediate();
}

/**
 * Returns a function that throws a UserError once a path names another file or none: SQLite would write to the file that
 * it has open, and those changes would be lost.
 */
export function holdOnTo(file: string): () => void {
  const look = () => {
    const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
    return stats && `${stats.dev} ${stats.ino}`;
  };
  const opened = look();
  return () => {
    if (look() === opened) return;
    throw new UserError(
      `store ${file}: the file was removed or replaced while it was served, so it is no longer written; ` +
        'the data read from it is still served, restart to open the file that is there now',
    );
  };
}

/** Runs `use`; an error of SQLite becomes a UserError with one sentence. */
export function explainErrors<Result>(file: string | undefined, use: () => Result): Result {
  try {
    return use();
  } catch (error) {
    if (isUnloadable(error as NodeJS.ErrnoException)) {
      const sentence = `better-sqlite3 does not load in Node ${process.version}; run "npm rebuild better-sqlite3"`;
      throw new UserError(sentence, 1, { cause: error });
    }
    if (!(error instanceof Database.SqliteError) || error.code.startsWith('SQLITE_CONSTRAINT')) throw error;
    const { code, message } = error;
    const [, sentence = `${message}; ${REMEDY}`] =
      Object.entries(SENTENCES).find(([prefix]) => code.startsWith(prefix)) ?? [];
    throw new UserError(`store ${file ?? 'in memory'}: ${sentence}`, 1, { cause: error });
  }
}

/** Whether the native module is missing, or built for another version of Node or another platform. */
const isUnloadable = ({ code, message }: NodeJS.ErrnoException): boolean =>
  code === 'ERR_DLOPEN_FAILED' || message.startsWith('Could not locate the bindings file');

const kept: Database.Database[] = [];

/**
 * Makes a database prepare each SQL text once, and keeps the database and its statements until the process ends.
 * Compiled with the headers of Node 24.19 or later, objects of better-sqlite3 12 end the process when they are garbage
 * collected (issue 65446 of Node), and better-sqlite3 13 does not run on Node 20. A closed database holds a few kilobytes.
 */
function keepStatements(db: Database.Database): Database.Database {
  const statements = new Map<string, Statement>();
  const prepare = db.prepare.bind(db);
  db.prepare = ((sql: string) => {
    const statement = statements.get(sql) ?? prepare(sql);
    statements.set(sql, statement);
    return statement;
  }) as Database.Database['prepare'];
  kept.push(db);
  return db;
}
