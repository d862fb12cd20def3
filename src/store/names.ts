import type { Database } from 'better-sqlite3';
import type { PackageType } from '../contract/values.js';
import { prepareIdentifier } from './identify.js';
import type { LookUp } from './types.js';

/** What a store knows by name. */
export type NameKind = 'registry' | 'artifact' | 'version' | 'child';

/** Tells which names there are, for a person who asked for one that is not there. */
export interface NameFinder {
  /** Returns the package type of a registry, or undefined for an unknown one. */
  findPackageType(registryRef: string): PackageType | undefined;
  /**
   * Lists the names of a kind, all below what else the look-up names, that stand next to its own in the alphabet: up to
   * 250 on either side, so that no store is too large to be asked.
   */
  listNeighbours(kind: NameKind, lookUp: LookUp): string[];
}

const ARTIFACT_ID = `(
  SELECT a.id FROM registries r JOIN artifacts a ON a.registry_id = r.id
  WHERE r.ref = @registryRef AND a.name = @artifact AND (@artifactType IS NULL OR a.artifact_type = @artifactType) LIMIT 1
)`;

const VERSION_ID = `(
  SELECT id FROM versions WHERE artifact_id = ${ARTIFACT_ID} AND parent_id IS NULL AND version = @version
)`;

/** Where the names of a kind are, and which of the parameters is the one to stand next to. */
const PLACES: Record<NameKind, { column: string; from: string; word: keyof LookUp }> = {
  registry: { column: 'ref', from: 'registries WHERE TRUE', word: 'registryRef' },
  artifact: {
    column: 'name',
    from: 'artifacts WHERE registry_id = (SELECT id FROM registries WHERE ref = @registryRef)',
    word: 'artifact',
  },
  version: {
    column: 'version',
    from: `versions WHERE artifact_id = ${ARTIFACT_ID} AND parent_id IS NULL`,
    word: 'version',
  },
  child: { column: 'version', from: `versions WHERE parent_id = ${VERSION_ID}`, word: 'childVersion' },
};

/** Prepares the lists of names on a database; each statement at its first use, as most processes never need one. */
export function prepareNames(db: Database): NameFinder {
  const prepare = (sql: string) => db.prepare<unknown[], unknown>(sql).pluck();

  return {
    findPackageType: (ref) => prepareIdentifier(db).findRegistry(ref)?.packageType,
    listNeighbours: (kind, { registryRef, artifact, version, artifactType = null, childVersion = null }) =>
      prepare(listAround(kind)).all({ registryRef, artifact, version, artifactType, childVersion }) as string[],
  };
}

function listAround(kind: NameKind): string {
  const { column, from, word } = PLACES[kind];
  return `
    SELECT * FROM (SELECT ${column} FROM ${from} AND ${column} >= @${word} ORDER BY ${column} LIMIT 250)
    UNION
    SELECT * FROM (SELECT ${column} FROM ${from} AND ${column} < @${word} ORDER BY ${column} DESC LIMIT 250)`;
}
