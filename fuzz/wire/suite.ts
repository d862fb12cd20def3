import { withInput } from '../failure.js';
import { startServer } from '../service.js';
import type { Suite } from '../suite.js';
import { fuzzAbandoned } from './abandon.js';
import { createSubject, fuzzAdmin, fuzzTraffic, sweepEscapes } from './fuzz.js';
import { learnBodies } from './known.js';
import { formatMemory, requireFlat, type Sample } from './memory.js';
import { formatTally } from './tally.js';

/** Inputs between two looks at the clock. */
const RUNS = 20;

/** In milliseconds. */
const REPORT_INTERVAL = 5_000;

/** A small heap shows a leak soon, as growth or as the end of the process. */
const SMALL_HEAP = ['--max-old-space-size=64', '--max-semi-space-size=2'];

/** Sends arbitrary bytes over raw sockets, and requires answers of the contract, a running process and flat memory. */
export const wire: Suite = {
  summary: 'random, broken and over-long requests over raw sockets: each answer is HTTP and matches the contract',
  isTimed: true,
  async run({ seed, duration, log }) {
    const learn = () => createSubject(() => startServer(SMALL_HEAP), learnBodies);
    const subject = await withInput('the calls of the bundled fixtures', seed, learn);
    const samples: Sample[] = [];
    const sample = async () => {
      const server = await subject.server();
      samples.push({ at: performance.now(), bytes: server.readMemory() });
    };
    const format = () => `${formatTally(subject.tally)}; memory ${formatRange(samples)}`;
    const timer = setInterval(() => log(format()), REPORT_INTERVAL);
    const begin = performance.now();
    try {
      await sample();
      await sweepEscapes(subject, seed);
      for (let batch = seed; performance.now() - begin < duration; batch += 1) {
        await fuzzTraffic(subject, { seed: batch, runs: RUNS });
        await sample();
        await fuzzAdmin(subject, { seed: batch, runs: RUNS });
        await fuzzAbandoned(subject, { seed: batch, runs: 2 });
        await sample();
      }
      await withInput('the whole run', seed, () => requireFlat(samples));
      return format();
    } finally {
      clearInterval(timer);
      await subject.stop();
    }
  },
};

const formatRange = (samples: readonly Sample[]): string =>
  `${formatMemory(samples[0]?.bytes ?? 0)} at the start, ${formatMemory(samples.at(-1)?.bytes ?? 0)} now`;
