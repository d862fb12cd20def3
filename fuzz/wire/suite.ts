import { withInput } from '../failure.js';
import { startServer } from '../server.js';
import type { Context, Suite } from '../suite.js';
import { fuzzControl, fuzzTraffic, type Subject, sweepEscapes } from './fuzz.js';
import { learnBodies } from './known.js';
import { formatMemory, requireFlat, type Sample } from './memory.js';
import { formatTally, makeTally } from './tally.js';

/** How many inputs are tried between two looks at the clock. */
const RUNS = 20;

/** How often a person is told, and how often memory is read, in milliseconds. */
const TOLD = 5_000;
const READ = 250;

/** A heap that may not grow at will fills soon, so that a leak is seen as growth or as an end of the process. */
const BOUNDED = { node: ['--max-old-space-size=64', '--max-semi-space-size=2'] };

/** Sends what no client should over raw sockets, and requires the contract's answer, a live process and flat memory. */
export const wire: Suite = {
  summary: 'random, broken and over-long requests over raw sockets: each answer is HTTP and the contract',
  isEndless: true,
  async run({ seed, duration, say }: Context) {
    let server = await startServer(BOUNDED);
    const samples: Sample[] = [];
    const tally = makeTally();
    const begin = performance.now();
    const read = () => {
      if (server.trouble() === undefined) samples.push({ at: performance.now(), bytes: server.readMemory() });
    };
    const tell = () => `${formatTally(tally)}; memory ${formatRange(samples)}`;
    const watches = [setInterval(read, READ), setInterval(() => say(tell()), TOLD)];
    try {
      read();
      const revive = async () => {
        if (server.trouble() !== undefined) {
          await server.stop();
          server = await startServer(BOUNDED);
        }
        return server;
      };
      const known = await withInput('all that the bundled fixtures hold', seed, () => learnBodies(server));
      const subject: Subject = { server: revive, known, tally };
      await sweepEscapes(subject, seed);
      for (let batch = seed; performance.now() - begin < duration; batch += 1) {
        await fuzzTraffic(subject, { seed: batch, runs: RUNS });
        await fuzzControl(subject, { seed: batch, runs: RUNS });
      }
      read();
      await withInput('all of the run', seed, () => requireFlat(samples));
      return tell();
    } finally {
      for (const watch of watches) clearInterval(watch);
      await server.stop();
    }
  },
};

const formatRange = (samples: readonly Sample[]): string =>
  `${formatMemory(samples[0]?.bytes ?? 0)} at the start, ${formatMemory(samples.at(-1)?.bytes ?? 0)} now`;
