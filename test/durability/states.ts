import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import type { FixtureDocument } from '../../src/fixtures/format.js';

/** How much text every version carries, in characters: a few thousand versions are more than SQLite keeps in memory. */
const FILLING = 4_000;

/** Where a version of `makeFixture` is. */
export const target = (name: string): string =>
  `/har/api/v1/registry/durable/data/+/artifact/${name}/version/0/details`;

/** Makes a document of so many versions of one artifact, with a key; all of it bears the name that is given. */
export function makeFixture(name: string, versions: number): FixtureDocument {
  const filling = name.repeat(FILLING / name.length);
  return {
    registries: [
      {
        ref: 'durable/data',
        packageType: 'DOCKER',
        artifacts: [
          {
            name,
            versions: Array.from({ length: versions }, (_, version) => ({
              version: String(version),
              createdBy: name,
              children: [{ version: 'child', size: version }],
              extra: { filling },
            })),
          },
        ],
      },
    ],
    apiKeys: [{ key: `pat.${name}`, name, grants: ['durable'] }],
  };
}

const ROWS = [
  `SELECT r.ref, r.package_type, a.name, a.artifact_type, a.quarantine_reason, v.version, parent.version, v.size,
    v.created_at, v.created_by, v.modified_at, v.download_count, v.quarantine_reason, v.extra, v.fault
  FROM registries r
  LEFT JOIN artifacts a ON a.registry_id = r.id
  LEFT JOIN versions v ON v.artifact_id = a.id
  LEFT JOIN versions parent ON parent.id = v.parent_id
  ORDER BY r.ref, a.name, a.artifact_type, v.version, parent.version`,
  `SELECT k.hash, k.name, k.expires_at, k.revoked, g.scope FROM api_keys k LEFT JOIN grants g ON g.key_hash = k.hash
  ORDER BY k.name, g.scope`,
];

/** Reads a store's file whole; returns what tells its data from any other. Throws an Error where SQLite finds it damaged. */
export function readState(file: string): string {
  const db = new Database(file, { readonly: true });
  try {
    for (const check of ['integrity_check', 'foreign_key_check']) {
      const found = JSON.stringify(db.pragma(check));
      if (found !== '[]' && found !== '[{"integrity_check":"ok"}]') throw new Error(`${file}: ${check}: ${found}`);
    }
    const hash = createHash('sha256');
    for (const query of ROWS)
      for (const row of db.prepare(query).raw().iterate()) hash.update(`${JSON.stringify(row)}\n`);
    return hash.digest('hex');
  } finally {
    db.close();
  }
}
