import type { Store } from '../store/store.js';
import type { Lookup } from '../store/types.js';
import { formatPath } from './spelling.js';

/** A version that answers 200. */
export type Example = Pick<Lookup, 'ref' | 'artifact' | 'version' | 'artifactType'>;

/** What pages show of the data: never the text of a key, and names only if the server cannot be reached from elsewhere. */
export interface Overview extends Pick<ReturnType<Store['summarise']>, 'registries' | 'artifacts' | 'versions'> {
  versionsByType: Record<string, number>;
  /** Undefined if nothing that is served answers 200. */
  example: Example | undefined;
  /** The name of a key that may read the example. */
  keyName: string | undefined;
}

/** Of the bundled fixtures. */
export const BUNDLED_EXAMPLE: Example = {
  ref: 'acme/platform/web/images',
  artifact: 'library/nginx',
  version: '1.25.3',
};

const BUNDLED_KEY_NAME = 'developer';

/**
 * Creates a function that returns the overview. It counts all versions, so it remembers the result until the data changes.
 *
 * @param findKeyName finds a key that may read a registry; undefined shows the bundled fixtures instead of served names
 */
export function createOverview(
  store: Pick<Store, 'summarise' | 'findExample' | 'revision'>,
  findKeyName: ((ref: string) => string | undefined) | undefined,
): () => Overview {
  let known: { revision: number; overview: Overview } | undefined;
  return () => {
    const { revision } = store;
    if (known?.revision === revision) return known.overview;
    const { registries, artifacts, versions, versionsByPackageType } = store.summarise();
    const versionsByType = Object.fromEntries(versionsByPackageType.map((row) => [row.packageType, row.versions]));
    const example = findKeyName === undefined ? BUNDLED_EXAMPLE : store.findExample();
    const keyName = findKeyName === undefined ? BUNDLED_KEY_NAME : example && findKeyName(example.ref);
    known = { revision, overview: { registries, artifacts, versions, versionsByType, example, keyName } };
    return known.overview;
  };
}

/** Formats the target of an example, which can stand in single quotes. */
export function formatExample(example: Example): string {
  const query = example.artifactType === undefined ? '' : `?artifact_type=${example.artifactType}`;
  return formatPath(example, 'published').replaceAll("'", '%27') + query;
}
