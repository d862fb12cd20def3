import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeVersions } from '../data.js';
import { programFile } from '../files.js';
import { environment } from '../process.js';
import { rotate, type Spread, spread } from '../statistics.js';

const run = promisify(execFile);

/** How fast versions were written. */
export interface Seeding {
  title: string;
  place: 'memory' | 'file';
  versionsPerSecond: Spread;
}

const WAYS = [
  { title: 'this server, from NDJSON', program: 'seed.mjs' },
  { title: 'bare better-sqlite3, rows in memory', program: 'insert.mjs' },
].flatMap((way) => (['memory', 'file'] as const).map((place) => ({ ...way, place })));

/** Seeds versions into memory and into a file, and does the same with a bare loop of inserts. */
export async function measureSeeding(folder: string, count: number, rounds: number): Promise<Seeding[]> {
  const fixture = join(folder, 'seeding.ndjson');
  await writeVersions(fixture, count);
  const rates = WAYS.map((way) => ({ way, all: [] as number[] }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { way, all } of rotate(rates, round)) {
      const milliseconds = await seed(way.program, fixture, way.place === 'file' ? [join(folder, 'seeding.db')] : []);
      all.push((count / milliseconds) * 1_000);
    }
  }
  rmSync(fixture);
  return rates.map(({ way: { title, place }, all }) => ({ title, place, versionsPerSecond: spread(all) }));
}

async function seed(program: string, fixture: string, db: string[]): Promise<number> {
  const { stdout } = await run(process.execPath, [programFile(program), fixture, ...db], { env: environment() });
  for (const file of db) for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
  return Number(stdout);
}
