import type { Database, Statement } from 'better-sqlite3';
import { MISSES } from '../api/errors.js';
import { ValidationError, validate } from '../util/validate.js';
import { explainMiss, type Found, hashKey, prepareIdentify } from './identify.js';
import {
  type ApiKey,
  type ArtifactRow,
  type RegistryRow,
  RemovalSchema,
  type Removed,
  type VersionRow,
} from './types.js';

/** Data contradicts what is stored, or what the same transaction has written. */
export class ConflictError extends Error {
  constructor(identity: string, reason = 'is already defined; define it once') {
    super(`${identity} ${reason}`);
  }
}

const nameRegistry = (ref: string): string => `registry ${ref}`;

/** Names an artifact; a model and a dataset may share a name. */
const nameArtifact = ({ ref, name, artifactType }: ArtifactRow): string =>
  `${artifactType ?? 'artifact'} ${name} of ${ref}`;

/** Names an API key; its text is never shown. */
const nameKey = (name: string): string => `API key "${name}"`;

function insert(identity: string, statement: Statement, ...values: unknown[]): void {
  if (statement.run(...values).changes === 0) throw new ConflictError(identity);
}

/** Writes into a store during one transaction. Every method throws a ConflictError for data that is already there. */
export type Writer = ReturnType<ReturnType<typeof prepareWriter>>;

/**
 * Prepares writers on a database; each transaction makes its own. A merging one replaces what was stored before, but not
 * what it has written itself.
 */
