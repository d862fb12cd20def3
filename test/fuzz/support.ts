import { existsSync } from 'node:fs';
import type { Test } from 'tap';
import { Failure, Finding } from '../../fuzz/failure.js';

/** Why a test that needs the packages of the fuzzer is left out; false where they are installed. */
export const lacksPackages = existsSync('fuzz/node_modules') ? false : 'run npm ci --prefix fuzz';

/** What a function finds, as `expected … found …`; the test fails where it finds nothing. */
export async function findingOf(t: Test, act: () => unknown): Promise<Finding> {
  try {
    await act();
  } catch (error) {
    if (error instanceof Failure) return error.finding;
    if (error instanceof Finding) return error;
    throw error;
  }
  t.fail('nothing is found');
  return new Finding('', '');
}
