import type { Database } from 'better-sqlite3';
import { Miss } from './errors.js';
import { prepareIdentifier } from './identify.js';
import type { Removal, Removed } from './types.js';

/** Prepares deletions on a database: returns what deletes, for use in a transaction, and throws as `Store.remove` does. */
export function prepareRemover(db: Database): (what: Removal) => Removed {
  const { findRegistry, listArtifacts } = prepareIdentifier(db);
  const countArtifacts = db.prepare<[number], number>('SELECT count(*) FROM artifacts WHERE registry_id = ?').pluck();
  const countVersions = (column: 'registry_id' | 'id') =>
    db
      .prepare<[number], number>(`
        SELECT count(*) FROM artifacts a JOIN versions v ON v.artifact_id = a.id AND v.parent_id IS NULL
        WHERE a.${column} = ?`)
      .pluck();
  const countVersionsOfRegistry = countVersions('registry_id');
  const countVersionsOfArtifact = countVersions('id');
  const deleteRegistry = db.prepare<[number]>('DELETE FROM registries WHERE id = ?');
  const deleteArtifact = db.prepare<[number]>('DELETE FROM artifacts WHERE id = ?');
  const deleteVersion = db.prepare<[number, string]>(
    'DELETE FROM versions WHERE artifact_id = ? AND version = ? AND parent_id IS NULL',
  );

  const removeRegistry = (id: number): Removed => {
    const artifacts = countArtifacts.get(id) as number;
    const versions = countVersionsOfRegistry.get(id) as number;
    deleteRegistry.run(id);
    return { registries: 1, artifacts, versions };
  };

  const removeArtifact = (id: number): Removed => {
    const versions = countVersionsOfArtifact.get(id) as number;
    deleteArtifact.run(id);
    return { registries: 0, artifacts: 1, versions };
  };

  const removeVersion = (artifactId: number, version: string): Removed => {
    if (deleteVersion.run(artifactId, version).changes === 0) throw Miss.version;
    return { registries: 0, artifacts: 0, versions: 1 };
  };

  return ({ registryRef, artifact, artifactType, version }) => {
    const registry = findRegistry(registryRef);
    if (registry === undefined) throw Miss.registry;
    if (artifactType !== undefined && registry.packageType !== 'HUGGINGFACE') throw Miss.packageType;
    if (artifact === undefined) {
      // A slip such as a version without its artifact must not take the registry with it.
      if (artifactType !== undefined || version !== undefined) throw Miss.artifact;
      return removeRegistry(registry.id);
    }
    const found = listArtifacts(registry.id, artifact).filter(
      (row) => artifactType === undefined || row.artifactType === artifactType,
    );
    const [first] = found;
    if (first === undefined) throw Miss.artifact;
    if (found.length > 1) throw Miss.ambiguous;
    return version === undefined ? removeArtifact(first.id) : removeVersion(first.id, version);
  };
}
