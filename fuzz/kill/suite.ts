import { killRounds } from '../../test/system/durability/kill.js';
import { Failure, Finding } from '../failure.js';
import type { Suite } from '../suite.js';

const ROUNDS = 100;

/** Kills a server during changes of its store, and checks that the next start finds the data before or after the change. */
export const kill: Suite = {
  summary: `kill -9 at ${ROUNDS} random moments of each change of a store in a file`,
  isTimed: false,
  async run({ seed, log }) {
    let last = 'no kill yet';
    const report = (line: string) => {
      last = line;
      log(line);
    };
    try {
      const kills = await killRounds(ROUNDS, seed, report);
      return kills.map(({ change, before, after }) => `${change} ${before} before, ${after} after`).join('; ');
    } catch (error) {
      const finding = new Finding('the complete data before or after the change', (error as Error).message);
      throw new Failure(finding, `the kill after: ${last}`, seed);
    }
  },
};
