import { type Static, Type } from '@sinclair/typebox';
import type { Lookup } from '../store/types.js';
import { requireEncodable, ValidationError, validate } from '../util/validate.js';
import { ArtifactTypeSchema, PARAMETER_RULES, PathParametersSchema, strict, stringEnum } from './schema.js';
import { type ArtifactPath, MARKER, type Target } from './target.js';

/** How one client writes a name: its slash, the marker after a name with slashes, the marker after a flat name. */
interface SpellingRule {
  slash: '/' | '%2F';
  marker: string;
  flatMarker: string;
}

/** The spellings that real clients use for a ref or an artifact. */
export const SPELLINGS = {
  /** The published page and curl: `acc/org/proj/reg/+`, `app`. */
  published: { slash: '/', marker: '/+', flatMarker: '' },
  /** The vendor's web UI, Go SDK and MCP server: the marker even on flat names, `app/+`. */
  marked: { slash: '/', marker: '/+', flatMarker: '/+' },
  /** The vendor's command line `hc`: `acc%2Forg%2Fproj%2Freg/+`, `app/+`. */
  cli: { slash: '%2F', marker: '/+', flatMarker: '/+' },
  /** Generated clients: everything encoded, `acc%2Forg%2Fproj%2Freg%2F%2B`. */
  encoded: { slash: '%2F', marker: '%2F%2B', flatMarker: '' },
  /** Upstream's own OpenAPI document and Swagger UI: encoded, without a marker. */
  bare: { slash: '%2F', marker: '', flatMarker: '' },
  /** Scripts in the wild: raw slashes, the plus encoded. */
  script: { slash: '/', marker: '/%2B', flatMarker: '' },
  /** Scripts in the wild: raw slashes, the marker's slash encoded. */
  scriptEscaped: { slash: '/', marker: '%2F+', flatMarker: '' },
} as const satisfies Record<string, SpellingRule>;

export type Spelling = keyof typeof SPELLINGS;

/**
 * Formats a path as a client of the given spelling would; the artifact may be spelled differently from the ref.
 * Throws a URIError for a lone surrogate, which no URI can contain.
 */
export function formatPath(path: ArtifactPath, ofRef: Spelling, ofArtifact: Spelling = ofRef): string {
  const ref = formatName(path.ref, SPELLINGS[ofRef]);
  const artifact = formatName(path.artifact, SPELLINGS[ofArtifact]);
  return `/har/api/v1/registry/${ref}/artifact/${artifact}/version/${encodeURIComponent(path.version)}/details`;
}

function formatName(name: string, { slash, marker, flatMarker }: SpellingRule): string {
  const components = name.split('/');
  const written = components.map(encodeURIComponent).join(slash);
  const endsLikeMarker = components.at(-1) === '+';
  return written + ((components.length > 1 ? marker : flatMarker) || (endsLikeMarker ? '%2F%2B' : ''));
}

/** The spelling by the slashes of a name and its marker; if several produce the same bytes, the first of the table. */
const BY_FEATURES: Record<'flat' | 'raw' | 'encoded', Record<string, Spelling>> = {
  flat: { '': 'published', '/+': 'marked', '/%2B': 'script', '%2F+': 'scriptEscaped', '%2F%2B': 'encoded' },
  raw: { '/+': 'published', '/%2B': 'script', '%2F+': 'scriptEscaped', '%2F%2B': 'scriptEscaped' },
  encoded: { '': 'bare', '/+': 'cli', '/%2B': 'cli', '%2F+': 'encoded', '%2F%2B': 'encoded' },
};

/**
 * Returns how a ref or an artifact was spelled. Bytes that no spelling produces (`a%2Fb/%2B`) count as the one with the
 * same slashes and the most similar marker.
 */
export function spellingOf(written: string): Spelling {
  // Nearly all refs are spelled like this.
  if (written.endsWith('/+') && !written.includes('%'))
    return written.indexOf('/') < written.length - 2 ? 'published' : 'marked';
  const { name, marker } = splitMarker(written);
  const slashes = name.includes('/') ? 'raw' : /%2F/i.test(name) ? 'encoded' : 'flat';
  return BY_FEATURES[slashes][marker] as Spelling;
}

function splitMarker(written: string): { name: string; marker: string } {
  const found = MARKER.exec(written);
  if (found === null) return { name: written, marker: '' };
  return { name: written.slice(0, found.index), marker: `${found[1] ?? '/'}${found[2]}`.toUpperCase() };
}

