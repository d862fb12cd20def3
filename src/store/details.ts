import type { Database } from 'better-sqlite3';
import type { ArtifactDetail } from '../contract/details.js';
import type { ArtifactType, PackageType } from '../contract/values.js';
import { Miss } from './errors.js';
import { prepareIdentifier } from './identify.js';
import type { LookUp } from './types.js';

/** The details of one version: the contract's own fields, and JSON objects' texts: the vendor's other fields, a fault. */
export interface FoundDetails {
  detail: ArtifactDetail;
  extra: string | null;
  fault: string | null;
}

/** Finds the details of one version. */
export interface DetailsFinder {
  /**
   * Returns the details of the version, or of the child that `childVersion` names on a Docker version with children.
   * Throws a Miss when there is no such version. A hit is one indexed look-up; only a miss asks further.
   */
  findDetails(lookUp: LookUp): FoundDetails;
}

/** Does what `findDetails` does, but returns a Miss that would be thrown. */
export function attemptDetails(finder: DetailsFinder, lookUp: LookUp): FoundDetails | Miss {
  try {
    return finder.findDetails(lookUp);
  } catch (error) {
    if (error instanceof Miss) return error;
    throw error;
  }
}

/** The columns of a version or of a child, in the order of `VALUES`. */
type Values = [
  version: string,
  size: string | null,
  createdAt: string | null,
  createdBy: string | null,
  modifiedAt: string | null,
  downloadCount: number | null,
  quarantineReason: string | null,
  extra: string | null,
  fault: string | null,
];

/** What a version has from its artifact and its registry, in front of its own columns. */
type Row = [id: number, packageType: PackageType, artifactType: ArtifactType | '', isAmbiguous: 0 | 1, ...Values];

const VALUES = (quarantineReason: string) => `v.version, v.size, v.created_at, v.created_by, v.modified_at,
    v.download_count, ${quarantineReason} AS quarantine_reason, v.extra, v.fault`;

const VERSION = `
  SELECT v.id, r.package_type, a.artifact_type,
    r.package_type = 'HUGGINGFACE' AND EXISTS (
      SELECT 1 FROM artifacts twin
      WHERE twin.registry_id = a.registry_id AND twin.name = a.name AND twin.artifact_type <> a.artifact_type
    ),
    ${VALUES('coalesce(v.quarantine_reason, a.quarantine_reason)')}
  FROM registries r
  JOIN artifacts a ON a.registry_id = r.id
  JOIN versions v ON v.artifact_id = a.id AND v.parent_id IS NULL
  WHERE r.ref = ? AND a.name = ? AND v.version = ?`;

const CHILD = `SELECT ${VALUES('coalesce(v.quarantine_reason, ?)')} FROM versions v WHERE v.parent_id = ? AND v.version = ?`;

/** Prepares the look-ups of artifact details on a database. */
export function prepareDetails(db: Database): DetailsFinder {
  const findVersion = db.prepare<[string, string, string], Row>(VERSION).raw();
  const findTypedVersion = db
    .prepare<[string, string, string, string], Row>(`${VERSION} AND a.artifact_type = ?`)
    .raw();
  const findChild = db.prepare<[string | null, number, string], Values>(CHILD).raw();
  const hasChildren = db.prepare<[number], number>('SELECT 1 FROM versions WHERE parent_id = ? LIMIT 1').pluck();
  const explainMiss = prepareMiss(db);

  return {
    findDetails(lookUp) {
      const { registryRef, artifact, version, artifactType, childVersion } = lookUp;
      const row =
        artifactType === undefined
          ? findVersion.get(registryRef, artifact, version)
          : findTypedVersion.get(registryRef, artifact, version, artifactType);
      if (row === undefined) throw explainMiss(lookUp);
      const [id, packageType, rowType, isAmbiguous, ...values] = row;
      if (isAmbiguous === 1 && artifactType === undefined) throw Miss.ambiguous;

      const toDetails = (own: Values) => toFoundDetails(artifact, packageType, rowType, own);
      if (childVersion === undefined || packageType !== 'DOCKER') return toDetails(values);
      const child = findChild.get(values[6], id, childVersion);
      if (child !== undefined) return toDetails(child);
      if (hasChildren.get(id) !== undefined) throw Miss.child;
      return toDetails(values);
    },
  };
}

/** Finds out why a look-up had no hit, in the order in which the vendor checks. */
function prepareMiss(db: Database): (lookUp: LookUp) => Miss {
  const { findRegistry, listArtifacts } = prepareIdentifier(db);

  return (lookUp) => {
    const { registryRef, artifact, artifactType } = lookUp;
    const registry = findRegistry(registryRef);
    if (registry === undefined) return Miss.registry;
    if (artifactType !== undefined && registry.packageType !== 'HUGGINGFACE') {
      return Miss.packageType;
    }
    const types = listArtifacts(registry.id, artifact).map((row) => row.artifactType);
    const isKnown = artifactType === undefined ? types.length > 0 : types.includes(artifactType);
    if (!isKnown) return Miss.artifact;
    return artifactType === undefined && types.length > 1 ? Miss.ambiguous : Miss.version;
  };
}

function toFoundDetails(
  name: string,
  packageType: PackageType,
  artifactType: ArtifactType | '',
  [version, size, createdAt, createdBy, modifiedAt, downloadCount, quarantineReason, extra, fault]: Values,
): FoundDetails {
  const detail: ArtifactDetail = { version, packageType };
  if (artifactType !== '') detail.artifactType = artifactType;
  detail.name = name;
  if (size !== null) detail.size = size;
  if (createdAt !== null) detail.createdAt = createdAt;
  if (createdBy !== null) detail.createdBy = createdBy;
  if (modifiedAt !== null) detail.modifiedAt = modifiedAt;
  if (downloadCount !== null) detail.downloadCount = downloadCount;
  detail.isQuarantined = quarantineReason !== null;
  if (quarantineReason !== null) detail.quarantineReason = quarantineReason;
  return { detail, extra, fault };
}
