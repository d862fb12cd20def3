import Database from 'better-sqlite3';
import { Conflict } from './errors.js';
import { prepareIdentifier } from './identify.js';
import { hashKey } from './keys.js';
import type { ApiKey, ArtifactRow, RegistryRow, VersionRow } from './types.js';

/** Writes into a store; every method throws a Conflict for what is there already. Lives for one transaction. */
export interface Writer {
  addRegistry(registry: RegistryRow): void;
  addArtifact(artifact: ArtifactRow): void;
  addVersion(artifact: ArtifactRow, version: VersionRow, children: readonly VersionRow[]): void;
  addKey(key: string, apiKey: ApiKey): void;
  /** Adds a registry and an artifact unless they are there; throws a Conflict when they are there and differ. */
  ensureArtifact(registry: RegistryRow, artifact: ArtifactRow): void;
}

/** Names a registry in messages. */
export const registryIdentity = (ref: string): string => `registry ${ref}`;

/** Names an artifact in messages; a model and a dataset of one name are two artifacts. */
export const artifactIdentity = ({ registryRef, name, artifactType }: ArtifactRow): string =>
  `${artifactType ?? 'artifact'} ${name} of ${registryRef}`;

/** Names a version in messages. */
export const versionIdentity = (artifact: ArtifactRow, version: string): string =>
  `version ${version} of ${artifactIdentity(artifact)}`;

/** Names an API key in messages, by its name and never by its text. */
export const keyIdentity = (name: string): string => `API key "${name}"`;

const COLUMNS = `artifact_id, parent_id, version, size, created_at, created_by, modified_at, download_count,
  quarantine_reason, extra, fault`;

/** Prepares the statements of writers on a database; returns a function that makes one for a transaction. */
export function prepareWriter(db: Database.Database): () => Writer {
  const insertRegistry = db.prepare('INSERT INTO registries (ref, package_type) VALUES (?, ?)');
  const insertArtifact = db.prepare(
    'INSERT INTO artifacts (registry_id, name, artifact_type, quarantine_reason) VALUES (?, ?, ?, ?)',
  );
  const insertVersion = db.prepare(`INSERT INTO versions (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const insertKey = db.prepare('INSERT INTO api_keys (hash, name, expires_at, revoked) VALUES (?, ?, ?, ?)');
  const insertGrant = db.prepare('INSERT OR IGNORE INTO grants (key_hash, scope) VALUES (?, ?)');
  const identifier = prepareIdentifier(db);

  return () => {
    const findRegistry = rememberLast(identifier.findRegistry, (ref, last) => ref === last);
    const findArtifact = rememberLast(identifier.findArtifact, isSameArtifact);

    const writer: Writer = {
      addRegistry({ ref, packageType }) {
        unlessThere(
          () => registryIdentity(ref),
          () => insertRegistry.run(ref, packageType),
        );
      },

      addArtifact(artifact) {
        const { registryRef, name, artifactType = '', quarantineReason } = artifact;
        unlessThere(
          () => artifactIdentity(artifact),
          () => insertArtifact.run(findRegistry(registryRef)?.id, name, artifactType, quarantineReason),
        );
      },

      addVersion(artifact, version, children) {
        const artifactId = findArtifact(artifact);
        const insert = (parentId: number | bigint | null, row: VersionRow) =>
          insertVersion.run(
            artifactId,
            parentId,
            row.version,
            row.size,
            row.createdAt,
            row.createdBy,
            row.modifiedAt,
            row.downloadCount,
            row.quarantineReason,
            row.extra,
            row.fault,
          ).lastInsertRowid;
        unlessThere(
          () => versionIdentity(artifact, version.version),
          () => {
            const id = insert(null, version);
            for (const child of children) insert(id, child);
          },
        );
      },

      addKey(key, { name, grants, expiresAt, revoked }) {
        const hash = hashKey(key);
        const other = identifier.findKeyName(hash);
        if (other !== undefined && other !== name) throw new Conflict(keyIdentity(other), 'has the same key');
        unlessThere(
          () => keyIdentity(name),
          () => insertKey.run(hash, name, expiresAt, revoked ? 1 : 0),
        );
        for (const scope of grants) insertGrant.run(hash, scope);
      },

      ensureArtifact(registry, artifact) {
        const known = findRegistry(registry.ref);
        if (known === undefined) writer.addRegistry(registry);
        else if (known.packageType !== registry.packageType) {
          throw new Conflict(registryIdentity(registry.ref), `is ${known.packageType}, not ${registry.packageType},`);
        }
        if (findArtifact(artifact) === undefined) writer.addArtifact(artifact);
      },
    };
    return writer;
  };
}

/** Makes a finder remember what it found last: a line of bulk mostly adds to the artifact of the line before. */
function rememberLast<Wanted, Found>(
  find: (wanted: Wanted) => Found | undefined,
  isSame: (wanted: Wanted, last: Wanted) => boolean,
): (wanted: Wanted) => Found | undefined {
  let last: { wanted: Wanted; found: Found } | undefined;
  return (wanted) => {
    if (last !== undefined && isSame(wanted, last.wanted)) return last.found;
    const found = find(wanted);
    if (found !== undefined) last = { wanted, found };
    return found;
  };
}

const isSameArtifact = (one: ArtifactRow, other: ArtifactRow): boolean =>
  one.registryRef === other.registryRef && one.name === other.name && one.artifactType === other.artifactType;

function unlessThere(identify: () => string, insert: () => void): void {
  try {
    insert();
  } catch (error) {
    const isThere = error instanceof Database.SqliteError && /CONSTRAINT_(UNIQUE|PRIMARYKEY)/.test(error.code);
    throw isThere ? new Conflict(identify()) : error;
  }
}
