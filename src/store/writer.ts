import Database from 'better-sqlite3';
import { MISSES } from '../api/errors.js';
import { ValidationError, validate } from '../util/validate.js';
import {
  artifactIdentity,
  explainMiss,
  hashKey,
  keyIdentity,
  prepareIdentifier,
  registryIdentity,
  type StoredId,
  versionIdentity,
} from './identify.js';
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

/** Writes into a store during one transaction. Every method throws a ConflictError for data that is already there. */
export type Writer = ReturnType<ReturnType<typeof prepareWriter>>;

/**
 * Prepares writers on a database; each transaction makes its own. A merging one replaces what was stored before, but not
 * what it has written itself.
 */
export function prepareWriter(db: Database.Database) {
  const insertRegistry = db.prepare('INSERT INTO registries (ref, package_type) VALUES (?, ?)');
  const insertArtifact = db.prepare(
    'INSERT INTO artifacts (registry_id, name, artifact_type, quarantine_reason) VALUES (?, ?, ?, ?)',
  );
  const insertVersion = db.prepare(
    'INSERT INTO versions (artifact_id, parent, version, body, quarantine_reason, extra, fault) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const addToCount = prepareCount(db);
  const insertKey = db.prepare('INSERT INTO api_keys (hash, name, grants, expires_at, revoked) VALUES (?, ?, ?, ?, ?)');
  const setQuarantine = db.prepare('UPDATE artifacts SET quarantine_reason = ? WHERE id = ?');
  const deleteKey = db.prepare('DELETE FROM api_keys WHERE name = ?');
  const findKeyName = db.prepare<[Buffer], string>('SELECT name FROM api_keys WHERE hash = ?').pluck();
  const removeVersion = prepareVersionRemoval(db);
  const identifier = prepareIdentifier(db);

  return (isMerging: boolean) => {
    const written = new Set<string>();
    /** Whether something may be stored already: in a merge, until this transaction has written it. */
    const mayBeStored = (identity: string): boolean => isMerging && written.size < written.add(identity).size;

    // A line of NDJSON usually adds to the artifact of the line before.
    let last: (ArtifactRow & { found: StoredId }) | undefined;
    const findArtifact = (artifact: ArtifactRow): StoredId | undefined => {
      const { ref, name, artifactType } = artifact;
      if (last?.name === name && last.ref === ref && last.artifactType === artifactType) return last.found;
      const found = identifier.findArtifact(artifact);
      if (found !== undefined) last = { ...artifact, found };
      return found;
    };

    const writer = {
      addRegistry(registry: RegistryRow): void {
        const { ref, packageType } = registry;
        const identity = registryIdentity(ref);
        const stored = mayBeStored(identity) ? identifier.findRegistry(ref) : undefined;
        if (stored !== undefined) requireType(registry, stored, true);
        else orConflict(identity, () => insertRegistry.run(ref, packageType));
      },

      addArtifact(artifact: ArtifactRow): void {
        const { ref, name, artifactType = '', quarantineReason } = artifact;
        const identity = artifactIdentity(artifact);
        const stored = mayBeStored(identity) ? findArtifact(artifact) : undefined;
        if (stored !== undefined) setQuarantine.run(quarantineReason, stored.id);
        else {
          const registryId = identifier.findRegistry(ref)?.id;
          orConflict(identity, () => insertArtifact.run(registryId, name, artifactType, quarantineReason));
        }
      },

      addVersion(artifact: ArtifactRow, row: VersionRow, children: readonly VersionRow[]): void {
        const { version } = row;
        const identity = versionIdentity(artifact, version);
        const found = findArtifact(artifact);
        if (found !== undefined && mayBeStored(identity)) removeVersion(found.id, version);
        const insert = (parent: string, { quarantineReason, extra, fault, ...fields }: VersionRow) => {
          const body = renderBody(fields, artifact, found?.packageType);
          insertVersion.run(found?.id, parent, fields.version, body, quarantineReason, extra, fault);
        };
        orConflict(identity, () => {
          insert('', row);
          for (const child of children) insert(version, child);
        });
        addToCount.run(1, found?.id);
      },

      addKey(key: string, { name, grants, expiresAt, revoked }: ApiKey): void {
        const identity = keyIdentity(name);
        if (mayBeStored(identity)) deleteKey.run(name);
        const hash = hashKey(key);
        const other = findKeyName.get(hash);
        if (other !== undefined && other !== name) {
          const isStored = isMerging && !written.has(keyIdentity(other));
          const reason = isStored ? 'is stored with the same key; use another key, or that name' : 'has the same key';
          throw new ConflictError(keyIdentity(other), reason);
        }
        const values = [hash, name, JSON.stringify([...new Set(grants)]), expiresAt, revoked ? 1 : 0];
        orConflict(identity, () => insertKey.run(values));
      },

      /** Adds a registry and an artifact unless they are there; throws a ConflictError for another package type. */
      ensureArtifact(registry: RegistryRow, artifact: ArtifactRow): void {
        const isStored = mayBeStored(registryIdentity(registry.ref));
        const found = findArtifact(artifact) ?? identifier.findRegistry(registry.ref);
        if (found === undefined) writer.addRegistry(registry);
        else requireType(registry, found, isStored);
        if (findArtifact(artifact) === undefined) writer.addArtifact(artifact);
      },
    };
    return writer;
  };
}

function requireType({ ref, packageType }: RegistryRow, found: StoredId, isStored: boolean): void {
  if (found.packageType === packageType) return;
  const reason = isStored
    ? `is stored as ${found.packageType}, not ${packageType}; delete it first to change its type`
    : `is ${found.packageType}, not ${packageType}`;
  throw new ConflictError(registryIdentity(ref), reason);
}

/** Renders the contract's fields before `isQuarantined`, in the contract's order, without the closing brace. */
function renderBody(
  { version, ...others }: VersionRow,
  { artifactType, name }: ArtifactRow,
  packageType: string | undefined,
): string {
  const { size, createdAt, createdBy, modifiedAt, downloadCount } = others;
  const ordered = { version, packageType, artifactType, name, size, createdAt, createdBy, modifiedAt, downloadCount };
  return JSON.stringify(ordered).slice(0, -1);
}

function orConflict(identity: string, insert: () => void): void {
  try {
    insert();
  } catch (error) {
    const isThere = error instanceof Database.SqliteError && /CONSTRAINT_(UNIQUE|PRIMARYKEY)/.test(error.code);
    throw isThere ? new ConflictError(identity) : error;
  }
}

/** Prepares the addition of a number to the versions of an artifact's registry. */
const prepareCount = (db: Database.Database) =>
  db.prepare(
    'UPDATE registries SET versions = versions + ? WHERE id = (SELECT registry_id FROM artifacts WHERE id = ?)',
  );

/** Prepares the deletion of a version with its children; returns a function that says whether it was there. */
function prepareVersionRemoval(db: Database.Database): (artifactId: number, version: string) => boolean {
  const deleteVersion = db.prepare("DELETE FROM versions WHERE artifact_id = ? AND parent = '' AND version = ?");
  const deleteChildren = db.prepare('DELETE FROM versions WHERE artifact_id = ? AND parent = ?');
  const addToCount = prepareCount(db);
  return (artifactId, version) => {
    deleteChildren.run(artifactId, version);
    const { changes } = deleteVersion.run(artifactId, version);
    addToCount.run(-changes, artifactId);
    return changes > 0;
  };
}

/**
 * Prepares deletions, for use in a transaction. The returned function throws a ValidationError for an invalid removal, a
 * LookupError for unknown data.
 */
export function prepareRemove(db: Database.Database): (removal: unknown) => Removed {
  const identifier = prepareIdentifier(db);
  const addToCount = prepareCount(db);
  /** Deletes a registry or an artifact by its id, and counts what it has. */
  const prepareDeletion = (table: 'registries' | 'artifacts', column: 'registry_id' | 'id') => {
    const count = db.prepare<{ id: number }, Omit<Removed, 'registries'>>(`
      SELECT (SELECT count(*) FROM artifacts a WHERE a.${column} = @id) AS artifacts,
        (SELECT count(*) FROM artifacts a JOIN versions v ON v.artifact_id = a.id AND v.parent = ''
         WHERE a.${column} = @id) AS versions`);
    const remove = db.prepare(`DELETE FROM ${table} WHERE id = ?`);
    return ({ id }: StoredId) => {
      const counts = count.get({ id }) as Omit<Removed, 'registries'>;
      if (table === 'artifacts') addToCount.run(-counts.versions, id);
      remove.run(id);
      return { registries: table === 'registries' ? 1 : 0, ...counts };
    };
  };
  const removeRegistry = prepareDeletion('registries', 'registry_id');
  const removeArtifact = prepareDeletion('artifacts', 'id');
  const removeVersion = prepareVersionRemoval(db);

  return (removal) => {
    const { registryRef: ref, artifact: name, artifactType, version } = validate(RemovalSchema, removal);
    if (name === undefined && (version ?? artifactType) !== undefined) {
      throw new ValidationError(['artifact'], 'set artifact if version or artifactType is set');
    }
    const registry = identifier.findRegistry(ref);
    if (registry === undefined) throw MISSES.registryUnknown;
    if (name === undefined) return removeRegistry(registry);
    const artifact = identifier.findArtifact({ ref, name, artifactType });
    if (artifact === undefined) throw explainMiss(registry.packageType, artifactType, false);
    if (version === undefined) return removeArtifact(artifact);
    if (!removeVersion(artifact.id, version)) throw MISSES.versionUnknown;
    return { registries: 0, artifacts: 0, versions: 1 };
  };
}
