import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { COMPANY, generateFixtures } from '../src/commands/generate.js';
import { createRandom } from '../src/faults/sessions.js';

const SEED = 1;

/** The number of versions that the rows are measured with, each of which has a target. */
export const VERSIONS = 100_000;

/** A key for all generated versions. */
export const KEY = 'pat.bench.dev.local';

/** A key without a grant for them: 403. */
export const OTHER_KEY = 'pat.bench.other.local';

/** The parts of a target. */
export interface Version {
  registry: string;
  artifact: string;
  artifactType?: string;
  version: string;
}

/** `published` has slashes and markers as in the vendor's documentation; `encoded` has one segment per parameter. */
export type Spelling = 'published' | 'encoded';

/** Files of targets, one a line, in random order. */
export interface TargetLists {
  /** Targets of versions that exist. */
  found: string;
  /** One of them. */
  one: string;
  /** Targets of versions that do not exist. */
  unknown: string;
  /** Targets with an invalid parameter. */
  invalid: string;
}

/** Ends the versions that do not exist. */
export const UNKNOWN_SUFFIX = '-none';

/** Writes a fixture of generated versions, the same every time; returns up to `VERSIONS` of them, evenly distributed. */
export async function writeVersions(file: string, count: number): Promise<Version[]> {
  const step = Math.ceil(count / VERSIONS);
  const sample: Version[] = [];
  let line = 0;
  function* collectSample(): Generator<string> {
    for (const piece of generateFixtures(count, SEED)) {
      for (const text of piece.trimEnd().split('\n')) {
        if (line % step === 0) sample.push(JSON.parse(text));
        line += 1;
      }
      yield piece;
    }
  }
  await pipeline(collectSample(), createWriteStream(file));
  return sample;
}

/** Writes a fixture with both keys. */
export function writeKeys(file: string): void {
  const apiKeys = [
    { key: KEY, name: 'bench', grants: [COMPANY] },
    { key: OTHER_KEY, name: 'other', grants: ['acme'] },
  ];
  writeFileSync(file, JSON.stringify({ apiKeys }));
}

/** Writes the lists of targets of some versions into a new folder. */
export function writeTargets(folder: string, versions: readonly Version[], spelling: Spelling): TargetLists {
  mkdirSync(folder, { recursive: true });
  const shuffled = shuffle(versions);
  const write = (name: string, targets: readonly string[]) => {
    const file = join(folder, name);
    writeFileSync(file, `${targets.join('\n')}\n`);
    return file;
  };
  const targets = shuffled.map((version) => formatTarget(version, spelling));
  return {
    found: write('found', targets),
    one: write('one', targets.slice(0, 1)),
    unknown: write(
      'unknown',
      shuffled.map((one) => formatTarget({ ...one, version: one.version + UNKNOWN_SUFFIX }, spelling)),
    ),
    invalid: write(
      'invalid',
      shuffled.map((one) => formatTarget({ ...one, artifactType: 'x' }, spelling)),
    ),
  };
}

/** Writes a list of `VERSIONS` distinct targets, however few the versions are: an ignored parameter differs. */
export function writeDistinctTargets(file: string, versions: readonly Version[]): void {
  const shuffled = shuffle(versions);
  const targets = Array.from({ length: VERSIONS }, (_, index) => {
    const target = formatTarget(shuffled[index % shuffled.length] as Version, 'published');
    return `${target}${target.includes('?') ? '&' : '?'}n=${index}`;
  });
  writeFileSync(file, `${targets.join('\n')}\n`);
}

/** Formats the request target of a version. A name with a slash ends in the marker `/+`. */
export function formatTarget({ registry, artifact, artifactType, version }: Version, spelling: Spelling): string {
  const encode = (name: string) =>
    spelling === 'encoded' ? encodeURIComponent(name) : name.split('/').map(encodeSegment).join('/');
  const name = artifact.includes('/') ? `${artifact}/+` : artifact;
  const path = `${encode(`${registry}/+`)}/artifact/${encode(name)}/version/${encodeURIComponent(version)}/details`;
  return `/har/api/v1/registry/${path}${artifactType === undefined ? '' : `?artifact_type=${artifactType}`}`;
}

const encodeSegment = (segment: string): string => (segment === '+' ? segment : encodeURIComponent(segment));

function shuffle<Item>(items: readonly Item[]): Item[] {
  const random = createRandom(SEED);
  const shuffled = [...items];
  for (let index = shuffled.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [shuffled[index], shuffled[other]] = [shuffled[other] as Item, shuffled[index] as Item];
  }
  return shuffled;
}
