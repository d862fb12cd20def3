import type { Database } from 'better-sqlite3';
import type { ArtifactType, PackageType } from '../contract/values.js';
import type { ArtifactRow } from './types.js';

/** Finds what names stand for. */
export interface Identifier {
  /** Returns the registry of a ref, or undefined for an unknown one. */
  findRegistry(ref: string): { id: number; packageType: PackageType } | undefined;
  /** Returns the artifacts of a name in a registry: a model and a dataset may share one. */
  listArtifacts(registryId: number, name: string): { id: number; artifactType: ArtifactType | '' }[];
  /** Returns the id of the artifact that has the registry, the name and the type of the given one, or undefined. */
  findArtifact(artifact: ArtifactRow): number | undefined;
  /** Returns the name under which a key is stored, or undefined; takes the hash of its text. */
  findKeyName(hash: Buffer): string | undefined;
}

/** Prepares the finding of ids on a database. */
export function prepareIdentifier(db: Database): Identifier {
  const findRegistry = db.prepare<[string], { id: number; packageType: PackageType }>(
    'SELECT id, package_type AS packageType FROM registries WHERE ref = ?',
  );
  const listArtifacts = db.prepare<[number, string], { id: number; artifactType: ArtifactType | '' }>(
    'SELECT id, artifact_type AS artifactType FROM artifacts WHERE registry_id = ? AND name = ?',
  );
  const findArtifact = db
    .prepare<[number, string, string], number>(
      'SELECT id FROM artifacts WHERE registry_id = ? AND name = ? AND artifact_type = ?',
    )
    .pluck();
  const findKeyName = db.prepare<[Buffer], string>('SELECT name FROM api_keys WHERE hash = ?').pluck();

  return {
    findRegistry: (ref) => findRegistry.get(ref),
    listArtifacts: (registryId, name) => listArtifacts.all(registryId, name),
    findArtifact({ registryRef, name, artifactType }) {
      const registry = findRegistry.get(registryRef);
      return registry && findArtifact.get(registry.id, name, artifactType ?? '');
    },
    findKeyName: (hash) => findKeyName.get(hash),
  };
}
