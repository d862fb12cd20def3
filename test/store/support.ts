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
