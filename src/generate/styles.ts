import type { PackageType } from '../contract/values.js';
import type { Release } from './releases.js';
import type { Words } from './words.js';

/** The account of the company, and the scope and the namespace of its packages. */
export const COMPANY = 'globex';

/** What is the custom among the packages of a type. */
interface Style {
  /** Names of registries. */
  registries: readonly string[];
  /** Writes the name of an artifact; other words give another name. */
  name(words: Words): string;
  /** Writes a version; another release, whatever its build, gives another text. */
  version(release: Release): string;
  /** About how large a small and a large artifact are, in bytes. */
  sizes: readonly [small: number, large: number];
}

const KB = 1024;
const MB = 1024 * KB;
const GB = 1024 * MB;

const flat = ({ domain, thing }: Words): string => `${domain}-${thing}`;

const pascal = (text: string): string => text.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());

const numbers = ({ major, minor, patch }: Release): string => `${major}.${minor}.${patch}`;

/** A tag of an image cannot hold a `+`. */
const tag = (release: Release): string => `${numbers(release)}${release.isCandidate ? '-rc.1' : ''}`;

const semantic = (release: Release): string => `${tag(release)}${release.build === 0 ? '' : `+build.${release.build}`}`;

/** How the packages of each type are called, numbered and sized. */
export const STYLES: Record<PackageType, Style> = {
  DOCKER: {
    registries: ['images', 'docker-releases'],
    name: ({ domain, thing }) => (thing < 'f' ? `${domain}-${thing}` : `${domain}/${thing}`),
    version: tag,
    sizes: [4 * MB, GB],
  },
  MAVEN: {
    registries: ['maven-releases', 'libs'],
    name: ({ domain, thing }) => `com.${COMPANY}.${domain}:${domain}-${thing}`,
    version: (release) => `${numbers(release)}${release.isCandidate ? '-RC1' : ''}`,
    sizes: [8 * KB, 24 * MB],
  },
  PYTHON: {
    registries: ['pypi', 'python-packages'],
    name: ({ domain, thing }) => `${COMPANY}-${domain}-${thing}`,
    version: (release) =>
      `${numbers(release)}${release.isCandidate ? 'rc1' : ''}${release.build === 0 ? '' : `+local.${release.build}`}`,
    sizes: [6 * KB, 40 * MB],
  },
  GENERIC: {
    registries: ['downloads', 'installers'],
    name: ({ domain, thing }) => (thing < 'f' ? `${domain}-${thing}` : `${domain}/${thing}/bundle`),
    version: semantic,
    sizes: [KB, 4 * GB],
  },
  HELM: { registries: ['charts', 'helm'], name: flat, version: semantic, sizes: [3 * KB, 96 * KB] },
  NUGET: {
    registries: ['nuget', 'dotnet-packages'],
    name: ({ domain, thing }) => `${pascal(COMPANY)}.${pascal(domain)}.${pascal(thing)}`,
    version: semantic,
    sizes: [10 * KB, 8 * MB],
  },
  NPM: {
    registries: ['npm', 'npm-internal'],
    name: ({ domain, thing }) => (thing < 'd' ? `${domain}-${thing}` : `@${COMPANY}/${domain}-${thing}`),
    version: semantic,
    sizes: [KB, 5 * MB],
  },
  RPM: {
    registries: ['rpm-stable', 'rpm-updates'],
    name: flat,
    version: (release) => `${numbers(release)}-${release.isCandidate ? '0.rc1' : '1'}.el9`,
    sizes: [20 * KB, 300 * MB],
  },
  CARGO: {
    registries: ['cargo', 'crates'],
    name: ({ domain, thing }) => `${domain}_${thing.replace('-', '_')}`,
    version: semantic,
    sizes: [4 * KB, 2 * MB],
  },
  GO: {
    registries: ['go', 'go-modules'],
    name: ({ domain, thing }) => `go.${COMPANY}.example/${domain}/${thing}`,
    version: (release) => `v${tag(release)}${release.major > 1 ? '+incompatible' : ''}`,
    sizes: [5 * KB, 9 * MB],
  },
  HUGGINGFACE: {
    registries: ['hub', 'models'],
    name: ({ domain, thing }) => `${COMPANY}/${domain}-${thing}`,
    version: (release) => `v${tag(release)}`,
    sizes: [12 * MB, 30 * GB],
  },
};
