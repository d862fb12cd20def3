import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const VERSIONS_PER_ARTIFACT = 100;
const ARTIFACTS_PER_REGISTRY = 100;

/** How many lines are written at once. */
const CHUNK = 1_000;

/** Writes a fixture of so many versions, one a line; the same every time. */
export async function writeVersions(file: string, count: number): Promise<void> {
  await pipeline(Readable.from(listChunks(count)), createWriteStream(file));
}

function* listChunks(count: number): Generator<string> {
  for (let first = 0; first < count; first += CHUNK) {
    const length = Math.min(CHUNK, count - first);
    yield Array.from({ length }, (_, index) => formatVersion(first + index)).join('');
  }
}

function formatVersion(index: number): string {
  const artifact = Math.floor(index / VERSIONS_PER_ARTIFACT);
  const registry = Math.floor(artifact / ARTIFACTS_PER_REGISTRY);
  const line = {
    registry: `acme/bulk/r${registry}`,
    packageType: 'GENERIC',
    artifact: `a${artifact % ARTIFACTS_PER_REGISTRY}`,
    version: `1.0.${index % VERSIONS_PER_ARTIFACT}`,
    size: index,
  };
  return `${JSON.stringify(line)}\n`;
}
