import { parse } from 'node:querystring';
import type { LookUp } from '../store/types.js';
import { type ArtifactPath, parsePath } from '../wire/path.js';
import { isDecodable, splitTarget } from '../wire/target.js';

/** What a target of the API asks for: its path decoded, and the query as the router reads it. */
export interface ReadTarget {
  path: ArtifactPath;
  query: Record<string, unknown>;
}

/** Reads a target from the wire; returns undefined for one that is not of the API or cannot be decoded. */
export function readTarget(target: string): ReadTarget | undefined {
  const { path: wirePath, query } = splitTarget(target);
  if (!isDecodable(wirePath) || !isDecodable(query)) return undefined;
  const path = parsePath(wirePath);
  return path && { path, query: parse(query.slice(1), '&', '=', { maxKeys: 0 }) };
}

/** What a well-formed target looks up; a parameter that is repeated is left out. */
export function toLookUp({ path, query }: ReadTarget): LookUp {
  const { artifact_type, childVersion } = query;
  return {
    ...path,
    artifactType: typeof artifact_type === 'string' ? (artifact_type as LookUp['artifactType']) : undefined,
    childVersion: typeof childVersion === 'string' ? childVersion : undefined,
  };
}