export function prepareWriter(db: Database) {
  const insertRegistry = db.prepare('INSERT INTO registries (ref, package_type) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const prepareArtifact = (action: string) =>
    db.prepare(`
      INSERT INTO artifacts (registry_id, name, artifact_type, quarantine_reason)
      VALUES ((SELECT id FROM registries WHERE ref = ?), ?, ?, ?) ON CONFLICT DO ${action}`);
  const insertArtifact = prepareArtifact('NOTHING');
  const putArtifact = prepareArtifact('UPDATE SET quarantine_reason = excluded.quarantine_reason');
  const insertVersion = db.prepare('INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const insertKey = db.prepare('INSERT INTO api_keys VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const deleteKey = db.prepare('DELETE FROM api_keys WHERE name = ?');
  const findKeyName = db.prepare<[Buffer], string>('SELECT name FROM api_keys WHERE hash = ?').pluck();
  const removeVersion = prepareVersionRemoval(db);
  const addToCount = prepareCount(db);
  const identify = prepareIdentify(db);

  return (isMerging: boolean) => {
    const written = new Set<string>();
    /** Whether something may be stored already: in a merge, until this transaction has written it. */
    const mayBeStored = (identity: string): boolean => isMerging && written.size < written.add(identity).size;

    // A line of NDJSON usually adds to the artifact of the line before.
    let last: (ArtifactRow & { found: Found }) | undefined;
    const find = (artifact: ArtifactRow): Found | undefined => {
      const { ref, name, artifactType } = artifact;
      if (last?.name === name && last.ref === ref && last.artifactType === artifactType) return last.found;
      const found = identify(ref, name, artifactType);
      if (found?.artifactId) last = { ...artifact, found };
      return found;
    };

    // The numbers of added versions by the id of their artifact.
    const added = new Map<number | null | undefined, number>();

    const writer = {
      addRegistry(registry: RegistryRow): void {
        const { ref, packageType } = registry;
        const identity = nameRegistry(ref);
        const stored = mayBeStored(identity) ? identify(ref) : undefined;
        if (stored === undefined) insert(identity, insertRegistry, ref, packageType);
        else requireType(registry, stored, true);
      },

      addArtifact(artifact: ArtifactRow): void {
        const { ref, name, artifactType = '', quarantineReason } = artifact;
        const identity = nameArtifact(artifact);
        const statement = mayBeStored(identity) ? putArtifact : insertArtifact;
        insert(identity, statement, ref, name, artifactType, quarantineReason);
      },

      addVersion(artifact: ArtifactRow, row: VersionRow, children: readonly VersionRow[]): void {
        const { name, artifactType } = artifact;
        const identity = `version ${row.version} of ${nameArtifact(artifact)}`;
        const { artifactId, packageType } = find(artifact) ?? {};
        if (artifactId && mayBeStored(identity)) removeVersion(artifactId, row.version);
        const insertRow = (parent: string, fields: VersionRow) => {
          const { version, size, createdAt, createdBy, modifiedAt, downloadCount } = fields;
          const { quarantineReason, extra, fault } = fields;
          // In the order of the contract. With rest or spread, reading NDJSON would take a third longer.
          const of = {
            version,
            packageType,
            artifactType,
            name,
            size,
            createdAt,
            createdBy,
            modifiedAt,
            downloadCount,
          };
          const body = JSON.stringify(of).slice(0, -1);
          insert(identity, insertVersion, artifactId, parent, version, body, quarantineReason, extra, fault);
        };
        insertRow('', row);
        for (const child of children) insertRow(row.version, child);
        added.set(artifactId, (added.get(artifactId) ?? 0) + 1);
      },

      addKey(key: string, { name, grants, expiresAt, revoked }: ApiKey): void {
        const identity = nameKey(name);
        if (mayBeStored(identity)) deleteKey.run(name);
        const hash = hashKey(key);
        const other = findKeyName.get(hash) ?? name;
        if (other !== name) {
          const isStored = isMerging && !written.has(nameKey(other));
          const reason = isStored ? 'is stored with the same key; use another key, or that name' : 'has the same key';
          throw new ConflictError(nameKey(other), reason);
        }
        insert(identity, insertKey, hash, name, JSON.stringify([...new Set(grants)]), expiresAt, revoked ? 1 : 0);
      },

      /** Adds a registry and an artifact unless they are there; throws a ConflictError for another package type. */
      ensureArtifact(registry: RegistryRow, artifact: ArtifactRow): void {
        const isStored = mayBeStored(nameRegistry(registry.ref));
        const found = find(artifact);
        if (found === undefined) writer.addRegistry(registry);
        else requireType(registry, found, isStored);
        if (!found?.artifactId) writer.addArtifact(artifact);
      },

      /** Counts the versions that were added; to be called last. */
      finish(): void {
        for (const [artifactId, versions] of added) addToCount.run(versions, artifactId);
      },
    };
    return writer;
  };
}

function requireType({ ref, packageType }: RegistryRow, found: Found, isStored: boolean): void {
  if (found.packageType === packageType) return;
  const reason = isStored
    ? `is stored as ${found.packageType}, not ${packageType}; delete it first to change its type`
    : `is ${found.packageType}, not ${packageType}`;
  throw new ConflictError(nameRegistry(ref), reason);
}

/** Prepares the addition of a number to the versions of an artifact's registry. */
const prepareCount = (db: Database) =>
  db.prepare(
    'UPDATE registries SET versions = versions + ? WHERE id = (SELECT registry_id FROM artifacts WHERE id = ?)',
  );

/** Prepares the deletion of a version with its children; returns a function that says whether it was there. */
function prepareVersionRemoval(db: Database): (artifactId: number, version: string) => boolean {
  const deleteVersion = db.prepare("DELETE FROM versions WHERE artifact_id = ? AND parent = '' AND version = ?");
  const deleteChildren = db.prepare('DELETE FROM versions WHERE artifact_id = ? AND parent = ?');
  const addToCount = prepareCount(db);
  return (artifactId, version) => {
    const isThere = deleteVersion.run(artifactId, version).changes > 0;
    if (isThere) {
      deleteChildren.run(artifactId, version);
      addToCount.run(-1, artifactId);
    }
    return isThere;
  };
}

/**
 * Prepares deletions, for use in a transaction. The returned function throws a ValidationError for an invalid removal, a
 * LookupError for unknown data.
 */
export function prepareRemove(db: Database): (removal: unknown) => Removed {
  const identify = prepareIdentify(db);
  const addToCount = prepareCount(db);
  const removeVersion = prepareVersionRemoval(db);
  const countArtifacts = db.prepare<[number], number>('SELECT count(*) FROM artifacts WHERE registry_id = ?').pluck();
  const countVersions = db
    .prepare<[number], number>("SELECT count(*) FROM versions WHERE artifact_id = ? AND parent = ''")
    .pluck();
  const deleteRegistry = db.prepare<[number], number>('DELETE FROM registries WHERE id = ? RETURNING versions').pluck();
  const deleteArtifact = db.prepare('DELETE FROM artifacts WHERE id = ?');

  return (removal) => {
    const { registryRef: ref, artifact: name, artifactType, version } = validate(RemovalSchema, removal);
    if (name === undefined && (version ?? artifactType) !== undefined) {
      throw new ValidationError(['artifact'], 'set artifact if version or artifactType is set');
    }
    const found = identify(ref, name, artifactType);
    if (found === undefined) throw MISSES.registryUnknown;
    const { registryId, packageType, artifactId } = found;
    if (name === undefined) {
      const artifacts = countArtifacts.get(registryId) as number;
      return { registries: 1, artifacts, versions: deleteRegistry.get(registryId) as number };
    }
    if (artifactId === null) throw explainMiss(packageType, artifactType, false);
    if (version === undefined) {
      const versions = countVersions.get(artifactId) as number;
      addToCount.run(-versions, artifactId);
      deleteArtifact.run(artifactId);
      return { registries: 0, artifacts: 1, versions };
    }
    if (!removeVersion(artifactId, version)) throw MISSES.versionUnknown;
    return { registries: 0, artifacts: 0, versions: 1 };
  };
}
