import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeVersions } from '../data.js';
import { ROOT } from '../files.js';
import type { Generator } from '../load/generator.js';
import type { Plan } from '../options.js';
import type { Progress } from '../progress.js';
import { makeMock } from '../servers/mock.js';
import { type Running, startServer } from '../servers/start.js';
import { type Measurement, measureRequests } from './requests.js';
import { measureReset } from './reset.js';
import { warm } from './warm.js';

/** This server on a store in a file. */
export interface StoreMeasurement {
  /** The name of the server in the measurements. */
  server: string;
  versions: number;
  /** The time from a spawn on the filled file to the first 200, in milliseconds. */
  ready: number;
  /** In milliseconds. */
  reset: number;
  /** After the load, in bytes. */
  memory: number;
  /** How large the file is, in bytes. */
  size: number;
}

/** How many connections ask for the hit in a store. */
const CONNECTIONS = 32;

/** How many resets the median is of. */
const RESETS = 21;

interface OpenStore {
  versions: number;
  db: string;
  running: Running;
}

/** Measures the same hit in stores of several sizes, beside the limit where it runs, and a reset of each. */
export async function measureStores(
  folder: string,
  generator: Generator,
  limit: readonly Running[],
  plan: Plan,
  progress: Progress,
): Promise<{ measurements: Measurement[]; stores: StoreMeasurement[] }> {
  const open: OpenStore[] = [];
  try {
    for (const versions of plan.stores) {
      progress(`store of ${versions} versions`);
      open.push(await openStore(folder, versions));
    }
    const servers = open.map(({ running }) => running);
    for (const running of servers) await warm(generator, running, ['hit'], plan.probes);
    const cells = [{ answer: 'hit', connections: CONNECTIONS } as const];
    const measurements = await measureRequests(generator, [...limit, ...servers], cells, plan, progress);
    const stores: StoreMeasurement[] = [];
    for (const store of open) stores.push(await describeStore(store));
    return { measurements, stores };
  } finally {
    for (const { running } of open) await running.child.stop();
  }
}

/** Seeds a file with the bundled fixtures and so many versions more, and serves it in a process of its own. */
async function openStore(folder: string, versions: number): Promise<OpenStore> {
  const bulk = join(folder, `${versions}.ndjson`);
  const db = join(folder, `${versions}.db`);
  const name = `mock of ${versions}`;
  await writeVersions(bulk, versions);
  const fixtures = ['--fixtures', join(ROOT, 'fixtures'), '--fixtures', bulk];
  const seeder = await startServer(makeMock(name, ['--db', db, ...fixtures]));
  await seeder.child.stop();
  rmSync(bulk);
  return { versions, db, running: await startServer(makeMock(name, ['--db', db])) };
}

async function describeStore({ versions, db, running }: OpenStore): Promise<StoreMeasurement> {
  const { server, url, child, ready } = running;
  const memory = child.readMemory();
  const reset = await measureReset(url, RESETS);
  return { server: server.name, versions, ready, reset, memory, size: statSync(db).size };
}
