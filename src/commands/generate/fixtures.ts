import { PACKAGE_TYPES, type PackageType } from '../../api/schema.js';
import { createRandom } from '../../faults/sessions.js';
import { COMPANY, extraOf, type Release, STYLES, type Words } from './styles.js';

const DOMAINS = `account audit auth basket billing booking catalogue checkout customer delivery fraud inventory invoice
  ledger order payment pricing product refund report search shipping stock tax`.split(/\s+/);

const THINGS = `adapter agent api archive bridge cache client common config console core events exporter feed gateway
  index jobs kit loader metrics proxy queue service worker`.split(/\s+/);

const PROJECTS = ['web', 'mobile', 'search', 'identity', 'billing', 'logistics'];

const SCOPES = [
  COMPANY,
  ...['platform', 'commerce', 'data', 'infra'].flatMap((organisation) => [
    `${COMPANY}/${organisation}`,
    ...PROJECTS.map((project) => `${COMPANY}/${organisation}/${project}`),
  ]),
];

/** The number of registries: one of each package type in every scope. */
export const REGISTRY_COUNT = PACKAGE_TYPES.length * SCOPES.length;

/** The first artifacts are in one registry of each package type; then one is added after this many artifacts. */
const ARTIFACTS_PER_REGISTRY = 30;

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
  const artifactCounts = new Array<number>(REGISTRY_COUNT).fill(0);
  let left = versions;
  for (let made = 0; left > 0; made += 1) {
    const first = PACKAGE_TYPES.length;
    const registry = made < first ? made : draw(Math.min(REGISTRY_COUNT, first + made / ARTIFACTS_PER_REGISTRY));
    const index = artifactCounts[registry] as number;
    artifactCounts[registry] = index + 1;
    // Even the first hundred lines have many artifacts.
    const count = 1 + draw(Math.min(VERSION_LIMITS[draw(VERSION_LIMITS.length)] as number, made + 6));
    const lines = [...writeVersions(registry, registry + index, count, draw)].slice(0, left);
    left -= lines.length;
    yield lines.join('');
  }
}

/** Returns the registry with a number from 0; the first ones have one of each package type and scopes of every depth. */
export function registryOf(number: number): { ref: string; packageType: PackageType } {
  const type = number % PACKAGE_TYPES.length;
  const round = Math.floor(number / PACKAGE_TYPES.length);
  const packageType = PACKAGE_TYPES[type] as PackageType;
  return { ref: `${SCOPES[(round + type * 5) % SCOPES.length]}/${STYLES[packageType].registry}`, packageType };
}

/** Returns the words with a number from 0, such as `worker-2` after all pairs are used; no two numbers have the same. */
export function wordsOf(number: number): Words {
  const pairs = DOMAINS.length * THINGS.length;
  // The factor is coprime to the number of pairs, so that its multiples visit every pair before one repeats.
  const pair = (number * 1031) % pairs;
  const round = Math.floor(number / pairs);
  const thing = THINGS[pair % THINGS.length] as string;
  return [DOMAINS[Math.floor(pair / THINGS.length)] as string, round === 0 ? thing : `${thing}-${round + 1}`];
}

/** Writes the versions of an artifact, one JSON line each. Versions and dates rise, so that no two are equal. */
function* writeVersions(registry: number, artifact: number, count: number, draw: Draw): Generator<string> {
  const { ref, packageType } = registryOf(registry);
  const style = STYLES[packageType];
  const name = style.name(wordsOf(artifact));
  const isBare = packageType === 'NPM' || packageType === 'RPM';
  const hasSize = packageType !== 'GENERIC' && packageType !== 'PYTHON';
  const typicalSize = 1024 + draw(2 ** (12 + draw(20)));
  const releases = draftReleases(draw);
  let created = BEGIN + draw(END - BEGIN - count);
  const maxPause = Math.floor((END - created) / count);
  for (let written = 0; written < count; written += 1) {
    const version = style.version(releases.next().value as Release);
    const size = typicalSize + draw(typicalSize / 8);
    const line = {
      registry: ref,
      packageType,
      artifact: name,
      artifactType: packageType === 'HUGGINGFACE' ? (artifact % 4 === 3 ? 'dataset' : 'model') : undefined,
      version,
      size: hasSize ? (isBare ? String(size) : size) : undefined,
      downloadCount: hasSize && packageType !== 'MAVEN' ? draw(10 ** (1 + draw(5))) : undefined,
      createdAt: `${created}000`,
      createdBy: `ci@${COMPANY}.example`,
      modifiedAt: `${created + (draw(6) === 0 ? draw(maxPause) : 0)}000`,
      quarantineReason: draw(150) === 0 ? `CVE-${2018 + draw(7)}-${10_000 + draw(40_000)}` : undefined,
      children: packageType === 'DOCKER' && draw(5) === 0 ? drawChildren(size, draw) : undefined,
      extra: extraOf(packageType, name, version, size),
    };
    yield `${JSON.stringify(line)}\n`;
    created += 1 + draw(maxPause);
  }
}

/** Drafts rising releases endlessly; a candidate is followed by its release. */
function* draftReleases(draw: Draw): Generator<Release> {
  let [major, minor, patch] = [draw(2), 0, 0];
  for (;;) {
    const numbers = `${major}.${minor}.${patch}`;
    if (patch === 0 && draw(4) === 0) yield { numbers, isCandidate: true, build: 0 };
    yield { numbers, isCandidate: false, build: draw(12) === 0 ? 1 + draw(900) : 0 };
    const step = draw(40);
    if (step === 0) [major, minor, patch] = [major + 1, 0, 0];
    else if (step < 12) [minor, patch] = [minor + 1, 0];
    else patch += 1;
  }
}

/** An image has a child for each of two or three platforms. */
function drawChildren(size: number, draw: Draw): object[] {
  const drawHex = () => (2 ** 32 + draw(2 ** 32)).toString(16).slice(1);
  return Array.from({ length: 2 + draw(2) }, () => ({
    version: `sha256:${Array.from({ length: 8 }, drawHex).join('')}`,
    size: size - draw(size / 8),
  }));
}
