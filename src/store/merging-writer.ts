import type { Database } from 'better-sqlite3';
import { StoredConflict } from './errors.js';
import { prepareIdentifier } from './identify.js';
import { hashKey } from './keys.js';
import type { RegistryRow } from './types.js';
import { keyIdentity, registryIdentity, type Writer } from './writer.js';

/**
 * Prepares writers that merge: what was stored before makes way, and what the same writer has written does not. Takes
 * what makes the writers that add; returns a function that makes a merging writer, which lives for one transaction.
 */
export function prepareMergingWriter(db: Database, makeAdder: () => Writer): () => Writer {
  const { findRegistry, findArtifact, findKeyName } = prepareIdentifier(db);
  const setQuarantine = db.prepare<[string | undefined, number]>(
    'UPDATE artifacts SET quarantine_reason = ? WHERE id = ?',
  );
  const deleteVersion = db.prepare<[number | undefined, string]>(
    'DELETE FROM versions WHERE artifact_id = ? AND version = ? AND parent_id IS NULL',
  );
  const deleteKey = db.prepare<[string]>('DELETE FROM api_keys WHERE name = ?');

  /** Whether a registry is stored already; one of another package type is refused. */
  const isStored = ({ ref, packageType }: RegistryRow): boolean => {
    const stored = findRegistry(ref);
    if (stored === undefined || stored.packageType === packageType) return stored !== undefined;
    const contradiction = `is stored as ${stored.packageType}, not ${packageType}`;
    throw new StoredConflict(registryIdentity(ref), contradiction, 'delete it first to change its type');
  };

  return () => {
    const adder = makeAdder();
    const written = new Set<string>();
    /** Whether something is written for the first time; what comes again is left to the writer that adds, to refuse. */
    const isFirst = (...identity: (string | undefined)[]): boolean =>
      written.size < written.add(JSON.stringify(identity)).size;

    return {
      addRegistry(registry) {
        const isKept = isFirst('registry', registry.ref) && isStored(registry);
        if (!isKept) adder.addRegistry(registry);
      },

      addArtifact(artifact) {
        const { registryRef, name, artifactType, quarantineReason } = artifact;
        const id = isFirst('artifact', registryRef, name, artifactType) ? findArtifact(artifact) : undefined;
        if (id === undefined) adder.addArtifact(artifact);
        else setQuarantine.run(quarantineReason, id);
      },

      addVersion(artifact, version, children) {
        const { registryRef, name, artifactType } = artifact;
        if (isFirst('version', registryRef, name, artifactType, version.version)) {
          deleteVersion.run(findArtifact(artifact), version.version);
        }
        adder.addVersion(artifact, version, children);
      },

      addKey(key, apiKey) {
        if (isFirst('key', apiKey.name)) deleteKey.run(apiKey.name);
        const holder = findKeyName(hashKey(key));
        if (holder !== undefined && !written.has(JSON.stringify(['key', holder]))) {
          throw new StoredConflict(
            keyIdentity(holder),
            'is stored with the same key',
            'give another key, or that name',
          );
        }
        adder.addKey(key, apiKey);
      },

      ensureArtifact(registry, artifact) {
        if (isFirst('registry', registry.ref)) isStored(registry);
        adder.ensureArtifact(registry, artifact);
      },
    };
  };
}
