import { setTimeout as sleep } from 'node:timers/promises';
import { ANSWERS } from './answers.js';
import { findGenerator, type Generator } from './load/generator.js';
import { measureRequests } from './measure/requests.js';
import { measureSeeding } from './measure/seeding.js';
import { measureStarts } from './measure/starts.js';
import { measureStores } from './measure/stores.js';
import { warm } from './measure/warm.js';
import type { Plan } from './options.js';
import type { Progress } from './progress.js';
import { describeMachine } from './report/machine.js';
import type { Measured, MeasuredStore, Report } from './report/report.js';
import { type Summary, summarise } from './report/summary.js';
import { preparers } from './servers/all.js';
import { LIMIT } from './servers/names.js';
import type { Absence, Server } from './servers/server.js';
import { type Running, startServer } from './servers/start.js';

/** How long a server is left alone before its memory at rest is read, in milliseconds. */
const REST = 1_000;

/** Measures all that a plan names. Takes an empty folder for files; throws an Error where a server or an answer fails. */
export async function runBenchmark(plan: Plan, folder: string, progress: Progress): Promise<Report> {
  const generator = findGenerator(plan.load);
  const prepared = plan.servers.map((name) => preparers[name](name, folder));
  const servers = prepared.filter((server): server is Server => 'command' in server);
  const absent = prepared.filter((server): server is Absence => 'reason' in server);
  for (const { title, reason } of absent) progress(`${title} is left out: ${reason}`);

  progress('starts');
  const starts = await measureStarts(servers, plan.rounds);
  const compared = await compareServers(plan, servers, starts, generator, progress);
  const hasMock = servers.some(({ name }) => name === 'mock');
  const stores = hasMock ? await compareStores(plan, servers, folder, generator, progress) : [];
  if (hasMock) progress(`seeding of ${plan.seeded} versions`);
  const seedings = hasMock ? await measureSeeding(folder, plan.seeded, Math.min(plan.rounds, 3)) : [];
  const date = new Date().toISOString().slice(0, 10);
  return { date, machine: describeMachine(), load: generator.title, plan, absent, ...compared, stores, seedings };
}

async function compareServers(
  plan: Plan,
  servers: readonly Server[],
  starts: ReadonlyMap<string, number>,
  generator: Generator,
  progress: Progress,
): Promise<{ servers: Measured[]; summaries: Summary[] }> {
  const cells = ANSWERS.flatMap((answer) => plan.connections.map((connections) => ({ answer, connections })));
  return whileRunning(servers, async (running) => {
    await sleep(REST);
    const rest = new Map(running.map(({ server, child }) => [server.name, child.readMemory()]));
    for (const one of running) {
      progress(`warming ${one.server.title}`);
      await warm(generator, one, ANSWERS, plan.probes);
    }
    const measurements = await measureRequests(generator, running, cells, plan, progress);
    const measured = running.map(({ server, child }) => ({
      ...server,
      ready: starts.get(server.name) as number,
      rest: rest.get(server.name) as number,
      loaded: child.readMemory(),
    }));
    return { servers: measured, summaries: summarise(measurements) };
  });
}

async function compareStores(
  plan: Plan,
  servers: readonly Server[],
  folder: string,
  generator: Generator,
  progress: Progress,
): Promise<MeasuredStore[]> {
  const limit = servers.filter(({ name }) => name === LIMIT);
  return whileRunning(limit, async (running) => {
    const { measurements, stores } = await measureStores(folder, generator, running, plan, progress);
    const summaries = summarise(measurements);
    return stores.map((store) => ({
      ...(summaries.find(({ server }) => server === store.server) as Summary),
      ...store,
    }));
  });
}

/** Starts servers, uses them, and stops them whatever happens. */
async function whileRunning<Result>(
  servers: readonly Server[],
  use: (running: Running[]) => Promise<Result>,
): Promise<Result> {
  const running: Running[] = [];
  try {
    for (const server of servers) running.push(await startServer(server));
    return await use(running);
  } finally {
    await Promise.all(running.map(({ child }) => child.stop()));
  }
}
