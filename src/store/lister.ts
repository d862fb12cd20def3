import type { Database } from 'better-sqlite3';
import type { ArtifactType, PackageType } from '../contract/values.js';

/** A registry in a list. */
export interface ListedRegistry {
  id: number;
  ref: string;
  packageType: PackageType;
}

/** An artifact in a list. */
export interface ListedArtifact {
  id: number;
  name: string;
  artifactType: ArtifactType | '';
  quarantineReason: string | null;
}

/** A version in a list, or a child of one, with its own columns alone; `extra` and `fault` are JSON objects' texts. */
export interface ListedVersion {
  id: number;
  version: string;
  size: string | null;
  createdAt: string | null;
  createdBy: string | null;
  modifiedAt: string | null;
  downloadCount: number | null;
  quarantineReason: string | null;
  extra: string | null;
  fault: string | null;
}

/**
 * Lists what is stored, in the order of the names' bytes. A list is read page by page and leaves no statement open, so
 * that the store may be used while it is read; `Store.revision` tells whether it is still one state that is read.
 */
export interface Lister {
  listRegistries(): Generator<ListedRegistry>;
  /** Lists the artifacts of a registry; takes its id. */
  listArtifacts(registryId: number): Generator<ListedArtifact>;
  /** Lists the versions of an artifact without their children; takes its id. */
  listVersions(artifactId: number): Generator<ListedVersion>;
  /** Lists the children of a Docker version; takes its id. */
  listChildren(versionId: number): Generator<ListedVersion>;
}

const PAGE_ROWS = 100;

const VERSIONS = `
  SELECT id, version, size, created_at AS createdAt, created_by AS createdBy, modified_at AS modifiedAt,
    download_count AS downloadCount, quarantine_reason AS quarantineReason, extra, fault
  FROM versions`;

/** Prepares the lists of a database. No name is empty, so that an empty one is before all. */
export function prepareLister(db: Database): Lister {
  const registries = db.prepare<[string], ListedRegistry>(`
    SELECT id, ref, package_type AS packageType FROM registries WHERE ref > ? ORDER BY ref LIMIT ${PAGE_ROWS}`);
  const artifacts = db.prepare<[number, string, string], ListedArtifact>(`
    SELECT id, name, artifact_type AS artifactType, quarantine_reason AS quarantineReason FROM artifacts
    WHERE registry_id = ? AND (name, artifact_type) > (?, ?) ORDER BY name, artifact_type LIMIT ${PAGE_ROWS}`);
  const versions = db.prepare<[number, string], ListedVersion>(
    `${VERSIONS} WHERE artifact_id = ? AND version > ? AND parent_id IS NULL ORDER BY version LIMIT ${PAGE_ROWS}`,
  );
  const children = db.prepare<[number, string], ListedVersion>(
    `${VERSIONS} WHERE parent_id = ? AND version > ? ORDER BY version LIMIT ${PAGE_ROWS}`,
  );

  return {
    listRegistries: () => readPages((last) => registries.all(last?.ref ?? '')),
    listArtifacts: (registryId) =>
      readPages((last) => artifacts.all(registryId, last?.name ?? '', last?.artifactType ?? '')),
    listVersions: (artifactId) => readPages((last) => versions.all(artifactId, last?.version ?? '')),
    listChildren: (versionId) => readPages((last) => children.all(versionId, last?.version ?? '')),
  };
}

function* readPages<Row>(readPage: (last: Row | undefined) => Row[]): Generator<Row> {
  let page = readPage(undefined);
  while (page.length > 0) {
    yield* page;
    page = page.length < PAGE_ROWS ? [] : readPage(page.at(-1));
  }
}
