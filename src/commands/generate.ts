import { pipeline } from 'node:stream/promises';
import { PACKAGE_TYPES, type PackageType } from '../api/schema.js';
import { readOptions } from '../config/load.js';
import { createRandom } from '../faults/sessions.js';
import { UserError } from '../util/errors.js';
import { GENERATE_FLAGS } from './help.js';
import type { Command } from './io.js';

/**
 * `generate --versions N [--seed S]`: prints N versions of a made-up company as an NDJSON fixture. A reader that closes
 * the pipe early, as in `… | head -1`, ends it with exit code 0.
 */
export const run: Command = async ({ flags }, { stdout }) => {
  const { versions, seed } = readOptions(GENERATE_FLAGS, flags);
  if (versions === undefined) {
    throw new UserError(`generate: expected --versions, ${GENERATE_FLAGS.versions.expected}`, 2);
  }
  try {
    await pipeline(generateFixtures(versions, seed), stdout, { end: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EPIPE') throw new UserError(`generate: cannot write the output (${code})`, 1, { cause: error });
  }
  return 0;
};

/** The account of the made-up company, and the namespace of its packages. */
export const COMPANY = 'globex';

/** The words of names: together 600 pairs. */
const DOMAINS = `account audit auth basket billing booking catalogue checkout customer delivery fraud inventory invoice
  ledger order payment pricing product refund report search shipping stock tax wallet`.split(/\s+/);
const THINGS = `adapter agent api archive bridge cache client common config console core events exporter feed gateway
  index jobs kit loader metrics proxy queue service worker`.split(/\s+/);

const SCOPES = ['', '/platform', '/commerce', '/data', '/infra'].flatMap((organisation) =>
  ['', '/web', '/mobile', '/search', '/identity', '/billing', '/logistics']
    .filter((project) => organisation !== '' || project === '')
    .map((project) => COMPANY + organisation + project),
);

/**
 * The registry, names and versions of each package type (source: upstream, run): of D and T, the words of a name, V, the
 * numbers of a version, and B, those of a build. The names alternate; the versions are a candidate, its release, a build.
 */
const STYLES: Record<PackageType, readonly [registry: string, names: string, versions: string]> = {
  DOCKER: ['images', 'D/T D-T', 'V-rc.1 V'],
  MAVEN: ['maven-releases', `com.${COMPANY}.D:D-T`, 'V-RC1 V'],
  PYTHON: ['pypi', `${COMPANY}-D-T`, 'Vrc1 V V+local.B'],
  GENERIC: ['downloads', 'D/T D-T', 'V-rc.1 V V+build.B'],
  HELM: ['charts', 'D-T', 'V-rc.1 V V_build.B'],
  NUGET: ['nuget', `${COMPANY}.D.T`, 'V-rc.1 V V+build.B'],
  NPM: ['npm', `@${COMPANY}/D-T D-T`, 'V-rc.1 V V+build.B'],
  RPM: ['rpm-stable', 'D-T', 'V-0.rc1.noarch V-1.noarch'],
  CARGO: ['crates', 'D_T', 'V-rc.1 V V+build.B'],
  GO: ['go-modules', `go.${COMPANY}.example/D/T`, 'vV-rc.1 vV'],
  HUGGINGFACE: ['models', 'D-T', 'vV-rc.1 vV'],
};

/** Limits of the number of versions, equally likely: most artifacts have few versions, and few have many. */
const VERSION_LIMITS = [3, 6, 9, 12, 16, 24, 60, 200];

/** The company publishes from 2018 to the end of 2024, in epoch seconds. */
const BEGIN = 1_514_764_800;
const END = 1_735_689_600;

/** Draws a whole number from 0 up to, but not including, the limit; the same on every platform. */
type Draw = (limit: number) => number;

/**
 * Generates versions of a made-up company as NDJSON fixtures, an artifact at a time. The same seed, a whole number
 * from 0 to 2^32 - 1, gives the same bytes everywhere, and fewer versions are a prefix of more. No version comes twice.
 */
export function* generateFixtures(versions: number, seed: number): Generator<string> {
  const random = createRandom(seed);
  const draw: Draw = (limit) => Math.floor(random() * limit);
  const types = PACKAGE_TYPES.length;
  const artifactCounts = new Array<number>(types * SCOPES.length).fill(0);
  let left = versions;
  for (let made = 0; left > 0; made += 1) {
    // The first artifacts are in one registry of each package type; then one is added after every 30 artifacts.
    const registry = made < types ? made : draw(Math.min(artifactCounts.length, types + made / 30));
    const index = artifactCounts[registry] as number;
    artifactCounts[registry] = index + 1;
    // Even the first hundred lines have many artifacts.
    const count = 1 + draw(Math.min(VERSION_LIMITS[draw(VERSION_LIMITS.length)] as number, made + 6));
    const lines = [...writeVersions(registry, registry + index, count, draw)].slice(0, left);
    left -= lines.length;
    yield lines.join('');
  }
}

/** Writes the versions of an artifact, one JSON line each. Versions and dates rise, so that no two are equal. */
function* writeVersions(registry: number, artifact: number, count: number, draw: Draw): Generator<string> {
  const type = registry % PACKAGE_TYPES.length;
  const packageType = PACKAGE_TYPES[type] as PackageType;
  const [registryName, names, versions] = STYLES[packageType];
  const scope = SCOPES[(Math.floor(registry / PACKAGE_TYPES.length) + type * 5) % SCOPES.length];
  const name = pick(names.split(' '), artifact).replace(/[DT]/g, (word) => wordsOf(artifact)[word as 'D' | 'T']);
  const [candidate = '', released = '', built = released] = versions.split(' ');
  const hasSize = packageType !== 'GENERIC' && packageType !== 'PYTHON';
  const typicalSize = 1024 + draw(2 ** (12 + draw(20)));
  const firstRelease = draw(60);
  let created = BEGIN + draw(END - BEGIN - count);
  const maxPause = Math.floor((END - created) / count);
  for (let written = 0; written < count; written += 1) {
    // Every seventh version is a candidate, and the next one its release.
    const release = firstRelease + written - Math.floor((written + 6) / 7);
    const numbers = `${Math.floor(release / 40)}.${Math.floor(release / 5) % 8}.${release % 5}`;
    const style = written % 7 === 0 ? candidate : draw(12) === 0 ? built : released;
    const isOldGo = packageType === 'GO' && release >= 80;
    const version = style.replace('V', numbers).replace('B', String(draw(900))) + (isOldGo ? '+incompatible' : '');
    const size = typicalSize + draw(typicalSize / 8);
    const line = {
      registry: `${scope}/${registryName}`,
      packageType,
      artifact: name,
      artifactType: packageType === 'HUGGINGFACE' ? (artifact % 4 === 3 ? 'dataset' : 'model') : undefined,
      version,
      size: hasSize ? (packageType === 'NPM' || packageType === 'RPM' ? String(size) : size) : undefined,
      downloadCount: hasSize && packageType !== 'MAVEN' ? draw(10 ** (1 + draw(5))) : undefined,
      createdAt: `${created}000`,
      createdBy: `ci@${COMPANY}.example`,
      modifiedAt: `${created + (draw(6) === 0 ? draw(maxPause) : 0)}000`,
      quarantineReason: draw(150) === 0 ? `CVE-${2018 + draw(7)}-${10_000 + draw(40_000)}` : undefined,
      children: packageType === 'DOCKER' && draw(5) === 0 ? drawChildren(size, draw) : undefined,
      extra: extraOf(packageType, `pkg.${COMPANY}.example/${COMPANY}/${registryName}/${name}`, { name, version, size }),
    };
    yield `${JSON.stringify(line)}\n`;
    created += 1 + draw(maxPause);
  }
}

/** Returns the words with a number from 0, such as `worker-2` after all pairs are used; no two numbers have the same. */
export function wordsOf(number: number): Record<'D' | 'T', string> {
  // The factor is coprime to the number of pairs, so that its multiples visit every pair before one repeats.
  const pair = (number * 1031) % (DOMAINS.length * THINGS.length);
  const round = Math.floor(number / (DOMAINS.length * THINGS.length));
  const thing = pick(THINGS, pair);
  return { D: pick(DOMAINS, Math.floor(pair / THINGS.length)), T: round === 0 ? thing : `${thing}-${round + 1}` };
}

const pick = <Item>(items: readonly Item[], number: number): Item => items[number % items.length] as Item;

/** Returns the fields that a package type adds to a version (source: upstream, run). */
function extraOf(
  packageType: PackageType,
  place: string,
  metadata: Record<'name' | 'version', string> & { size: number },
): object | undefined {
  if (packageType === 'DOCKER') return { pullCommand: `docker pull ${place}:${metadata.version}` };
  if (packageType === 'HELM') return { pullCommand: `helm pull oci://${place} --version ${metadata.version}` };
  if (packageType === 'GENERIC') return { description: '' };
  return packageType === 'MAVEN' ? undefined : { metadata: { ...metadata, file_count: 1 } };
}

/** An image has a child for each of two or three platforms. */
function drawChildren(size: number, draw: Draw): object[] {
  const drawHex = () => (2 ** 32 + draw(2 ** 32)).toString(16).slice(1);
  return Array.from({ length: 2 + draw(2) }, () => ({
    version: `sha256:${Array.from({ length: 8 }, drawHex).join('')}`,
    size: size - draw(size / 8),
  }));
}
