import { check, type IAsyncProperty } from 'fast-check';
import { Failure, Finding } from './failure.js';

/** How long a run and its shrinking may take, in milliseconds. */
const TIME_LIMIT = 60_000;

/** The random inputs of one seed. */
export interface Batch {
  seed: number;
  /** The number of inputs. */
  runs: number;
}

interface Trial<Input> extends Batch {
  /** Shrinks a failing input further than fast-check can. */
  shrink?(input: Input, finding: Finding): Promise<{ input: Input; finding: Finding }>;
  /** Formats an input for people. */
  show(input: Input): string;
}

/** Checks a property. Throws a Failure with the smallest failing input that was found. */
export async function checkProperty<Input>(
  property: IAsyncProperty<[Input]>,
  { seed, runs, show, shrink }: Trial<Input>,
): Promise<void> {
  const { failed, counterexample, errorInstance } = await check(property, {
    seed,
    numRuns: runs,
    interruptAfterTimeLimit: TIME_LIMIT,
  });
  if (!failed) return;
  if (!(errorInstance instanceof Finding)) throw errorInstance;
  const [found] = counterexample as [Input];
  const { input, finding } = (await shrink?.(found, errorInstance)) ?? { input: found, finding: errorInstance };
  throw new Failure(finding, show(input), seed);
}
