import { ARTIFACT_TYPES, PACKAGE_TYPES } from '../contract/values.js';

const quoted = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(', ');

/** Marks a SQLite file as one of ours, in its header ("HARM"). */
export const APPLICATION_ID = 0x4841524d;

/** The version of the tables below; a file with a higher one is of a newer release. */
export const SCHEMA_VERSION = 1;

/** How many columns a row of the undo log can hold: as many as the widest table has. */
const LOGGED_COLUMNS = Array.from({ length: 12 }, (_, index) => `c${index}`);

/**
 * The tables of an empty store. A child of a Docker version is a version with a parent. The index over all versions
 * holds children too: without it, the deletion of an artifact would look at every version that there is. The undo log
 * keeps the values of a row just as they are, whatever their type.
 */
export const SCHEMA = `
  CREATE TABLE registries (
    id INTEGER PRIMARY KEY,
    ref TEXT NOT NULL UNIQUE CHECK (ref <> ''),
    package_type TEXT NOT NULL CHECK (package_type IN (${quoted(PACKAGE_TYPES)}))
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
    id INTEGER PRIMARY KEY,
    artifact_id INTEGER NOT NULL REFERENCES artifacts (id) ON DELETE CASCADE,
    parent_id INTEGER REFERENCES versions (id) ON DELETE CASCADE,
    version TEXT NOT NULL CHECK (version <> ''),
    size TEXT,
    created_at TEXT,
    created_by TEXT,
    modified_at TEXT,
    download_count INTEGER CHECK (download_count >= 0),
    quarantine_reason TEXT,
    extra TEXT CHECK (json_valid(extra)),
    fault TEXT CHECK (json_valid(fault))
  ) STRICT;

  CREATE UNIQUE INDEX versions_of_artifact ON versions (artifact_id, version, coalesce(parent_id, 0));
  CREATE UNIQUE INDEX children_of_version ON versions (parent_id, version) WHERE parent_id IS NOT NULL;

  CREATE TABLE api_keys (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    name TEXT NOT NULL UNIQUE CHECK (name <> ''),
    expires_at INTEGER,
    revoked INTEGER NOT NULL CHECK (revoked IN (0, 1))
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE grants (
    key_hash BLOB NOT NULL REFERENCES api_keys (hash) ON DELETE CASCADE,
    scope TEXT NOT NULL CHECK (scope <> ''),
    PRIMARY KEY (key_hash, scope)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE undo_log (
    step INTEGER PRIMARY KEY,
    statement TEXT NOT NULL,
    ${LOGGED_COLUMNS.map((column) => `${column} ANY`).join(', ')}
  ) STRICT;
`;
