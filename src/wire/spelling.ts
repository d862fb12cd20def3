import { cutNames, type Spelling } from './path.js';
import { isDecodable, splitTarget } from './target.js';

/** How one target spells its two names. */
export interface FoundSpelling {
  ref: Spelling;
  artifact: Spelling;
}

/** A marker as it stands at the end of a name: its slash, which only an empty name lacks, and its plus. */
const MARKER = /(?:^|(\/|%2F))(\+|%2B)$/i;

/** The spelling by the slashes of a name and its marker; where several write the same bytes, the first of the table. */
const BY_FEATURES: Record<'flat' | 'raw' | 'encoded', Record<string, Spelling>> = {
  flat: { '': 'published', '/+': 'marked', '/%2B': 'script', '%2F+': 'scriptEscaped', '%2F%2B': 'encoded' },
  raw: { '/+': 'published', '/%2B': 'script', '%2F+': 'scriptEscaped', '%2F%2B': 'scriptEscaped' },
  encoded: { '': 'bare', '/+': 'cli', '/%2B': 'cli', '%2F+': 'encoded', '%2F%2B': 'encoded' },
};

/**
 * Returns which of the known spellings a target uses for its ref and for its artifact, or undefined for one that is not
 * of this route. A name that several spellings write alike is taken for the first of them, in the order of `spellings`;
 * one that none writes so (`a%2Fb/%2B`, `a/b%2F%2B`), for the one with the same slashes and the likest marker.
 */
export function findSpelling(target: string): FoundSpelling | undefined {
  const { path, query } = splitTarget(target);
  const names = cutNames(path);
  if (names === undefined || !isDecodable(path) || !isDecodable(query)) return undefined;
  return { ref: spellingOf(names.registryRef), artifact: spellingOf(names.artifact) };
}

function spellingOf(written: string): Spelling {
  const found = MARKER.exec(written);
  const name = found === null ? written : written.slice(0, found.index);
  const marker = found === null ? '' : `${found[1] ?? '/'}${found[2]}`.toUpperCase();
  const slashes = name.includes('/') ? 'raw' : /%2F/i.test(name) ? 'encoded' : 'flat';
  return BY_FEATURES[slashes][marker] as Spelling;
}
