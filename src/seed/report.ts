import { findGrant } from '../api/auth.js';
import type { AuthMode } from '../config/options.js';
import type { Store } from '../store/store.js';
import type { ApiKey } from '../store/types.js';
import { count } from '../util/text.js';
import { A_SCHEMA, listSkipped, type SkippedFile } from './files.js';

/** Whether a key is neither revoked nor expired. */
export const isValid = ({ revoked, expiresAt = Number.POSITIVE_INFINITY }: ApiKey): boolean =>
  !revoked && expiresAt > Date.now();

/** Returns a warning if every request gets a 401 because no key is valid. */
export function warnOfKeys(store: Store, auth: AuthMode): string | undefined {
  const keys = store.listKeys();
  if (auth !== 'strict' || keys.some(isValid)) return undefined;
  const found = keys.length === 0 ? 'no key' : 'no usable key, because all are revoked or expired';
  return `${found}: every request gets 401; add apiKeys to a fixture, or use --auth any`;
}

const MAX_NAMED = 3;

/** Lists what a user of loaded data should know: skipped files, and data that no key can read. */
export function listWarnings(store: Store, auth: AuthMode, skipped: readonly SkippedFile[]): string[] {
  const unexpected = skipped.filter(({ reason }) => reason !== A_SCHEMA);
  const warnings = unexpected.length > 0 ? [`files skipped: ${listSkipped(unexpected)}`] : [];
  const ofKeys = warnOfKeys(store, auth);
  if (ofKeys !== undefined) return [...warnings, ofKeys];
  const grants = store.listKeys().flatMap((key) => (isValid(key) ? key.grants : []));
  const refs = [...store.listRegistries()].map(({ ref }) => ref).filter((ref) => findGrant(grants, ref) === undefined);
  if (auth === 'strict' && refs.length > 0) {
    const more = refs.length > MAX_NAMED ? ` and ${refs.length - MAX_NAMED} more` : '';
    const named = refs.slice(0, MAX_NAMED).join(', ');
    warnings.push(`no usable key has a grant for ${named}${more}: every request for it gets 403`);
  }
  return warnings;
}

/** Above this many versions, their names are not compared. */
const MAX_COMPARED = 100_000;

/**
 * Remembers what is stored; the returned function describes what has changed since, such as `12 versions (+2 -1)`. In a
 * large store, it compares only the number of versions.
 */
export function compareLater(store: Store): () => string {
  const before = store.summarise().versions;
  const known = before > MAX_COMPARED ? undefined : new Set(store.listVersionNames());
  return () => {
    const { versions, keys } = store.summarise();
    let difference = `before: ${before}`;
    if (known !== undefined && versions <= MAX_COMPARED) {
      const added = store.listVersionNames().filter((name) => !known.has(name)).length;
      difference = `+${added} -${before + added - versions}`;
    }
    return `${count(versions, 'version')} (${difference}), ${count(keys, 'key')}`;
  };
}
