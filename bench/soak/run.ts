import { performance } from 'node:perf_hooks';
import { requireAnswer } from '../ask.js';
import type { Progress } from '../command.js';
import { findGenerator, generateLoad } from '../load/generator.js';
import type { Program } from '../load/program.js';
import { describeMachine, type Machine } from '../report/machine.js';
import { makeMock } from '../servers/mock.js';
import { startServer } from '../servers/start.js';
import type { Plan } from './options.js';
import { control, prepareTraffic, reset, type Traffic } from './traffic.js';

/** Maximum duration of one measurement, in seconds. */
const INTERVAL = 5;

/** The time between two resets, in milliseconds. */
const RESET_INTERVAL = 60_000;

/** What was measured in one interval. */
export interface Point {
  /** The end of the interval, in minutes from the start. */
  minute: number;
  /** Of all streams. */
  requestsPerSecond: number;
  /** Of the requests that are found, in milliseconds. */
  p99: number;
  /** Resident memory at the end, in bytes. */
  memory: number;
}

/** The results of a soak. */
export interface Soak {
  date: string;
  machine: Machine;
  /** The load generator. */
  load: string;
  version: string;
  points: readonly Point[];
  /** The number of requests of the load generator. */
  answered: number;
  /** The number of requests of the tester. */
  controlled: number;
  resets: number;
}

/** Runs a soak. Throws an Error for the first request that fails or gets an unexpected answer. */
export async function soak(plan: Plan, folder: string, progress: Progress): Promise<Soak> {
  const generator = findGenerator(plan.load);
  const traffic = await prepareTraffic(folder);
  const flags = traffic.fixtures.flatMap((file) => ['--fixtures', file]);
  const server = makeMock(flags, { distinct: traffic.streams[0].workload });
  const { url, child } = await startServer(server);
  try {
    const found = { points: [] as Point[], answered: 0, controlled: 0, resets: 0 };
    const begin = performance.now();
    const elapsed = () => performance.now() - begin;
    while (elapsed() < plan.minutes * 60_000) {
      if (elapsed() >= (found.resets + 1) * RESET_INTERVAL) {
        await reset(url);
        found.resets += 1;
      }
      const { answered, controlled, ...measured } = await measure(generator, url, traffic, plan);
      const point = { ...measured, minute: elapsed() / 60_000, memory: child.readMemory() };
      found.points.push(point);
      found.answered += answered;
      found.controlled += controlled;
      progress(
        `${point.minute.toFixed(1)} of ${plan.minutes} minutes: ${point.requestsPerSecond.toFixed()} requests/s`,
      );
    }
    const date = new Date().toISOString().slice(0, 10);
    return { date, machine: describeMachine(), load: generator.title, version: server.version, ...found };
  } finally {
    await child.stop();
  }
}

/** Generates the load of all streams at once, while the tester sends its requests. */
async function measure(generator: Program, url: string, { streams }: Traffic, { minutes }: Plan) {
  const seconds = Math.max(1, Math.min(INTERVAL, Math.floor(minutes * 60)));
  for (const { workload } of streams) await requireAnswer(url, workload);
  let isOver = false;
  const loads = Promise.all(streams.map((stream) => generateLoad(generator, { url, seconds, ...stream })));
  const measuring = loads.finally(() => {
    isOver = true;
  });
  const controlling = (async () => {
    let count = 0;
    while (!isOver) count += await control(url, streams[0].workload.path);
    return count;
  })();
  const [samples, controlled] = await Promise.all([measuring, controlling]);
  const sum = (of: 'requestsPerSecond' | 'answered') => samples.reduce((total, sample) => total + sample[of], 0);
  const [found] = samples;
  return {
    requestsPerSecond: sum('requestsPerSecond'),
    p99: found?.p99 as number,
    answered: sum('answered'),
    controlled,
  };
}
