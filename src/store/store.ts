import type { Database } from 'better-sqlite3';
import { type DetailsFinder, prepareDetails } from './details.js';
import { type KeyFinder, prepareKeys } from './keys.js';
import { openDatabase, tell } from './open.js';
import { prepareSummary, type Summariser } from './summary.js';
import { prepareWriter, type Writer } from './writer.js';

/** A store of artifact details and API keys. */
export interface Store extends DetailsFinder, KeyFinder, Summariser {
  /** Whether nothing has been stored yet. */
  isEmpty(): boolean;
  /**
   * Replaces everything by what `write` adds, in one transaction: if it throws, the store is as it was before.
   * Throws a Failure for a database that refuses to be written.
   */
  replace(write: (writer: Writer) => void): void;
  /** Whether the store still answers. */
  isOpen(): boolean;
  /** Closes the database; calling it twice is harmless. */
  close(): void;
}

/**
 * Opens a store. Takes the file to keep it in, or undefined to keep it in memory.
 * Throws a Failure with one sentence for a file that cannot be used.
 */
export function openStore(file?: string): Store {
  const db = openDatabase(file);
  try {
    return tell(file, () => prepareStore(db, file));
  } catch (error) {
    db.close();
    throw error;
  }
}

function prepareStore(db: Database, file: string | undefined): Store {
  const isEmpty = db
    .prepare<[], 0 | 1>('SELECT NOT EXISTS (SELECT 1 FROM registries) AND NOT EXISTS (SELECT 1 FROM api_keys)')
    .pluck();
  const writer = prepareWriter(db);
  const keys = prepareKeys(db);
  keys.load();
  const replace = db.transaction((write: (writer: Writer) => void) => {
    db.exec('DELETE FROM registries; DELETE FROM api_keys;');
    write(writer);
  });
  return {
    ...prepareDetails(db),
    ...prepareSummary(db),
    findKey: keys.findKey,
    isEmpty: () => isEmpty.get() === 1,
    replace(write) {
      tell(file, () => replace.immediate(write));
      keys.load();
    },
    isOpen: () => db.open,
    close: () => db.close(),
  };
}
