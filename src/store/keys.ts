import { createHash, timingSafeEqual } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { ApiKey } from './types.js';

/** Finds API keys. */
export interface KeyFinder {
  /** Returns the key that was presented in a header (one character a byte), or undefined for an unknown one. */
  findKey(presented: string): ApiKey | undefined;
  /**
   * A number that changes whenever the keys or the data do, be it by another process that writes to the file; NaN, which
   * equals nothing, where the database cannot be read.
   */
  readonly revision: number;
}

interface Row {
  hash: Buffer;
  name: string;
  expires_at: number | null;
  revoked: 0 | 1;
  grants: string;
}

/** Hashes an API key for the store (SHA-256); takes its text, returns 32 bytes. */
export function hashKey(key: string, encoding: 'utf8' | 'latin1' = 'utf8'): Buffer {
  return createHash('sha256').update(key, encoding).digest();
}

/** Prepares the look-up of keys on a database. Keys are few: `load` reads them all, once after every write. */
export function prepareKeys(db: Database): Pick<KeyFinder, 'findKey'> & { load(): void } {
  const list = db.prepare<[], Row>(`
    SELECT hash, name, expires_at, revoked,
      (SELECT json_group_array(scope) FROM grants WHERE key_hash = hash) AS grants
    FROM api_keys`);
  const byHash = new Map<string, { hash: Buffer; apiKey: ApiKey }>();

  return {
    load() {
      byHash.clear();
      for (const { hash, name, grants, expires_at, revoked } of list.all()) {
        const apiKey = { name, grants: JSON.parse(grants), expiresAt: expires_at ?? undefined, revoked: revoked === 1 };
        byHash.set(hash.toString('latin1'), { hash, apiKey });
      }
    },
    findKey(presented) {
      const hash = hashKey(presented, 'latin1');
      const known = byHash.get(hash.toString('latin1'));
      return known !== undefined && timingSafeEqual(known.hash, hash) ? known.apiKey : undefined;
    },
  };
}
