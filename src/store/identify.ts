import { createHash, timingSafeEqual } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { type LookupError, MISSES } from '../api/errors.js';
import type { ArtifactType, PackageType } from '../api/schema.js';
import type { ApiKey } from './types.js';

/** A registry, and its artifact if there is one of the given name and type. */
export interface Found {
  registryId: number;
  packageType: PackageType;
  artifactId: number | null;
}

/** Prepares a function that finds a registry and an artifact by name. */
export function prepareIdentify(db: Database) {
  const find = db.prepare<[string, string, string], Found>(`
    SELECT r.id AS registryId, r.package_type AS packageType, a.id AS artifactId FROM registries r
    LEFT JOIN artifacts a ON a.registry_id = r.id AND a.name = ? AND a.artifact_type = ? WHERE r.ref = ?`);
  return (ref: string, artifact = '', artifactType: ArtifactType | '' = '') => find.get(artifact, artifactType, ref);
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

/** Hashes the text of an API key (SHA-256). */
export function hashKey(key: string, encoding: 'utf8' | 'latin1' = 'utf8'): Buffer {
  return createHash('sha256').update(key, encoding).digest();
}

/** Prepares the reading of all API keys; they are few, and kept in memory by the texts of their hashes. */
export function prepareKeys(db: Database) {
  type Row = { hash: Buffer; name: string; grants: string; expiresAt: number | null; revoked: 0 | 1 };
  const select = db.prepare<[], Row>('SELECT hash, name, grants, expires_at AS expiresAt, revoked FROM api_keys');
  return () => {
    const keys = select.all().map(({ hash, name, grants, expiresAt, revoked }) => {
      const apiKey: ApiKey = {
        name,
        grants: JSON.parse(grants),
        expiresAt: expiresAt ?? undefined,
        revoked: revoked === 1,
      };
      return { hash, apiKey };
    });
    const known = new Map(keys.map((key) => [key.hash.toString('latin1'), key]));
    return {
      list: keys.map(({ apiKey }) => apiKey),
      find(presented: string): ApiKey | undefined {
        const hash = hashKey(presented, 'latin1');
        const found = known.get(hash.toString('latin1'));
        return found !== undefined && timingSafeEqual(found.hash, hash) ? found.apiKey : undefined;
      },
    };
  };
}
