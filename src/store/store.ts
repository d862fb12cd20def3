import type { Database } from 'better-sqlite3';
import { prepareFind } from './find.js';
import { prepareIdentify, prepareKeys } from './identify.js';
import { prepareLists } from './lists.js';
import { explainErrors, holdOnTo, openDatabase } from './open.js';
import type { Lookup } from './types.js';
import { changeUnlogged, undoChanges } from './undo-log.js';
import { prepareRemove, prepareWriter, type Writer } from './writer.js';

export type { FoundDetails } from './find.js';

/** A store of artifact details and API keys. Methods can be destructured. */
export type Store = ReturnType<typeof createStore>;

/** Opens a store, in memory or in a file, which is locked by this process. Throws a UserError for an unusable file. */
export function openStore(file?: string): Store {
  const db = openDatabase(file);
  try {
    return explainErrors(file, () => createStore(db, file));
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Creates a store on an open database. A write throws a UserError for a database that cannot be written. */
export function createStore(db: Database, file: string | undefined) {
  const lists = prepareLists(db);
  const identify = prepareIdentify(db);
  const createWriter = prepareWriter(db);
  const remove = prepareRemove(db);
  const find = prepareFind(db);
  const readKeys = prepareKeys(db);
  const isEmpty = db
    .prepare<[], 0 | 1>('SELECT NOT EXISTS (SELECT 1 FROM registries) AND NOT EXISTS (SELECT 1 FROM api_keys)')
    .pluck();
  const requireFile = file === undefined ? () => {} : holdOnTo(file);
  let keys = readKeys();
  let revision = 0;
  let summary: { revision: number; counts: ReturnType<typeof lists.summarise> } | undefined;

  /** Runs a change and reloads the API keys in one transaction; if either fails, both are rolled back. */
  const change = <Result>(run: () => Result): Result => {
    requireFile();
    const apply = db.transaction(() => ({ result: run(), read: readKeys() }));
    const { result, read } = explainErrors(file, () => apply.immediate());
    keys = read;
    revision += 1;
    return result;
  };

  const add = (write: (writer: Writer) => void, isMerging: boolean) => {
    const writer = createWriter(isMerging);
    write(writer);
    writer.finish();
  };

  const rewrite = (write: (writer: Writer) => void) => {
    db.exec('DELETE FROM versions; DELETE FROM artifacts; DELETE FROM registries; DELETE FROM api_keys;');
    add(write, false);
  };

  /** Finds a version; after a failure again with an empty cache, which may hold what was read from a damaged file. */
  const findAgain = (lookup: Lookup) => {
    try {
      return find(lookup);
    } catch {
      db.exec('PRAGMA shrink_memory');
      return find(lookup);
    }
  };

  let failed: { error: unknown; lookup: Lookup } | undefined;

  /** Repeats the lookup that failed, if one did. */
  const isReadable = (): boolean => {
    try {
      if (failed !== undefined) findAgain(failed.lookup);
      failed = undefined;
      isEmpty.get();
      return true;
    } catch {
      return false;
    }
  };

  return {
    ...lists,
    /** Counts what is stored, once after each change: it takes long in a large store. Children are not versions. */
    summarise() {
      if (summary?.revision !== revision) summary = { revision, counts: lists.summarise() };
      return summary.counts;
    },
    /**
     * Finds a version, or the child that `childVersion` names; returns why there is none. Throws a UserError, and until the
     * first lookup that failed succeeds always the same one, so that it is logged once.
     */
    find(lookup: Lookup) {
      try {
        return explainErrors(file, () => findAgain(lookup));
      } catch (error) {
        if (failed === undefined || isReadable()) failed = { error, lookup };
        throw failed.error;
      }
    },
    /** Finds an API key by its header value (latin1, as Node decodes headers). */
    findKey: (presented: string) => keys.find(presented),
    listKeys: () => keys.list,
    findPackageType: (ref: string) => identify(ref)?.packageType,
    /** Changes with every write. */
    get revision() {
      return revision;
    },
    /** Replaces everything, in one transaction; `restore` returns to this state. If it throws, nothing has changed. */
    seed: (write: (writer: Writer) => void) => change(() => changeUnlogged(db, () => rewrite(write))),
    /** Replaces everything until `restore`; otherwise as `seed`. */
    replace: (write: (writer: Writer) => void) => change(() => rewrite(write)),
    /**
     * Adds to what is stored, otherwise as `seed`. A stored registry is kept; a stored artifact is kept, but its
     * quarantine is replaced; a version is replaced with its children; an API key is replaced by name. Throws a
     * ConflictError for a registry of another package type, a key of another name, and data that is added twice.
     */
    merge: (write: (writer: Writer) => void) => change(() => add(write, true)),
    /** Deletes a registry, an artifact or a version with all its parts. Throws a ValidationError or a LookupError. */
    remove: (removal: unknown) => change(() => remove(removal)),
    /** Undoes all changes since the last `seed`, also one of an earlier process; without a `seed`, empties the store. */
    restore: () => change(() => undoChanges(db)),
    /** Whether there are neither registries nor API keys. */
    isEmpty: () => isEmpty.get() === 1,
    /** Whether the database can be read, also what could not be read before. */
    isReadable,
    /** Closes the database; calling it twice is harmless. */
    close(): void {
      db.close();
    },
  };
}
