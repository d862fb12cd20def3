import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { requireStatus } from '../ask.js';
import type { Progress } from '../command.js';
import { writeDistinctTargets, writeKeys, writeVersions } from '../data.js';
import type { Program } from '../load/program.js';
import type { Plan } from '../options.js';
import { makeMock } from '../servers/mock.js';
import type { Server } from '../servers/server.js';
import { type Running, startServer, whileRunning } from '../servers/start.js';
import { median } from '../statistics.js';
import { makeWorkload } from '../workloads.js';
import { type Measurement, measureRequests } from './requests.js';

/** This server with a store in a file. */
export interface StoreMeasurement {
  /** The name of the server in the measurements. */
  server: string;
  versions: number;
  /** The time from spawn on the filled file to the first 200, in milliseconds. */
  ready: number;
  /** Median, in milliseconds. */
  reset: number;
  /** After the load, in bytes. */
  memory: number;
  /** Size of the file, in bytes. */
  size: number;
}

/** The number of resets. */
const RESETS = 21;

interface FilledStore {
  versions: number;
  db: string;
  server: Server;
}

/** Measures distinct targets in stores of several sizes, and their resets. */
export async function measureStores(
  folder: string,
  generator: Program,
  plan: Plan,
  progress: Progress,
): Promise<{ measurements: Measurement[]; stores: StoreMeasurement[] }> {
  const filled: FilledStore[] = [];
  for (const versions of plan.stores) {
    progress(`seeding a store of ${versions.toLocaleString('en-GB')} versions`);
    filled.push(await fillStore(folder, versions));
  }
  return whileRunning(
    filled.map(({ server }) => server),
    async (running) => {
      const measurements = await measureRequests(generator, running, ['distinct'], plan, progress);
      const stores: StoreMeasurement[] = [];
      for (const [index, store] of filled.entries()) stores.push(await describe(store, running[index] as Running));
      return { measurements, stores };
    },
  );
}

/** Seeds a file in a process that ends afterwards. */
async function fillStore(folder: string, versions: number): Promise<FilledStore> {
  const [fixture, keys, targets, db] = ['ndjson', 'keys.json', 'targets', 'db'].map((end) =>
    join(folder, `${versions}.${end}`),
  ) as [string, string, string, string];
  writeDistinctTargets(targets, await writeVersions(fixture, versions));
  writeKeys(keys);
  const distinct = makeWorkload('distinct', { found: targets, one: targets, unknown: targets, invalid: targets });
  const make = (flags: string[]) => makeMock(['--db', db, ...flags], { distinct });
  const seeder = await startServer(make(['--fixtures', fixture, '--fixtures', keys]));
  await seeder.child.stop();
  rmSync(fixture);
  return { versions, db, server: { ...make([]), name: String(versions) } };
}

async function describe({ versions, db }: FilledStore, { server, url, child, ready }: Running) {
  const memory = child.readMemory();
  const reset = await measureReset(url);
  return { server: server.name, versions, ready, reset, memory, size: statSync(db).size };
}

const FIXTURE = {
  registries: [
    {
      ref: 'acme/bench',
      packageType: 'GENERIC',
      artifacts: [{ name: 'a', versions: [{ version: '1.0.0', size: 1 }] }],
    },
  ],
};

/** Changes the data of a server and resets it, several times; returns the median of the resets in milliseconds. */
async function measureReset(url: string): Promise<number> {
  const resets: number[] = [];
  for (let time = 0; time < RESETS; time += 1) {
    await requireStatus(url, { method: 'PUT', path: '/__admin/fixtures', body: FIXTURE, status: 200 });
    const begin = performance.now();
    await requireStatus(url, { method: 'POST', path: '/__admin/reset', status: 204 });
    resets.push(performance.now() - begin);
  }
  return median(resets);
}
