import { join } from 'node:path';
import type { Progress } from './command.js';
import { VERSIONS, writeKeys, writeTargets, writeVersions } from './data.js';
import { findGenerator } from './load/generator.js';
import { measureRequests } from './measure/requests.js';
import { measureSeeding } from './measure/seeding.js';
import { measureStarts, type Starts } from './measure/starts.js';
import { measureStores } from './measure/stores.js';
import type { Part, Plan } from './options.js';
import { describeMachine } from './report/machine.js';
import type { Report } from './report/report.js';
import { preparers } from './servers/all.js';
import type { Absence, Data, Server } from './servers/server.js';
import { whileRunning } from './servers/start.js';
import { ROWS } from './workloads.js';

const MAX_SEEDING_ROUNDS = 3;

/** Measures the parts of a plan. Throws an Error if a server fails or an answer is not as expected. */
export async function runBenchmark(plan: Plan, folder: string, progress: Progress): Promise<Report> {
  const generator = findGenerator(plan.load);
  const data = await writeData(folder);
  const prepared = plan.servers.map((name) => preparers[name](data));
  const servers = prepared.filter((found): found is Server[] => Array.isArray(found));
  const absent = prepared.filter((found): found is Absence => 'reason' in found);
  for (const { title, reason } of absent) progress(`${title} is left out: ${reason}`);
  const named = servers.map(([first]) => first as Server);
  const includes = (part: Part) => plan.parts.includes(part);

  let starts = new Map<string, Starts>();
  if (includes('start')) {
    progress('start');
    starts = await measureStarts(named, plan.rounds);
  }
  const rows = ROWS.filter(includes);
  const measured = servers.flat().filter(({ workloads }) => rows.some((row) => workloads[row] !== undefined));
  const requests = await whileRunning(measured, async (running) => ({
    measurements: await measureRequests(generator, running, rows, plan, progress),
    // Of several processes with one name, the first counts.
    memory: new Map(running.map(({ server, child }) => [server.name, child.readMemory()] as const).reverse()),
  }));
  const stores = includes('stores') ? await measureStores(folder, generator, plan, progress) : undefined;
  let seedings: Report['seedings'] = [];
  if (includes('seeding')) {
    progress('seeding');
    seedings = await measureSeeding(folder, plan.seeded, Math.min(plan.rounds, MAX_SEEDING_ROUNDS));
  }
  const date = new Date().toISOString().slice(0, 10);
  const conditions = { date, machine: describeMachine(), load: generator.title, plan };
  return { ...conditions, servers: named, absent, starts, ...requests, stores, seedings };
}

/** Writes the data that all servers are prepared with. */
async function writeData(folder: string): Promise<Data> {
  const fixtures = [join(folder, 'versions.ndjson'), join(folder, 'keys.json')] as const;
  const versions = await writeVersions(fixtures[0], VERSIONS);
  writeKeys(fixtures[1]);
  const lists = {
    published: writeTargets(join(folder, 'published'), versions, 'published'),
    encoded: writeTargets(join(folder, 'encoded'), versions, 'encoded'),
  };
  return { folder, fixtures, lists };
}
