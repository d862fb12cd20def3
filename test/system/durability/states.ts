import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import type { FixtureDocument } from '../../../src/seed/format.js';

/** Characters of text in every version; a few thousand versions do not fit into SQLite's cache. */
const FILLING = 4_000;

/** The path of a version of `makeFixture`. */
export const target = (name: string): string =>
  `/har/api/v1/registry/durable/data/+/artifact/${name}/version/0/details`;

/** Creates a document with one artifact of `versions` versions and a key, all of the given name. */
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
  `SELECT r.ref, r.package_type, a.name, a.artifact_type, a.quarantine_reason,
    v.parent, v.version, v.body, v.quarantine_reason, v.extra, v.fault
  FROM registries r
  LEFT JOIN artifacts a ON a.registry_id = r.id
  LEFT JOIN versions v ON v.artifact_id = a.id
  ORDER BY r.ref, a.name, a.artifact_type, v.parent, v.version`,
  'SELECT hash, name, grants, expires_at, revoked FROM api_keys ORDER BY name',
];

/** Returns a hash of all data of a store's file. Throws an Error if SQLite finds damage. */
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
