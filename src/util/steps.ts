import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';

/** Long work that pauses after each short step. */
export type Steps<Result> = Generator<void, Result>;

/** How long steps may run before other requests get a turn, in milliseconds. */
const MAX_TURN = 20;

/** How often the event loop runs between two turns: it accepts only one connection at a time, and needs more for an answer. */
const PAUSE = 20;

/** Runs all steps at once. */
export function runAtOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The last turn. They are given one by one, so that many long requests do not add up to a long wait for others. */
let turn = Promise.resolve();

/** Runs steps in turns with other requests. */
export async function runInTurns<Result>(steps: Steps<Result>): Promise<Result> {
  for (;;) {
    turn = turn.then(async () => {
      for (let runs = 0; runs < PAUSE; runs += 1) await setImmediate();
    });
    await turn;
    for (const begin = performance.now(); performance.now() - begin < MAX_TURN; ) {
      const { done, value } = steps.next();
      if (done) return value;
    }
  }
}

/** Yields parts in turns with other requests: one part a turn. */
export async function* inTurns<Part>(parts: Iterable<Part>): AsyncGenerator<Part> {
  for (const part of parts) {
    yield part;
    await setImmediate();
  }
}
