/** The path parameters of a call, decoded and without markers; `ref` is `account[/org[/project]]/registry`. */
export interface ArtifactPath {
  ref: string;
  artifact: string;
  version: string;
}

/** A request target, parsed. */
export interface Target {
  /** `call`: the documented call · `own`: a path that only this server has · `unknown`: anything else. */
  kind: 'call' | 'own' | 'unknown';
  /** The path as sent, without the authority of an absolute-form target. */
  path: string;
  /** The query as sent, with its question mark, or an empty string. */
  query: string;
  /** What the router gets; for every call the same path, because its parameters are parsed here. */
  routed: string;
  /** Only of a call. */
  parameters?: ArtifactPath;
  /** The ref and the artifact of a call as sent, markers included. */
  written?: { ref: string; artifact: string };
}

const PREFIXES = ['/har/api/v1/registry/', '/gateway/har/api/v1/registry/'];

const CALL = `${PREFIXES[0]}-/artifact/-/version/-/details`;

/** No route has this path. The router decodes before it matches and would accept `/har/…/%61rtifact/…`. */
const NO_ROUTE = '/har';

/** The marker at the end of a name as sent: its slash, which only an empty name lacks, and its plus. */
export const MARKER = /(?:^|(\/|%2F))(\+|%2B)$/i;

const ENCODED_SLASH = /%2F/i;

const OWN_PATH =
  /^\/(?:favicon\.ico|__[Aa][Dd][Mm][Ii][Nn](?:\/.*)?|healthz|readyz|metrics|openapi\.(?:json|yaml)|docs(?:\/.*)?)?$/s;

const ADMIN_PATH = /^\/__admin\b/i;

/** The router, the hooks and the journal parse the same target one after the other. */
let last: { text: string; target: Target } | undefined;

/**
 * Parses a request target in any spelling that clients use. Never throws: Fastify's `rewriteUrl` must not, and explain
 * accepts any text. (Source: our decision, from the behaviour of real clients.)
 */
export function parseTarget(text: string): Target {
  if (last?.text === text) return last.target;
  const target = parse(text);
  last = { text, target };
  return target;
}

function parse(text: string): Target {
  const { path, query } = splitTarget(text);
  const call = parseCall(path);
  if (call !== undefined) return { kind: 'call', path, query, routed: CALL + query, ...call };
  const decoded = decode(path);
  // The router would answer `*` as if it were `/`.
  const isRoutable = decoded !== undefined && path.startsWith('/') && !decoded.startsWith('/har/');
  const kind = OWN_PATH.test(decoded ?? path) ? 'own' : 'unknown';
  return { kind, path, query, routed: isRoutable ? path + query : NO_ROUTE };
}

/** Whether a target is below `/__admin`. The router decodes a path before it matches. */
export const isAdmin = ({ kind, path }: Target): boolean => kind !== 'call' && ADMIN_PATH.test(decode(path) ?? path);

/** Splits a target into path and query. A `#` is data: no client may send a fragment, and the router would cut it off. */
function splitTarget(target: string): { path: string; query: string } {
  const origin = target.startsWith('/') ? target : toOriginForm(target);
  const clean = origin.includes('#') ? origin.replaceAll('#', '%23') : origin;
  const queryAt = clean.indexOf('?');
  return queryAt === -1 ? { path: clean, query: '' } : { path: clean.slice(0, queryAt), query: clean.slice(queryAt) };
}

/** Removes scheme and authority from an absolute-form target (RFC 9112, 3.2.2). */
function toOriginForm(target: string): string {
  const rest = /^https?:\/\/[^/?#]*(.*)$/is.exec(target)?.[1];
  if (rest === undefined) return target;
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/**
 * Parses the path of a call; undefined for any other path. `artifact`, `version` and `details` may occur inside names:
 * the tail is anchored at the end, and the ref ends at its marker or is one segment with encoded slashes.
 */
function parseCall(path: string): Required<Pick<Target, 'parameters' | 'written'>> | undefined {
  const prefix = PREFIXES.find((candidate) => path.startsWith(candidate));
  if (prefix === undefined) return undefined;
  const segments = path.slice(prefix.length).split('/');
  const tail = segments.length - 3;
  if (tail < 3 || segments[tail] !== 'version' || segments[tail + 2] !== 'details') return undefined;
  const at = findArtifact(segments, tail);
  if (at === undefined) return undefined;
  const written = { ref: segments.slice(0, at).join('/'), artifact: segments.slice(at + 1, tail).join('/') };
  const ref = decodeName(written.ref);
  const artifact = decodeName(written.artifact);
  const version = decode(segments[tail + 1] as string);
  if (ref === undefined || artifact === undefined || version === undefined) return undefined;
  return { parameters: { ref, artifact, version }, written };
}

/** Finds the segment `artifact` that separates ref and artifact. */
function findArtifact(segments: string[], tail: number): number | undefined {
  // Tested once: a hostile path may contain the word `artifact` a thousand times.
  const isMarked = MARKER.test(segments[tail - 1] as string);
  let ofShortRef: number | undefined;
  for (
    let at = segments.indexOf('artifact', 1);
    at !== -1 && at < tail - 1;
    at = segments.indexOf('artifact', at + 1)
  ) {
    const isArtifact = isMarked || tail - at === 2;
    const isRef = at === 1 || MARKER.test(segments[at - 1] as string);
    if (!isArtifact || !isRef) continue;
    const isShort = at === 1 && !ENCODED_SLASH.test((segments[0] as string).replace(MARKER, ''));
    if (!isShort) return at;
    // `acc/artifact/…` is a ref of one component only if no later marker makes `artifact` a part of the ref.
    ofShortRef = at;
  }
  return ofShortRef;
}

/** Removes the marker of a name as sent and decodes it. */
function decodeName(written: string): string | undefined {
  const mayBeMarked = written.endsWith('+') || written.endsWith('B') || written.endsWith('b');
  return decode(mayBeMarked ? written.replace(MARKER, '') : written);
}

/** Percent-decodes a text once; undefined for a bad escape or invalid UTF-8. */
export function decode(text: string): string | undefined {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Returns the first part of a target's path that is not a valid percent-escape or not UTF-8, such as `%ZZ` or `%FF`. */
export function findBadEscape(target: string): string | undefined {
  const escapes = splitTarget(target).path.match(/(?:%[0-9a-f]{2})+|%.{0,2}/gis) ?? [];
  return escapes.find((found) => decode(found) === undefined);
}

/** The parameters of a query, decoded; a repeated one is a list. */
export type Query = Record<string, string | string[]>;

const NONE: Query = Object.freeze(Object.create(null));

/**
 * Parses a query, without its question mark. A pair that cannot be decoded, or that contains a semicolon, is ignored, as
 * Go's `url.ParseQuery` does (source: upstream, run). A plus is a space.
 */
export function parseQuery(text: string): Query {
  if (text === '') return NONE;
  const query: Query = Object.create(null);
  for (const pair of text.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const plain = pair.replaceAll('+', ' ');
    const end = plain.indexOf('=');
    const name = decode(end === -1 ? plain : plain.slice(0, end));
    const value = decode(end === -1 ? '' : plain.slice(end + 1));
    if (name === undefined || value === undefined) continue;
    const known = query[name];
    query[name] = known === undefined ? value : [known, value].flat();
  }
  return query;
}
