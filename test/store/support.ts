import type { Database } from 'better-sqlite3';
import type { Test } from 'tap';
import { type ErrorName, LookupError } from '../../src/api/errors.js';
import { openDatabase } from '../../src/store/open.js';
import { createStore, openStore, type Store } from '../../src/store/store.js';
import type { Lookup } from '../../src/store/types.js';
import type { Writer } from '../../src/store/writer.js';
import { UserError } from '../../src/util/errors.js';

/** Opens a store in memory that closes with the test, with what `write` adds. */
export function storeWith(t: Test, write: (writer: Writer) => void): Store {
  const store = openStore();
  t.teardown(() => store.close());
  store.seed(write);
  return store;
}

/** Opens a store in a file with its database, which no other connection can read. */
export function openBoth(t: Test, file?: string): { db: Database; store: Store } {
  const db = openDatabase(file);
  t.teardown(() => db.close());
  return { db, store: createStore(db, file) };
}

/** Returns the message of the UserError that a function throws; another error is thrown on. */
export function messageOf(run: () => void): string {
  try {
    run();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message;
  }
  return 'nothing is thrown';
}

/** Returns why a lookup fails; undefined if it finds a version. */
export function reasonOf(store: Store, lookup: Lookup): ErrorName | undefined {
  const found = store.find(lookup);
  return found instanceof LookupError ? found.reason : undefined;
}

/** Returns the `data` that a lookup finds, parsed. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads any field
export function dataOf(store: Store, lookup: Lookup): any {
  const found = store.find(lookup);
  if (found instanceof LookupError) throw found;
  return JSON.parse(found.data);
}
