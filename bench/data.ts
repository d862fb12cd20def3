import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { generateFixtures } from '../src/generate/fixtures.js';

const SEED = 1;

/** Writes a fixture of so many versions, one a line, as `generate` does; the same every time. */
export async function writeVersions(file: string, count: number): Promise<void> {
  await pipeline(generateFixtures(count, SEED), createWriteStream(file));
}
