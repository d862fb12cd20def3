import { check, type IAsyncProperty } from 'fast-check';
import { Failure, Finding } from './failure.js';

/** How long a smaller input is looked for, once one has been found that fails, in milliseconds. */
const SHRINK_LIMIT = 60_000;

/** How a property is tried. */
export interface Trial<Input> {
  seed: number;
  /** How many inputs are tried. */
  runs: number;
  /** Makes an input that fails smaller still, where fast-check cannot; takes and returns what is found with it. */
  shrink?(input: Input, finding: Finding): Promise<{ input: Input; finding: Finding }>;
  /** Writes an input as people read it. */
  show(input: Input): string;
}

/** Tries a property. Throws a Failure with the smallest input that was found to break it. */
export async function tryProperty<Input>(
  property: IAsyncProperty<[Input]>,
  { seed, runs, show, shrink }: Trial<Input>,
): Promise<void> {
  const { failed, counterexample, errorInstance } = await check(property, {
    seed,
    numRuns: runs,
    interruptAfterTimeLimit: SHRINK_LIMIT,
  });
  if (!failed) return;
  if (!(errorInstance instanceof Finding)) throw errorInstance;
  const [found] = counterexample as [Input];
  const { input, finding } = (await shrink?.(found, errorInstance)) ?? { input: found, finding: errorInstance };
  throw new Failure(finding, show(input), seed);
}
