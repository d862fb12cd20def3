import type { PackageType } from '../../api/schema.js';

/** The account of the made-up company, and the scope and namespace of its packages. */
export const COMPANY = 'globex';

/** The words of a name, such as `billing` and `worker`. */
export type Words = [domain: string, thing: string];

/** A semantic version. A release candidate directly precedes its release; build 0 means none. */
export interface Release {
  numbers: string;
  isCandidate: boolean;
  build: number;
}

/** The registry, the names and the versions of a package type (source: upstream, run). */
interface Style {
  registry: string;
  /** Different words give different names. */
  name(words: Words): string;
  /** Different releases, whatever their build, give different versions. */
  version(release: Release): string;
}

const flat = ([domain, thing]: Words): string => `${domain}-${thing}`;

/** Flat names for some things, names with a slash for the others. */
const mixed = ([domain, thing]: Words): string => `${domain}${thing < 'f' ? '-' : '/'}${thing}`;

const joined = (separator: string) => (words: Words) => [COMPANY, ...words].join(separator);

/** Creates the format of versions from what marks a candidate and a build. */
const versions =
  (candidate: string, build = '', prefix = '') =>
  (release: Release): string =>
    `${prefix}${release.numbers}${release.isCandidate ? candidate : ''}${build && release.build ? build + release.build : ''}`;

const semantic = versions('-rc.1', '+build.');

const style = (registry: string, name: Style['name'], version: Style['version']): Style => ({
  registry,
  name,
  version,
});

export const STYLES: Record<PackageType, Style> = {
  DOCKER: style('images', mixed, versions('-rc.1')),
  MAVEN: style('maven-releases', (words) => `com.${COMPANY}.${words[0]}:${flat(words)}`, versions('-RC1')),
  PYTHON: style('pypi', joined('-'), versions('rc1', '+local.')),
  GENERIC: style('downloads', mixed, semantic),
  HELM: style('charts', flat, versions('-rc.1', '_build.')),
  NUGET: style('nuget', joined('.'), semantic),
  NPM: style('npm', (words) => (words[1] < 'd' ? '' : `@${COMPANY}/`) + flat(words), semantic),
  RPM: style('rpm-stable', flat, ({ numbers, isCandidate }) => `${numbers}-${isCandidate ? '0.rc1' : '1'}.noarch`),
  CARGO: style('crates', ([domain, thing]) => `${domain}_${thing.replace('-', '_')}`, semantic),
  GO: style(
    'go-modules',
    ([domain, thing]) => `go.${COMPANY}.example/${domain}/${thing}`,
    (release) => versions('-rc.1', '', 'v')(release) + (/^[01]\./.test(release.numbers) ? '' : '+incompatible'),
  ),
  HUGGINGFACE: style('models', flat, versions('-rc.1', '', 'v')),
};

const METADATA: Partial<Record<PackageType, (name: string, version: string) => object>> = {
  PYTHON: (name, version) => ({ name, requires_python: '>=3.10', version }),
  NUGET: (id, version) => ({ metadata: { id, version } }),
  NPM: (_id, version) => ({ _id, 'dist-tags': { latest: version } }),
  RPM: () => ({ file_metadata: { architecture: 'noarch', vendor: COMPANY } }),
  CARGO: (name, vers) => ({ name, vers, yanked: false }),
  GO: (Name, Version) => ({ Name, Version }),
  HUGGINGFACE: (id) => ({ id, modelId: id, private: true }),
};

/** Returns the fields that a package type adds to a version (source: upstream, run). */
export function extraOf(packageType: PackageType, name: string, version: string, size: number): object | undefined {
  // The place of an image or a chart has the account and the registry only.
  const place = `pkg.${COMPANY}.example/${COMPANY}/${STYLES[packageType].registry}/${name}`;
  if (packageType === 'DOCKER') return { pullCommand: `docker pull ${place}:${version}` };
  if (packageType === 'HELM') return { pullCommand: `helm pull oci://${place} --version ${version}` };
  if (packageType === 'GENERIC') return { description: '' };
  const metadata = METADATA[packageType]?.(name, version);
  return metadata && { metadata: { ...metadata, file_count: 1, size } };
}
