import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeVersions } from '../data.js';
import { programFile } from '../files.js';
import { environment } from '../process.js';
import { rotate, type Spread, spread } from '../statistics.js';

const run = promisify(execFile);

/** How fast versions were written, in versions a second. */
export interface Seeding {
  title: string;
  place: 'memory' | 'file';
  versionsPerSecond: Spread;
}

const WAYS = [
  { title: 'this server, from NDJSON', program: 'seed.mjs' },
  { title: 'bare better-sqlite3, rows in memory', program: 'insert.mjs' },
].flatMap((way) => (['memory', 'file'] as const).map((place) => ({ ...way, place })));

/** Seeds so many versions so many times, into memory and into a file of the folder, beside a bare loop of inserts. */
export async function measureSeeding(folder: string, count: number, rounds: number): Promise<Seeding[]> {
  const fixtures = join(folder, 'seeding.ndjson');
  await writeVersions(fixtures, count);
  const rates = new Map(WAYS.map((way): [(typeof WAYS)[number], number[]] => [way, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const way of rotate(WAYS, round)) {
      const milliseconds = await seed(
        way.program,
        fixtures,
        way.place === 'file' ? join(folder, 'seeding.db') : undefined,
      );
      rates.get(way)?.push((count / milliseconds) * 1_000);
    }
  }
  rmSync(fixtures);
  return [...rates].map(([{ title, place }, all]) => ({ title, place, versionsPerSecond: spread(all) }));
}

async function seed(program: string, fixtures: string, db: string | undefined): Promise<number> {
  const args = [programFile(program), fixtures, ...(db === undefined ? [] : [db])];
  const { stdout } = await run(process.execPath, args, { env: environment() });
  if (db !== undefined) removeDatabase(db);
  return Number(stdout);
}

/** Deletes a database's file with those that SQLite may keep beside it. */
export function removeDatabase(file: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
}