/** Returns how a call spelled its ref and its artifact; undefined for any other target. */
export function spellingsOf(target: Target): { ref: Spelling; artifact: Spelling; portable: boolean } | undefined {
  const { written } = target;
  if (written === undefined) return undefined;
  return { ref: spellingOf(written.ref), artifact: spellingOf(written.artifact), portable: isPortable(target) };
}

/** A path with only the escapes that Go itself would write: no `%40`, no `%2F`, no lower-case hex, no raw `(`. */
const GO_ESCAPED = /^(?:[\w.~$&+,:;=@/-]|%(?!2[46B-F]|3[\dABD]|4|5[\dAF]|6[1-9A-F]|7[\dAE])[\dA-F]{2})*$/;

/**
 * Whether the open-source server accepts the spelling of a call, and reads the same names (source: upstream, run). It
 * cuts the path at the first raw `/+/`. If the path has no needless escape, it also cuts at the artifact's `/+/`, and
 * decodes twice: a percent sign in a name is lost.
 */
export function isPortable({ path, written }: Target): boolean {
  if (written === undefined) return false;
  const ref = splitMarker(written.ref).marker;
  const artifact = splitMarker(written.artifact).marker;
  const isPlain = GO_ESCAPED.test(path);
  const isMarked = artifact === '/+' && ref === '/+' && isPlain;
  const markers = (path.match(/\/\+(?=\/)/g) ?? []).length;
  // After all cuts, a version `+` is only a name.
  const isPlus = path.endsWith('/version/+/details') && ref === '/+' && (isMarked || !isPlain);
  if ((artifact !== '' && !isMarked) || (isPlain && path.includes('%25'))) return false;
  return (ref === '' || ref === '/+') && markers === Number(ref !== '') + Number(isMarked) + Number(isPlus);
}

/** Formats the portable target of a call: the ref as published if possible, the artifact encoded; undefined for another target. */
export function formatPortable({ parameters, query }: Target): string | undefined {
  if (parameters === undefined) return undefined;
  const published = formatPath(parameters, 'published', 'bare');
  return (published.includes('%25') ? formatPath(parameters, 'bare') : published) + query;
}

const name = (description: string) => Type.String({ minLength: 1, description: `${description}, not empty` });

const { pattern = '' } = PathParametersSchema.properties.registry_ref;

const CallSchema = Type.Object(
  {
    ref: Type.String({ pattern, description: `a ref, which ${PARAMETER_RULES.registry_ref}` }),
    artifact: name('the name of an artifact'),
    version: name('a version'),
    artifactType: Type.Optional(ArtifactTypeSchema),
    childVersion: Type.Optional(name('the version of a child')),
  },
  { ...strict, description: 'a mapping with the keys ref, artifact and version' },
);

/** The parameters of a call, without markers; `ref` is `account[/org[/project]]/registry`. */
export type Call = Static<typeof CallSchema>;

const ArgumentsSchema = Type.Object({
  urlFor: CallSchema,
  spelling: stringEnum(Object.keys(SPELLINGS), 'a spelling'),
});

/**
 * Formats the URL of a call as a client of the given spelling would write it. Throws a ValidationError for an invalid
 * parameter or spelling, and for a name that clients would change, because `.` or `..` is a segment of it.
 */
export function formatUrl(base: string, call: Call, spelling: Spelling): string {
  validate(ArgumentsSchema, { urlFor: call, spelling });
  for (const [key, text] of Object.entries(call)) requireEncodable(['urlFor', key], text);
  const { ref, artifact, version, artifactType, childVersion } = call;
  const path = formatPath({ ref, artifact, version }, spelling);
  if (new URL(path, base).pathname !== path) {
    const reason = 'has a segment "." or "..", which clients remove from a URL; use another spelling or name';
    throw new ValidationError(['urlFor'], reason);
  }
  return base + path + formatQuery({ artifactType, childVersion });
}

/** Formats the query of a call, with its question mark; an empty text without parameters. */
export function formatQuery({ artifactType, childVersion }: Pick<Lookup, 'artifactType' | 'childVersion'>): string {
  const pairs = Object.entries({ artifact_type: artifactType, childVersion }).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${encodeURIComponent(value)}`],
  );
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}
