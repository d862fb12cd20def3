import { createHash, timingSafeEqual } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { type LookupError, MISSES } from '../api/errors.js';
import type { ArtifactType, PackageType } from '../api/schema.js';
import type { ApiKey, ArtifactRow } from './types.js';

/** The id of a registry or an artifact, and the package type of the registry. */
export interface StoredId {
  id: number;
  packageType: PackageType;
}

/** Prepares functions that find what is stored, by name. */
export function prepareIdentifier(db: Database) {
  const findRegistry = db.prepare<[string], StoredId>(
    'SELECT id, package_type AS packageType FROM registries WHERE ref = ?',
  );
  const findArtifact = db.prepare<[string, string, string], StoredId>(`
    SELECT a.id, r.package_type AS packageType FROM registries r JOIN artifacts a ON a.registry_id = r.id
    WHERE r.ref = ? AND a.name = ? AND a.artifact_type = ?`);
  return {
    findRegistry: (ref: string) => findRegistry.get(ref),
    findArtifact: ({ ref, name, artifactType }: ArtifactRow) => findArtifact.get(ref, name, artifactType ?? ''),
  };
}

/** Returns why a known registry has no such version, in the order in which the vendor checks (source: upstream). */
export function explainMiss(
  packageType: PackageType,
  artifactType: ArtifactType | undefined,
  isArtifactKnown: boolean,
): LookupError {
  const isTyped = packageType === 'HUGGINGFACE';
  if (!isTyped && artifactType !== undefined) return MISSES.artifactTypeNotAllowed[artifactType];
  if (isTyped && artifactType === undefined) return MISSES.artifactTypeMissing;
  return isArtifactKnown ? MISSES.versionUnknown : MISSES.artifactUnknown;
}

/** Names a registry in messages. */
export const registryIdentity = (ref: string): string => `registry ${ref}`;

/** Names an artifact in messages; a model and a dataset may share a name. */
export const artifactIdentity = ({ ref, name, artifactType }: ArtifactRow): string =>
  `${artifactType ?? 'artifact'} ${name} of ${ref}`;

/** Names a version in messages. */
export const versionIdentity = (artifact: ArtifactRow, version: string): string =>
  `version ${version} of ${artifactIdentity(artifact)}`;

/** Names an API key in messages; its text is never shown. */
export const keyIdentity = (name: string): string => `API key "${name}"`;

/** Hashes the text of an API key (SHA-256). */
export function hashKey(key: string, encoding: 'utf8' | 'latin1' = 'utf8'): Buffer {
  return createHash('sha256').update(key, encoding).digest();
}

/** All API keys, as they were when they were read. */
export interface StoredKeys {
  list: readonly ApiKey[];
  find(presented: string): ApiKey | undefined;
}

/** Prepares the reading of all API keys; they are few, and kept in memory by the texts of their hashes. */
export function prepareKeys(db: Database): () => StoredKeys {
  type Row = Omit<ApiKey, 'grants' | 'revoked'> & { hash: Buffer; grants: string; revoked: 0 | 1 };
  const list = db.prepare<[], Row>('SELECT hash, name, grants, expires_at AS expiresAt, revoked FROM api_keys');
  const toApiKey = ({ name, grants, expiresAt, revoked }: Row): ApiKey => {
    return { name, grants: JSON.parse(grants), expiresAt: expiresAt ?? undefined, revoked: revoked === 1 };
  };
  return () => {
    const known = new Map(list.all().map((row) => [row.hash.toString('latin1'), { ...row, apiKey: toApiKey(row) }]));
    return {
      list: [...known.values()].map(({ apiKey }) => apiKey),
      find(presented) {
        const hash = hashKey(presented, 'latin1');
        const found = known.get(hash.toString('latin1'));
        return found !== undefined && timingSafeEqual(found.hash, hash) ? found.apiKey : undefined;
      },
    };
  };
}
