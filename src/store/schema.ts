import { ARTIFACT_TYPES, PACKAGE_TYPES } from '../api/schema.js';

const quoted = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(', ');

/** The application id in the header of a store's SQLite file ("HARM"). */
export const APPLICATION_ID = 0x4841524d;

/** The version of the tables below, kept as `user_version`. */
export const SCHEMA_VERSION = 4;

/**
 * The tables of a store. A registry has the number of its versions, because counting millions takes seconds. `parent` is
 * the Docker version that a child belongs to, and empty for a version. `body` is the JSON text of the contract's fields
 * before `isQuarantined`, in the contract's order and without the closing brace, so that a lookup only appends to it. Keys
 * are stored as SHA-256 hashes, their grants as a JSON list. The undo log has as many values as the widest table has columns.
 */
export const SCHEMA = `
  CREATE TABLE registries (
    id INTEGER PRIMARY KEY,
    ref TEXT NOT NULL UNIQUE CHECK (ref <> ''),
    package_type TEXT NOT NULL CHECK (package_type IN (${quoted(PACKAGE_TYPES)})),
    versions INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  CREATE TABLE artifacts (
    id INTEGER PRIMARY KEY,
    registry_id INTEGER NOT NULL REFERENCES registries (id) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (name <> ''),
    artifact_type TEXT NOT NULL CHECK (artifact_type IN ('', ${quoted(ARTIFACT_TYPES)})),
    quarantine_reason TEXT,
    UNIQUE (registry_id, name, artifact_type)
  ) STRICT;

  CREATE TABLE versions (
    artifact_id INTEGER NOT NULL REFERENCES artifacts (id) ON DELETE CASCADE,
    parent TEXT NOT NULL,
    version TEXT NOT NULL CHECK (version <> ''),
    body TEXT NOT NULL,
    quarantine_reason TEXT,
    extra TEXT CHECK (extra <> '{}'),
    fault TEXT,
    PRIMARY KEY (artifact_id, parent, version)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE api_keys (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    name TEXT NOT NULL UNIQUE CHECK (name <> ''),
    grants TEXT NOT NULL,
    expires_at INTEGER,
    revoked INTEGER NOT NULL CHECK (revoked IN (0, 1))
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE undo_log (
    step INTEGER PRIMARY KEY,
    statement TEXT NOT NULL,
    c0 ANY, c1 ANY, c2 ANY, c3 ANY, c4 ANY, c5 ANY, c6 ANY
  ) STRICT;
`;
