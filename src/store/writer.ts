import Database from 'better-sqlite3';
import { MISSES } from '../api/errors.js';
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
import type { ApiKey, ArtifactRow, RegistryRow, Removal, Removed, VersionRow } from './types.js';

/** Data contradicts what the same transaction has written or, with a remedy, what was stored before under an identity. */
export class ConflictError extends Error {
  constructor(
    readonly identity: string,
    readonly contradiction?: string,
    readonly remedy?: string,
  ) {
    super(`${identity} ${contradiction ?? 'is already there'}${remedy === undefined ? '' : `; ${remedy}`}`);
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
  const insertKey = db.prepare('INSERT INTO api_keys (hash, name, grants, expires_at, revoked) VALUES (?, ?, ?, ?, ?)');
  const setQuarantine = db.prepare('UPDATE artifacts SET quarantine_reason = ? WHERE id = ?');
  const deleteKey = db.prepare('DELETE FROM api_keys WHERE name = ?');
  const removeVersion = prepareVersionRemoval(db);
  const identifier = prepareIdentifier(db);

  return (isMerging: boolean) => {
    const written = new Set<string>();
    /** Whether something may be stored already: in a merge, until this transaction has written it. */
    const mayBeStored = (...identity: (string | undefined)[]): boolean =>
      isMerging && written.size < written.add(JSON.stringify(identity)).size;

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
        const stored = mayBeStored('registry', ref) ? identifier.findRegistry(ref) : undefined;
        if (stored !== undefined) requireType(registry, stored, true);
        else orConflict(registryIdentity(ref), () => insertRegistry.run(ref, packageType));
      },

      addArtifact(artifact: ArtifactRow): void {
        const { ref, name, artifactType, quarantineReason } = artifact;
        const stored = mayBeStored('artifact', ref, name, artifactType) ? findArtifact(artifact) : undefined;
        if (stored !== undefined) setQuarantine.run(quarantineReason, stored.id);
        else {
          const registryId = identifier.findRegistry(ref)?.id;
          const insert = () => insertArtifact.run(registryId, name, artifactType ?? '', quarantineReason);
          orConflict(artifactIdentity(artifact), insert);
        }
      },

      addVersion(artifact: ArtifactRow, row: VersionRow, children: readonly VersionRow[]): void {
        const { ref, name, artifactType } = artifact;
        const { version } = row;
        const found = findArtifact(artifact);
        if (found !== undefined && mayBeStored('version', ref, name, artifactType, version)) {
          removeVersion(found.id, version);
        }
        const insert = (parent: string, { quarantineReason, extra, fault, ...fields }: VersionRow) => {
          const body = renderBody({ ...fields, packageType: found?.packageType, artifactType, name });
          insertVersion.run(found?.id, parent, fields.version, body, quarantineReason, extra, fault);
        };
        orConflict(versionIdentity(artifact, version), () => {
          insert('', row);
          for (const child of children) insert(version, child);
        });
      },

      addKey(key: string, { name, grants, expiresAt, revoked }: ApiKey): void {
        if (mayBeStored('key', name)) deleteKey.run(name);
        const hash = hashKey(key);
        const other = identifier.findKeyName(hash);
        if (other !== undefined && other !== name) {
          throw isMerging && !written.has(JSON.stringify(['key', other]))
            ? new ConflictError(keyIdentity(other), 'is stored with the same key', 'use another key, or that name')
            : new ConflictError(keyIdentity(other), 'has the same key');
        }
        const values = [hash, name, JSON.stringify([...new Set(grants)]), expiresAt, revoked ? 1 : 0];
        orConflict(keyIdentity(name), () => insertKey.run(values));
      },

      /** Adds a registry and an artifact unless they are there; throws a ConflictError for another package type. */
      ensureArtifact(registry: RegistryRow, artifact: ArtifactRow): void {
        const isStored = mayBeStored('registry', registry.ref);
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
  const contradiction = `is ${isStored ? 'stored as ' : ''}${found.packageType}, not ${packageType}`;
  const remedy = isStored ? 'delete it first to change its type' : undefined;
  throw new ConflictError(registryIdentity(ref), contradiction, remedy);
}

type BodyFields = Omit<VersionRow, 'quarantineReason' | 'extra' | 'fault'> &
  Pick<ArtifactRow, 'name' | 'artifactType'> & { packageType: string | undefined };

/** Renders the contract's fields before `isQuarantined`, in the contract's order, without the closing brace. */
function renderBody(fields: BodyFields): string {
  const { version, packageType, artifactType, name, size, createdAt, createdBy, modifiedAt, downloadCount } = fields;
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

/** Prepares the deletion of a version with its children; returns a function that says whether it was there. */
function prepareVersionRemoval(db: Database.Database): (artifactId: number, version: string) => boolean {
  const deleteVersion = db.prepare("DELETE FROM versions WHERE artifact_id = ? AND parent = '' AND version = ?");
  const deleteChildren = db.prepare('DELETE FROM versions WHERE artifact_id = ? AND parent = ?');
  return (artifactId, version) => {
    deleteChildren.run(artifactId, version);
    return deleteVersion.run(artifactId, version).changes > 0;
  };
}

/** Prepares deletions, for use in a transaction; the returned function throws a LookupError. */
export function prepareRemove(db: Database.Database): (removal: Removal) => Removed {
  const identifier = prepareIdentifier(db);
  const count = (column: 'registry_id' | 'id') =>
    db.prepare<{ id: number }, Omit<Removed, 'registries'>>(`
      SELECT (SELECT count(*) FROM artifacts a WHERE a.${column} = @id) AS artifacts,
        (SELECT count(*) FROM artifacts a JOIN versions v ON v.artifact_id = a.id AND v.parent = ''
         WHERE a.${column} = @id) AS versions`);
  const countInRegistry = count('registry_id');
  const countInArtifact = count('id');
  const deleteRegistry = db.prepare('DELETE FROM registries WHERE id = ?');
  const deleteArtifact = db.prepare('DELETE FROM artifacts WHERE id = ?');
  const removeVersion = prepareVersionRemoval(db);

  return ({ registryRef: ref, artifact: name, artifactType, version }) => {
    const registry = identifier.findRegistry(ref);
    if (registry === undefined) throw MISSES.registryUnknown;
    // An artifact type or a version without an artifact must not delete the registry.
    if (name === undefined && artifactType === undefined && version === undefined) {
      const counts = countInRegistry.get(registry) as Omit<Removed, 'registries'>;
      deleteRegistry.run(registry.id);
      return { registries: 1, ...counts };
    }
    const artifact = name === undefined ? undefined : identifier.findArtifact({ ref, name, artifactType });
    if (artifact === undefined) throw explainMiss(registry.packageType, artifactType, false);
    if (version !== undefined) {
      if (!removeVersion(artifact.id, version)) throw MISSES.versionUnknown;
      return { registries: 0, artifacts: 0, versions: 1 };
    }
    const counts = countInArtifact.get(artifact) as Omit<Removed, 'registries'>;
    deleteArtifact.run(artifact.id);
    return { registries: 0, ...counts };
  };
}
