/** The three path parameters of one request, decoded: `registryRef` is `account[/org[/project]]/registry`. */
export interface ArtifactPath {
  registryRef: string;
  artifact: string;
  version: string;
}

const PREFIXES = ['/har/api/v1/registry/', '/gateway/har/api/v1/registry/'];

const ENCODED_SLASH = /%2F/i;

const MARKER_AT_END = /(?:^|%2F)(?:\+|%2B)$/i;

/**
 * Takes the path of a target as it stood on the wire and returns its three parameters, still percent-encoded: every
 * slash is written `%2F` and the `/+` markers are gone. Returns undefined for a path that is not of this route.
 *
 * `artifact`, `version` and `details` may occur inside names. The tail is anchored at the end; the ref ends at its
 * marker, or is one segment that holds encoded slashes. (Source: our decision, behaviour of real clients.)
 */
export function splitPath(path: string): ArtifactPath | undefined {
  return findLayout(path)?.names;
}

/** Returns the ref and the artifact of a path as they stood on the wire, markers and all; undefined as `splitPath` does. */
export function cutNames(path: string): Pick<ArtifactPath, 'registryRef' | 'artifact'> | undefined {
  const layout = findLayout(path);
  if (layout === undefined) return undefined;
  const { segments, at, tail } = layout;
  return { registryRef: segments.slice(0, at).join('/'), artifact: segments.slice(at + 1, tail).join('/') };
}

/** Where a path has its names: the segments behind its prefix, and which of them are `artifact` and the last `version`. */
interface Layout {
  segments: string[];
  at: number;
  tail: number;
  names: ArtifactPath;
}

function findLayout(path: string): Layout | undefined {
  const prefix = PREFIXES.find((candidate) => path.startsWith(candidate));
  if (prefix === undefined) return undefined;
  const segments = path.slice(prefix.length).split('/');
  const tail = segments.length - 3;
  if (tail < 3 || segments[tail] !== 'version' || segments[tail + 2] !== 'details') return undefined;

  // Looked at once, as a hostile path may hold the word `artifact` a thousand times.
  const endsMarked = MARKER_AT_END.test(segments[tail - 1] as string);
  let shortRef: number | undefined;
  for (
    let at = segments.indexOf('artifact', 1);
    at !== -1 && at < tail - 1;
    at = segments.indexOf('artifact', at + 1)
  ) {
    const isArtifact = endsMarked || tail - at === 2;
    if (!isArtifact || !isRef(segments, at)) continue;
    const isShort = at === 1 && !ENCODED_SLASH.test(takeMarker(segments[0] as string));
    if (!isShort) return layOut(segments, at, tail);
    // `acc/artifact/…` is a ref of one component only if no later marker makes `artifact` a part of the ref.
    shortRef = at;
  }
  return shortRef === undefined ? undefined : layOut(segments, shortRef, tail);
}

/** Whether the segments in front of a place are a ref: raw slashes are a part of one only in front of a marker. */
function isRef(segments: string[], end: number): boolean {
  return end === 1 || MARKER_AT_END.test(segments[end - 1] as string);
}

function layOut(segments: string[], at: number, tail: number): Layout {
  const joinName = (from: number, to: number) => takeMarker(segments.slice(from, to).join('%2F'));
  const names = {
    registryRef: joinName(0, at),
    artifact: joinName(at + 1, tail),
    version: segments[tail + 1] as string,
  };
  return { segments, at, tail, names };
}

const takeMarker = (name: string): string => name.replace(MARKER_AT_END, '');

/**
 * Takes the path of a target as it stood on the wire and returns its decoded parameters, or undefined for a path that
 * is not of this route. Throws a URIError for a bad escape or invalid UTF-8.
 */
export function parsePath(path: string): ArtifactPath | undefined {
  const parts = splitPath(path);
  return (
    parts && {
      registryRef: decodeURIComponent(parts.registryRef),
      artifact: decodeURIComponent(parts.artifact),
      version: decodeURIComponent(parts.version),
    }
  );
}

/** How one client writes a name: its slash, the marker behind a name with slashes, the marker behind a flat one. */
interface SpellingRule {
  slash: '/' | '%2F';
  marker: string;
  flatMarker: string;
}

/** The spellings that real clients use for a ref or an artifact. */
export const spellings = {
  /** The published page and curl: `acc/org/proj/reg/+`, `app`. */
  published: { slash: '/', marker: '/+', flatMarker: '' },
  /** The vendor's web UI, Go SDK and MCP server: the marker even on flat names, `app/+`. */
  marked: { slash: '/', marker: '/+', flatMarker: '/+' },
  /** The vendor's command line `hc`: `acc%2Forg%2Fproj%2Freg/+`, `app/+`. */
  cli: { slash: '%2F', marker: '/+', flatMarker: '/+' },
  /** Generated clients: all of it encoded, `acc%2Forg%2Fproj%2Freg%2F%2B`. */
  encoded: { slash: '%2F', marker: '%2F%2B', flatMarker: '' },
  /** Upstream's own OpenAPI document and Swagger UI: encoded, without a marker. */
  bare: { slash: '%2F', marker: '', flatMarker: '' },
  /** Scripts in the wild: raw slashes, the plus encoded. */
  script: { slash: '/', marker: '/%2B', flatMarker: '' },
  /** Scripts in the wild: raw slashes, the marker's slash encoded. */
  scriptEscaped: { slash: '/', marker: '%2F+', flatMarker: '' },
} as const satisfies Record<string, SpellingRule>;

/** The name of one of the spellings. */
export type Spelling = keyof typeof spellings;

/**
 * Writes a path as a client of the given spelling would; the artifact may be spelled differently from the ref.
 * Throws a URIError for a lone surrogate, which no URI can hold.
 */
export function formatPath(
  path: ArtifactPath,
  refSpelling: Spelling,
  artifactSpelling: Spelling = refSpelling,
): string {
  const ref = formatName(path.registryRef, spellings[refSpelling]);
  const artifact = formatName(path.artifact, spellings[artifactSpelling]);
  return `/har/api/v1/registry/${ref}/artifact/${artifact}/version/${encodeURIComponent(path.version)}/details`;
}

function formatName(name: string, { slash, marker, flatMarker }: SpellingRule): string {
  const components = name.split('/');
  const written = components.map(encodeURIComponent).join(slash);
  const endsLikeMarker = components.at(-1) === '+';
  return written + ((components.length > 1 ? marker : flatMarker) || (endsLikeMarker ? '%2F%2B' : ''));
}
