import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findAutocannon } from './autocannon.js';
import type { Load, Program, Sample } from './program.js';
import { findWrk } from './wrk.js';

/** The load generators, the preferred one first. */
export const LOAD_NAMES = ['wrk', 'autocannon'] as const;

export type LoadName = (typeof LOAD_NAMES)[number];

const finders: Record<LoadName, () => Program | undefined> = { wrk: findWrk, autocannon: findAutocannon };

const run = promisify(execFile);

/** Finds a load generator: the named one, or the first that is installed. Throws an Error if there is none. */
export function findGenerator(name: LoadName | undefined): Program {
  for (const candidate of name === undefined ? LOAD_NAMES : [name]) {
    const program = finders[candidate]();
    if (program !== undefined) return program;
  }
  throw new Error(`${name ?? LOAD_NAMES.join(' and ')}: not installed; install wrk, or run npm ci --prefix bench`);
}

/** Generates load. Throws an Error if a request fails or gets an unexpected status. */
export async function generateLoad(program: Program, load: Load): Promise<Sample> {
  const [file = '', ...args] = program.command(load);
  const { stdout } = await run(file, args);
  const { status } = load.workload;
  const sample = program.parse(stdout, status);
  requireExpected(sample, status);
  return sample;
}

/** Throws an Error if a request failed or got an unexpected status. */
export function requireExpected({ answered, expected, failed }: Sample, status: number): void {
  if (answered > 0 && answered === expected && failed === 0) return;
  throw new Error(`${expected} of ${answered} answers had status ${status}, and ${failed} requests failed`);
}
