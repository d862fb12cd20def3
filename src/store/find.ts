import type { Database } from 'better-sqlite3';
import { LookupError } from '../api/errors.js';
import { explainMiss, prepareIdentifier } from './identify.js';
import type { Lookup } from './types.js';

/** The details of one version, or of a child. */
export interface FoundDetails {
  /** The `data` of a 200, as JSON text. */
  data: string;
  /** The version's own fault, as JSON text. */
  fault: string | null;
  /** Why it is quarantined; an empty reason is one too. */
  quarantineReason: string | null;
  /** Whether `childVersion` named a child. */
  isChild: boolean;
}

type Row = [
  body: string,
  quarantineReason: string | null,
  extra: string | null,
  fault: string | null,
  artifactId: number,
];

const VERSION = `
  SELECT v.body, coalesce(v.quarantine_reason, a.quarantine_reason), v.extra, v.fault, a.id
  FROM registries r
  JOIN artifacts a ON a.registry_id = r.id
  JOIN versions v ON v.artifact_id = a.id
  WHERE r.ref = ? AND a.name = ? AND a.artifact_type = ? AND v.parent = '' AND v.version = ?`;

const CHILD = `
  SELECT body, coalesce(quarantine_reason, ?), extra, fault, artifact_id FROM versions
  WHERE artifact_id = ? AND parent = ? AND version = ?`;

/**
 * Prepares the lookup of a version, or of the child that `childVersion` names if the version has children. A hit is one
 * statement (two for a child); only a miss looks for its reason.
 */
export function prepareFind(db: Database): (lookup: Lookup) => FoundDetails | LookupError {
  const findVersion = db.prepare<[string, string, string, string], Row>(VERSION).raw();
  const findChild = db.prepare<[string | null, number, string, string], Row>(CHILD).raw();
  const hasChildren = db.prepare('SELECT 1 FROM versions WHERE artifact_id = ? AND parent = ? LIMIT 1');
  const identifier = prepareIdentifier(db);

  return (lookup) => {
    const { ref, artifact, version, artifactType, childVersion } = lookup;
    const row = findVersion.get(ref, artifact, artifactType ?? '', version);
    if (row === undefined) return explainMiss(identifier, lookup);
    if (childVersion === undefined) return toDetails(row, false);
    const [, quarantineReason, , , artifactId] = row;
    const child = findChild.get(quarantineReason, artifactId, version, childVersion);
    if (child !== undefined) return toDetails(child, true);
    const isIgnored = hasChildren.get(artifactId, version) === undefined;
    return isIgnored ? toDetails(row, false) : LookupError.of('childUnknown');
  };
}

function toDetails(row: Row, isChild: boolean): FoundDetails {
  const quarantineReason = row[1];
  const extra = row[2];
  const quarantine =
    quarantineReason === null
      ? ',"isQuarantined":false'
      : `,"isQuarantined":true,"quarantineReason":${JSON.stringify(quarantineReason)}`;
  const data = row[0] + quarantine + (extra === null ? '}' : `,${extra.slice(1)}`);
  return { data, fault: row[3], quarantineReason, isChild };
}
