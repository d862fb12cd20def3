import type { Database } from 'better-sqlite3';
import { type DetailsFinder, prepareDetails } from './details.js';
import { type KeyFinder, prepareKeys } from './keys.js';
import { type Lister, prepareLister } from './lister.js';
import { prepareMergingWriter } from './merging-writer.js';
import { type NameFinder, prepareNames } from './names.js';
import { holdOnTo, openDatabase, tell } from './open.js';
import { prepareRemover } from './remover.js';
import { prepareSummary, type Summariser } from './summary.js';
import type { Removal, Removed } from './types.js';
import { prepareUndo, startUndoLog, stopUndoLog } from './undo-log.js';
import { prepareWriter, type Writer } from './writer.js';

/** A store of artifact details and API keys. */
export interface Store extends DetailsFinder, KeyFinder, Lister, NameFinder, Summariser {
  /** Whether nothing has been stored yet. */
  isEmpty(): boolean;
  /**
   * Replaces everything by what `write` adds, in one transaction: if it throws, the store is as it was before.
   * Throws a Failure for a database that refuses to be written.
   */
  replace(write: (writer: Writer) => void): void;
  /** Replaces everything as `replace` does, for a while: `restore` goes back behind it. */
  swap(write: (writer: Writer) => void): void;
  /**
   * Adds what `write` adds to what is stored, in one transaction. A registry that is stored is kept, and so is an
   * artifact, which takes the quarantine that the writer is given, or none; a version is replaced whole with its
   * children, and an API key is replaced by the one of its name. Throws a Conflict for a registry of another package
   * type, for the text of a key that has another name, and for what `write` adds twice; otherwise as `replace` does.
   */
  merge(write: (writer: Writer) => void): void;
  /**
   * Deletes a registry, an artifact or a version, with all that is below it, and returns how much that was. Throws a
   * Miss as a look-up does where there is nothing, or more than one thing of that name; a Failure as `replace` does.
   */
  remove(what: Removal): Removed;
  /**
   * Returns to the state after the last `replace`, of this process or of one before, or to an empty store where there
   * was none; the work is that of what has changed since. Throws a Failure as `replace` does.
   */
  restore(): void;
  /** Whether the database can be read. */
  isReadable(): boolean;
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
  const makeWriter = prepareWriter(db);
  const keys = prepareKeys(db);
  keys.load();
  const makeMergingWriter = prepareMergingWriter(db, makeWriter);
  const rewrite = (write: (writer: Writer) => void) => {
    db.exec('DELETE FROM registries; DELETE FROM api_keys;');
    write(makeWriter());
  };
  const replace = db.transaction((write: (writer: Writer) => void) => {
    stopUndoLog(db);
    rewrite(write);
    startUndoLog(db);
  });
  const swap = db.transaction(rewrite);
  const merge = db.transaction((write: (writer: Writer) => void) => write(makeMergingWriter()));
  const remove = db.transaction(prepareRemover(db));
  const restore = db.transaction(prepareUndo(db));
  let revision = 0;
  const countForeignChanges = db.prepare<[], number>('PRAGMA data_version').pluck();
  let foreignChanges = countForeignChanges.get();
  // Another process may write to the file; its changes are told by the number that SQLite keeps of them.
  const followOthers = oncePerTurn(() => {
    const count = countForeignChanges.get();
    if (count === foreignChanges) return;
    foreignChanges = count;
    revision += 1;
    keys.load();
  });
  const readRevision = file === undefined ? () => revision : () => (canDo(followOthers) ? revision : Number.NaN);

  const requireFile = file === undefined ? () => {} : holdOnTo(file);

  /** Runs a transaction that changes the data, and then what depends on the data. */
  const change = <Result>(transaction: () => Result): Result => {
    requireFile();
    const result = tell(file, transaction);
    revision += 1;
    keys.load();
    return result;
  };

  return {
    ...prepareDetails(db),
    ...prepareLister(db),
    ...prepareSummary(db),
    ...prepareNames(db),
    findKey(presented) {
      readRevision();
      return keys.findKey(presented);
    },
    isEmpty: () => isEmpty.get() === 1,
    replace: (write) => change(() => replace.immediate(write)),
    swap: (write) => change(() => swap.immediate(write)),
    merge: (write) => change(() => merge.immediate(write)),
    remove: (what) => change(() => remove.immediate(what)),
    restore: () => change(() => restore.immediate()),
    get revision() {
      return readRevision();
    },
    isReadable: () => canDo(() => isEmpty.get()),
    close: () => db.close(),
  };
}

/**
 * Makes something be done once in a turn of the event loop: requests that are answered in the same turn came at the same
 * time.
 */
function oncePerTurn(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    act();
    isDone = true;
    setImmediate(() => {
      isDone = false;
    });
  };
}

function canDo(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
