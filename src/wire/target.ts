import { splitPath } from './path.js';

/** A target that the router takes for a bad URL: it stands for every target that cannot be decoded. */
const UNDECODABLE = '/%';

/** A path that no route has: it stands for every target below the API that does not fit the path grammar. */
const NO_ROUTE = '/har';

/**
 * Rewrites a request target from any spelling to the one that the router knows, where each parameter is one segment.
 * Takes the target as Node hands it over and never throws: a target that cannot be decoded
 * becomes one that the router refuses as such, and one that does not fit the grammar becomes one without a route.
 */
export function toCanonicalTarget(target: string): string {
  const { path, query } = splitTarget(target);
  if (!isDecodable(path) || !isDecodable(query)) return UNDECODABLE;
  const parts = splitPath(path);
  if (parts !== undefined) {
    const { registryRef, artifact, version } = parts;
    return `/har/api/v1/registry/${registryRef}/artifact/${artifact}/version/${version}/details${query}`;
  }
  // The router decodes before it matches and would let `/har/…/%61rtifact/…` pass; the grammar is the only judge.
  return decodeURIComponent(path).startsWith('/har/') ? NO_ROUTE : path + query;
}

/** A target in two: its path, and its query with the question mark in front, or an empty string. */
export interface TargetParts {
  path: string;
  query: string;
}

/** Splits a target as it stood on the wire, in absolute form or not. Nothing is decoded. */
export function splitTarget(target: string): TargetParts {
  // No client may send a fragment; the router would cut it off, and here it is data.
  const clean = toOriginForm(target).replaceAll('#', '%23');
  const queryAt = clean.indexOf('?');
  return queryAt === -1 ? { path: clean, query: '' } : { path: clean.slice(0, queryAt), query: clean.slice(queryAt) };
}

/** Takes the scheme and the authority off an absolute-form target (RFC 9112, 3.2.2); others pass as they are. */
function toOriginForm(target: string): string {
  if (target.startsWith('/')) return target;
  const rest = /^https?:\/\/[^/?#]*(.*)$/is.exec(target)?.[1];
  if (rest === undefined) return target;
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Whether all of a text is percent-encoded UTF-8. */
export function isDecodable(text: string): boolean {
  return !text.includes('%') || attemptDecode(text);
}

function attemptDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Returns the first part of a wire target that is no percent-escape or no UTF-8, such as `%ZZ` or `%FF`; undefined
 * when the target can be decoded.
 */
export function findBadEscape(target: string): string | undefined {
  const escapes = target.replaceAll('#', '%23').match(/(?:%[0-9a-f]{2})+|%.{0,2}/gi) ?? [];
  return escapes.find((found) => !attemptDecode(found));
}
