import type { Database } from 'better-sqlite3';
import type { ArtifactType, PackageType } from '../api/schema.js';
import { ANY_VERSION } from './find.js';
import { prepareIdentify } from './identify.js';
import type { Lookup, LookupName, RegistryRow, SampledVersion } from './types.js';

export interface ListedRegistry extends RegistryRow {
  id: number;
}

export interface ListedArtifact {
  id: number;
  name: string;
  artifactType: ArtifactType | '';
  quarantineReason: string | null;
}

/** A version or a child with its own quarantine only; `body` is JSON text without its closing brace. */
export interface ListedVersion extends Record<'quarantineReason' | 'extra' | 'fault', string | null> {
  version: string;
  body: string;
}

const PAGE_ROWS = 100;

const SAMPLE_ROWS = 1_000;

/** Where names are. A child belongs to the version that is served for the one of the lookup. */
const PLACES: Record<LookupName, [column: string, from: string]> = {
  ref: ['ref', 'registries WHERE TRUE'],
  artifact: ['name', 'artifacts WHERE registry_id = @registryId'],
  version: ['version', "versions WHERE artifact_id = @artifactId AND parent = ''"],
  childVersion: [
    'version',
    `versions WHERE artifact_id = @artifactId AND parent = coalesce(
      (SELECT version FROM versions WHERE artifact_id = @artifactId AND parent = '' AND version = @version), '${ANY_VERSION}')`,
  ],
};

/**
 * Prepares lists of what is stored, in the byte order of the names. A list is read page by page and leaves no statement
 * open, so the store may be used meanwhile; `Store.revision` shows whether it has changed.
 */
export function prepareLists(db: Database) {
  // No name is empty, so the empty text comes before all names.
  const registries = db.prepare<[string], ListedRegistry>(`
    SELECT id, ref, package_type AS packageType FROM registries WHERE ref > ? ORDER BY ref LIMIT ${PAGE_ROWS}`);
  const artifacts = db.prepare<[number, string, string], ListedArtifact>(`
    SELECT id, name, artifact_type AS artifactType, quarantine_reason AS quarantineReason FROM artifacts
    WHERE registry_id = ? AND (name, artifact_type) > (?, ?) ORDER BY name, artifact_type LIMIT ${PAGE_ROWS}`);
  const versions = db.prepare<[number, string, string], ListedVersion>(`
    SELECT version, body, quarantine_reason AS quarantineReason, extra, fault FROM versions
    WHERE artifact_id = ? AND parent = ? AND version > ? ORDER BY version LIMIT ${PAGE_ROWS}`);
  const listChildren = (artifactId: number, version: string) =>
    readPages<ListedVersion>((last) => versions.all(artifactId, version, last?.version ?? ''));

  type Counts = { registries: number; artifacts: number; keys: number };
  const count = db.prepare<[], Counts>(`
    SELECT (SELECT count(*) FROM registries) AS registries, (SELECT count(*) FROM artifacts) AS artifacts,
      (SELECT count(*) FROM api_keys) AS keys`);
  const countByType = db.prepare<[], { packageType: PackageType; versions: number }>(`
    SELECT package_type AS packageType, sum(versions) AS versions
    FROM registries WHERE versions > 0 GROUP BY package_type ORDER BY versions DESC, package_type`);
  const sample = db.prepare<[], SampledVersion & { artifactType: ArtifactType | '' }>(`
    SELECT r.ref, r.package_type AS packageType, a.name AS artifact, a.artifact_type AS artifactType, v.version,
      coalesce(v.quarantine_reason, a.quarantine_reason) IS NOT NULL AS isQuarantined,
      (SELECT min(c.version) FROM versions c WHERE c.artifact_id = a.id AND c.parent = v.version AND c.fault IS NULL) AS child
    FROM versions v JOIN artifacts a ON a.id = v.artifact_id JOIN registries r ON r.id = a.registry_id
    WHERE v.parent = '' AND v.version <> '${ANY_VERSION}' AND v.fault IS NULL ORDER BY v.artifact_id, v.parent, v.version LIMIT ${SAMPLE_ROWS}`);
  const names = db
    .prepare<[], string>(`
      SELECT json_array(r.ref, a.name, a.artifact_type, v.version)
      FROM registries r JOIN artifacts a ON a.registry_id = r.id JOIN versions v ON v.artifact_id = a.id AND v.parent = ''`)
    .pluck();

  const identify = prepareIdentify(db);

  return {
    listRegistries: () => readPages<ListedRegistry>((last) => registries.all(last?.ref ?? '')),
    listArtifacts: (registryId: number) =>
      readPages<ListedArtifact>((last) => artifacts.all(registryId, last?.name ?? '', last?.artifactType ?? '')),
    listVersions: (artifactId: number) => listChildren(artifactId, ''),
    /** Lists the children of a Docker version. */
    listChildren,
    /** Lists a text for each version, which differs from that of every other version. */
    listVersionNames: () => names.all(),
    /** Counts what is stored; children are not counted as versions. */
    summarise() {
      const versionsByPackageType = countByType.all();
      const versions = versionsByPackageType.reduce((sum, row) => sum + row.versions, 0);
      return { ...(count.get() as Counts), versions, versionsByPackageType };
    },
    /** Lists the first 1,000 versions without a fault, in the order in which their artifacts were stored. */
    sampleVersions: (): SampledVersion[] =>
      sample.all().map((row) => ({ ...row, artifactType: row.artifactType || undefined })),
    /** Lists up to `max` known names in place of one of a lookup, in byte order: all, or those next to it on either side. */
    listNeighbours(name: LookupName, lookup: Lookup, max: number): string[] {
      const [column, from] = PLACES[name];
      const { ref, artifact, version, artifactType, [name]: word } = lookup;
      const { registryId, artifactId } = identify(ref, artifact, artifactType) ?? {};
      // A model and a dataset may share a name.
      const list = (compared: string) =>
        db
          .prepare<object, string>(`SELECT DISTINCT ${column} FROM ${from} AND ${column} ${compared} LIMIT @max`)
          .pluck()
          .all({ registryId, artifactId, version, word, max });
      const before = list(`< @word ORDER BY ${column} DESC`).reverse();
      const names = [...before, ...list(`>= @word ORDER BY ${column}`)];
      const start = Math.max(0, Math.min(before.length - Math.floor(max / 2), names.length - max));
      return names.slice(start, start + max);
    },
  };
}

function* readPages<Row>(readPage: (last: Row | undefined) => Row[]): Generator<Row> {
  let page = readPage(undefined);
  while (page.length > 0) {
    yield* page;
    page = page.length < PAGE_ROWS ? [] : readPage(page.at(-1));
  }
}
