import type { Database } from 'better-sqlite3';
import type { PackageType } from '../contract/values.js';
import type { ArtifactPath } from '../wire/path.js';

/** What a store holds, in numbers. */
export interface Summary {
  registries: number;
  artifacts: number;
  versions: number;
  keys: number;
  versionsByPackageType: { packageType: PackageType; versions: number }[];
}

/** Tells what a store holds. */
export interface Summariser {
  /** Counts what is stored; children of Docker versions are not counted as versions. */
  summarise(): Summary;
  /** Returns the path of a version that answers 200 without query parameters, or undefined for a store without one. */
  findExample(): ArtifactPath | undefined;
}

/** Prepares the counts on a database. */
export function prepareSummary(db: Database): Summariser {
  const count = db.prepare<[], Omit<Summary, 'versionsByPackageType'>>(`
    SELECT (SELECT count(*) FROM registries) AS registries, (SELECT count(*) FROM artifacts) AS artifacts,
      (SELECT count(*) FROM versions WHERE parent_id IS NULL) AS versions, (SELECT count(*) FROM api_keys) AS keys`);
  const countByType = db.prepare<[], Summary['versionsByPackageType'][number]>(`
    SELECT r.package_type AS packageType, count(*) AS versions
    FROM versions v JOIN artifacts a ON a.id = v.artifact_id JOIN registries r ON r.id = a.registry_id
    WHERE v.parent_id IS NULL GROUP BY r.package_type ORDER BY versions DESC, r.package_type`);
  const findFirst = db.prepare<[], ArtifactPath>(`
    SELECT r.ref AS registryRef, a.name AS artifact, v.version
    FROM versions v JOIN artifacts a ON a.id = v.artifact_id JOIN registries r ON r.id = a.registry_id
    WHERE v.parent_id IS NULL AND a.artifact_type = '' ORDER BY v.id LIMIT 1`);

  return {
    summarise: () => ({
      ...(count.get() as Omit<Summary, 'versionsByPackageType'>),
      versionsByPackageType: countByType.all(),
    }),
    findExample: () => findFirst.get(),
  };
}
