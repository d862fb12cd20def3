import { createHash } from 'node:crypto';
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

/** The scopes of its registries: nine, which has no factor in common with the number of package types. */
const SCOPES = ',/data,/data/search,/infra,/infra/identity,/platform,/platform/mobile,/shop,/shop/web'
  .split(',')
  .map((scope) => COMPANY + scope);

/**
 * The registry, names and versions of each package type (source: upstream, run): of D and T, the words of a name, V, the
 * numbers of a version, and B, that of a build. The second version is the one of a build.
 */
const STYLES: Record<PackageType, readonly [registry: string, name: string, versions: string]> = {
  DOCKER: ['images', 'D/T', 'V'],
  MAVEN: ['maven-releases', `com.${COMPANY}.D:D-T`, 'V'],
  PYTHON: ['pypi', `${COMPANY}-D-T`, 'V V+local.B'],
  GENERIC: ['downloads', 'D/T', 'V V+build.B'],
  HELM: ['charts', 'D-T', 'V V_build.B'],
  NUGET: ['nuget', `${COMPANY}.D.T`, 'V V+build.B'],
  NPM: ['npm', `@${COMPANY}/D-T`, 'V V+build.B'],
  RPM: ['rpm-stable', 'D-T', 'V-1.noarch'],
  CARGO: ['crates', 'D_T', 'V V+build.B'],
  GO: ['go-modules', `go.${COMPANY}.example/D/T`, 'vV'],
  HUGGINGFACE: ['models', 'D-T', 'vV'],
};

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
  let left = versions;
  for (let artifact = 0; left > 0; artifact += 1) {
    // The first artifacts are in one registry of each package type; then one is added after every 30 artifacts.
    const registry = artifact < types ? artifact : draw(Math.min(types * SCOPES.length, types + artifact / 30));
    // Most artifacts have few versions, and few have many. Even the first hundred lines have many artifacts.
    const count = 1 + draw(Math.min(2 ** (1 + draw(7)), artifact + 6));
    yield [...formatVersions(registry, artifact, Math.min(count, left), draw)].join('');
    left -= count;
  }
}

/** Formats the versions of an artifact, one JSON line each. Their numbers and dates rise, so that no two are equal. */
function* formatVersions(registry: number, artifact: number, count: number, draw: Draw): Generator<string> {
  const packageType = PACKAGE_TYPES[registry % PACKAGE_TYPES.length] as PackageType;
  const [folder, names, versions] = STYLES[packageType];
  const name = formatName(names, artifact);
  const place = `pkg.${COMPANY}.example/${COMPANY}/${folder}/${name}`;
  const [released = '', built = released] = versions.split(' ');
  const hasSize = packageType !== 'GENERIC' && packageType !== 'PYTHON';
  const first = draw(100);
  // In epoch seconds: from 2018 on, and then up to a week after the version before.
  let created = 1_514_764_800 + draw(130_000_000);
  for (let number = first; number < first + count; number += 1) {
    const style = draw(12) === 0 ? built : released;
    const version = style.replace('V', `1.${Math.floor(number / 10)}.${number % 10}`).replace('B', String(draw(900)));
    const size = 1024 + draw(2 ** (12 + draw(20)));
    const line = {
      registry: `${SCOPES[registry % SCOPES.length]}/${folder}`,
      packageType,
      artifact: name,
      artifactType: packageType === 'HUGGINGFACE' ? (artifact % 4 === 3 ? 'dataset' : 'model') : undefined,
      version,
      size: hasSize ? (packageType === 'NPM' || packageType === 'RPM' ? String(size) : size) : undefined,
      downloadCount: hasSize && packageType !== 'MAVEN' ? draw(10 ** (1 + draw(5))) : undefined,
      createdAt: `${created}000`,
      createdBy: `ci@${COMPANY}.example`,
      modifiedAt: `${created}000`,
      quarantineReason: draw(150) === 0 ? `CVE-${2018 + draw(7)}-${10_000 + draw(40_000)}` : undefined,
      children: packageType === 'DOCKER' && draw(5) === 0 ? listChildren(`${place}:${version}`, size) : undefined,
      extra: extraOf(packageType, place, { name, version, size }),
    };
    yield `${JSON.stringify(line)}\n`;
    created += 1 + draw(604_800);
  }
}

/** Formats a name with the words of a number from 0, such as `worker-2` after all pairs are used; no two are the same. */
export function formatName(style: string, number: number): string {
  const domain = DOMAINS[number % DOMAINS.length] as string;
  const thing = THINGS[Math.floor(number / DOMAINS.length) % THINGS.length] as string;
  const round = 1 + Math.floor(number / (DOMAINS.length * THINGS.length));
  return style.replaceAll('D', domain).replace('T', round === 1 ? thing : `${thing}-${round}`);
}

/** Returns the fields that a package type adds to a version (source: upstream, run). */
function extraOf(packageType: PackageType, place: string, metadata: { name: string; version: string; size: number }) {
  if (packageType === 'DOCKER') return { pullCommand: `docker pull ${place}:${metadata.version}` };
  if (packageType === 'HELM') return { pullCommand: `helm pull oci://${place} --version ${metadata.version}` };
  if (packageType === 'GENERIC') return { description: '' };
  return packageType === 'MAVEN' ? undefined : { metadata: { ...metadata, file_count: 1 } };
}

/** An image has a child for each of its platforms. */
const listChildren = (image: string, size: number) =>
  ['amd64', 'arm64'].map((platform) => ({
    version: `sha256:${createHash('sha256').update(`${image} ${platform}`).digest('hex')}`,
    size,
  }));
