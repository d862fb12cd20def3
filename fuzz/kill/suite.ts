import { killRounds } from '../../test/durability/kill.js';
import { Failure, Finding } from '../failure.js';
import type { Context, Suite } from '../suite.js';

/** How often each change of a store is killed. */
const ROUNDS = 100;

/** Kills a server amid changes of its store, and requires that the next start finds the data before or after the change, whole. */
export const kill: Suite = {
  summary: `kill -9 at ${ROUNDS} random moments of each change of a store in a file`,
  isEndless: false,
  async run({ seed, say }: Context) {
    let last = 'no kill yet';
    const tell = (line: string) => {
      last = line;
      say(line);
    };
    try {
      const kills = await killRounds(ROUNDS, seed, tell);
      return kills.map(({ change, before, after }) => `${change} ${before} before, ${after} after`).join('; ');
    } catch (error) {
      const finding = new Finding('the data before or after the change, whole', (error as Error).message);
      throw new Failure(finding, `the kill after this one: ${last}`, seed);
    }
  },
};
