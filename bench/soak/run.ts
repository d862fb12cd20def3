import { performance } from 'node:perf_hooks';
import { requireAnswer } from '../ask.js';
import { findGenerator, type Generator } from '../load/generator.js';
import type { Progress } from '../progress.js';
import { describeMachine, type Machine } from '../report/machine.js';
import { makeMock } from '../servers/mock.js';
import { type Running, startServer } from '../servers/start.js';
import type { Plan } from './options.js';
import { control, reset, STREAMS } from './traffic.js';

/** How long one measurement lasts at most, in seconds. */
const INTERVAL = 5;

/** How often all is reset, in milliseconds. */
const RESET_INTERVAL = 60_000;

/** What was measured in one interval. */
export interface Point {
  /** When it ended, in minutes from the start. */
  minute: number;
  /** Of all streams together. */
  requestsPerSecond: number;
  /** Of the hits, in milliseconds. */
  p99: number;
  /** The resident memory at its end, in bytes. */
  memory: number;
}

/** What a soak has found. */
export interface Soak {
  date: string;
  machine: Machine;
  load: string;
  version: string;
  points: readonly Point[];
  /** How many requests of the streams were answered. */
  answered: number;
  /** How many requests of the tester were answered. */
  controlled: number;
  resets: number;
}

/**
 * Asks a server for everything at once for as long as a plan says. Throws an Error for the first request that fails, and
 * for an answer that is not as it must be.
 */
export async function soak(plan: Plan, progress: Progress): Promise<Soak> {
  const generator = findGenerator(plan.load);
  const server = makeMock('mock', []);
  const running = await startServer(server);
  try {
    const found = { points: [] as Point[], answered: 0, controlled: 0, resets: 0 };
    const begin = performance.now();
    const passed = () => performance.now() - begin;
    while (passed() < plan.minutes * 60_000) {
      if (passed() >= (found.resets + 1) * RESET_INTERVAL) {
        await reset(running.url);
        found.resets += 1;
      }
      const { answered, controlled, ...measured } = await measure(generator, running, plan);
      const point = { ...measured, minute: passed() / 60_000, memory: running.child.readMemory() };
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
    await running.child.stop();
  }
}

/** Asks for all streams at once, while a tester is at work; returns what came of it. */
async function measure(generator: Generator, { url }: Running, { minutes }: Plan) {
  const seconds = Math.max(1, Math.min(INTERVAL, Math.floor(minutes * 60)));
  for (const { request } of STREAMS) await requireAnswer(url, request);
  let isOver = false;
  const loads = STREAMS.map(({ request: { path, headers, status }, connections }) =>
    generator.measure({ url: url + path, headers, status, connections, seconds }),
  );
  const measuring = Promise.all(loads).finally(() => {
    isOver = true;
  });
  const controlling = (async () => {
    let count = 0;
    while (!isOver) count += await control(url);
    return count;
  })();
  const [samples, controlled] = await Promise.all([measuring, controlling]);
  const sum = (of: 'requestsPerSecond' | 'answered') => samples.reduce((total, sample) => total + sample[of], 0);
  const [hits] = samples;
  return {
    requestsPerSecond: sum('requestsPerSecond'),
    p99: hits?.p99 as number,
    answered: sum('answered'),
    controlled,
  };
}
