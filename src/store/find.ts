import type { Database } from 'better-sqlite3';
import { type LookupError, MISSES } from '../api/errors.js';
import type { PackageType } from '../api/schema.js';
import { explainMiss } from './identify.js';
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
  /** Whether the version `*` answers for the requested one. */
  isAnyVersion: boolean;
}

/** The name of a version that answers for all that are not listed (source: our decision). */
export const ANY_VERSION = '*';

type Text = string | null;

type Row = [body: string, quarantineReason: Text, extra: Text, fault: Text, artifactId: number, type: PackageType];

/** A row of a known registry whose artifact or version is unknown. */
type Miss = [body: null, _: null, _: null, _: null, artifactId: number | null, type: PackageType];

const VERSION = `
  SELECT v.body, coalesce(v.quarantine_reason, a.quarantine_reason), v.extra, v.fault, a.id, r.package_type
  FROM registries r
  LEFT JOIN artifacts a ON a.registry_id = r.id AND a.name = ? AND a.artifact_type = ?
  LEFT JOIN versions v ON v.artifact_id = a.id AND v.parent = '' AND v.version = ?
  WHERE r.ref = ?`;

const CHILD = `
  SELECT body, coalesce(quarantine_reason, ?), extra, fault, artifact_id FROM versions
  WHERE artifact_id = ? AND parent = ? AND version = ?`;

/**
 * Prepares the lookup of a version, or of the child that `childVersion` names if the version has children. A hit and a
 * miss are one statement (two for a child).
 */
export function prepareFind(db: Database): (lookup: Lookup) => FoundDetails | LookupError {
  const findVersion = db.prepare<[string, string, string, string], Row | Miss>(VERSION).raw();
  const findChild = db.prepare<[string | null, number, string, string], Row>(CHILD).raw();
  const hasChildren = db.prepare('SELECT 1 FROM versions WHERE artifact_id = ? AND parent = ? LIMIT 1');

  const find = ({ ref, artifact, version, artifactType, childVersion }: Lookup): FoundDetails | LookupError => {
    const row = findVersion.get(artifact, artifactType ?? '', version, ref);
    if (row === undefined) return MISSES.registryUnknown;
    if (row[0] === null) return explainMiss(row[5], artifactType, row[4] !== null);
    if (childVersion === undefined) return toDetails(row, false);
    const [, quarantineReason, , , artifactId] = row;
    const child = findChild.get(quarantineReason, artifactId, version, childVersion);
    if (child !== undefined) return toDetails(child, true);
    const isIgnored = hasChildren.get(artifactId, version) === undefined;
    return isIgnored ? toDetails(row, false) : MISSES.childUnknown;
  };

  return (lookup) => {
    const found = find(lookup);
    if (found !== MISSES.versionUnknown) return found;
    const any = find({ ...lookup, version: ANY_VERSION });
    if ('reason' in any) return any;
    const named = `{"version":${JSON.stringify(lookup.version)}${any.data.slice('{"version":"*"'.length)}`;
    return { ...any, data: any.isChild ? any.data : named, isAnyVersion: true };
  };
}

function toDetails(row: Row, isChild: boolean): FoundDetails {
  const [body, quarantineReason, extra, fault] = row;
  const quarantine =
    quarantineReason === null
      ? ',"isQuarantined":false'
      : `,"isQuarantined":true,"quarantineReason":${JSON.stringify(quarantineReason)}`;
  const data = body + quarantine + (extra === null ? '}' : `,${extra.slice(1)}`);
  return { data, fault, quarantineReason, isChild, isAnyVersion: false };
}
