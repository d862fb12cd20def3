import Database from 'better-sqlite3';
import type { Test } from 'tap';
import { Failure } from '../../src/failure.js';
import { Miss, type MissReason } from '../../src/store/errors.js';
import { openStore, type Store } from '../../src/store/store.js';
import type { LookUp } from '../../src/store/types.js';
import type { Writer } from '../../src/store/writer.js';

/** A store in memory that closes with the test, with what the given function writes. */
export function storeWith(t: Test, write: (writer: Writer) => void): Store {
  const store = openStore();
  t.teardown(() => store.close());
  store.replace(write);
  return store;
}

/** The whole message of the Failure that a function throws; anything else that it throws is thrown on. */
export function failureOf(run: () => void): string {
  try {
    run();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.message;
  }
  return 'nothing is thrown';
}

/** Why a look-up finds nothing; undefined when it finds something. */
export function missOf(store: Store, lookUp: LookUp): MissReason | undefined {
  try {
    store.findDetails(lookUp);
    return undefined;
  } catch (error) {
    if (!(error instanceof Miss)) throw error;
    return error.reason;
  }
}

/** All rows of a store's file with their ids, by table. */
export function dumpRows(file: string): Record<string, unknown[]> {
  const db = new Database(file, { readonly: true });
  try {
    const list = (table: string) => db.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all();
    return Object.fromEntries(
      ['registries', 'artifacts', 'versions', 'api_keys', 'grants'].map((table) => [table, list(table)]),
    );
  } finally {
    db.close();
  }
}

/** How many steps a store's file can take back. */
export function countSteps(file: string): number {
  const db = new Database(file, { readonly: true });
  try {
    return db.prepare<[], number>('SELECT count(*) FROM undo_log').pluck().get() as number;
  } finally {
    db.close();
  }
}
