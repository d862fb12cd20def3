import { existsSync } from 'node:fs';
import type { Test } from 'tap';
import { Failure, Finding } from '../../../fuzz/failure.js';

/** Why a test that needs the packages of the fuzzer is skipped; false if they are installed. */
export const lacksPackages = existsSync('fuzz/node_modules') ? false : 'run npm ci --prefix fuzz';

/** Returns the Finding that a function throws; without one, the test fails. */
export async function findingOf(t: Test, act: () => unknown): Promise<Finding> {
  try {
    await act();
  } catch (error) {
    if (error instanceof Failure) return error.finding;
    if (error instanceof Finding) return error;
    throw error;
  }
  t.fail('no finding');
  return new Finding('', '');
}
