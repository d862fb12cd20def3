import { type Reason, stepOf } from '../api/errors.js';
import { API_PATH } from '../api/operation.js';
import { decode, MARKER, parseQuery, parseTarget, type Target } from '../api/target.js';
import type { Lookup, NameKind } from '../store/types.js';

/** A mistake in a target: its reason, what to change, and the corrected target if it is known. */
export interface Mistake {
  reason: Reason;
  advice: string;
  corrected?: string | undefined;
}

const FIXED_WORD = /^(?:gateway|har|api|v1|registry|artifact|version|details)$/i;

/** Rewrites the fixed words of the route in a path, in any case and encoding. */
const rewriteWords = (path: string, rewrite: (decoded: string) => string): string =>
  path
    .split('/')
    .map((segment) => {
      const decoded = decode(segment) ?? segment;
      return FIXED_WORD.test(decoded) ? rewrite(decoded) : segment;
    })
    .join('/');

/** The mistakes in a path, each with a function that corrects it, or returns the path unchanged. */
const ROUTE_MISTAKES: [reason: Reason, advice: string, repair: (path: string) => string][] = [
  [
    'fragment',
    'a target has no fragment; remove the # and what follows, or write a # in a name as %23',
    (path) => path.replace(/(\/details\/?)%23.*$/is, '$1'),
  ],
  [
    'encodedRoute',
    'do not percent-encode the fixed words of the path or the question mark',
    (path) => rewriteWords(path.replace(/(\/details)%3F(.*)$/is, '$1?$2'), (word) => word),
  ],
  [
    'wrongCase',
    'write the fixed words of the path in lower case',
    (path) => rewriteWords(path, (word) => word.toLowerCase()),
  ],
  ['doubleSlash', 'replace // with /', (path) => path.replace(/\/{2,}/g, '/')],
  ['trailingSlash', 'remove the slash after details', (path) => path.replace(/(?<!\/)\/+$/, '')],
  [
    'tailMissing',
    'the path ends in /version/{version}/details',
    (path) => path.replace(/\/version\/[^/]+$/, '$&/details'),
  ],
  ['markerMissing', 'a registry_ref or an artifact that contains slashes must end in /+', addMarkers],
];

const API = /^(?:\/gateway)?\/har\/api\/v1\/registry\//;

/** Adds the marker to the ref, and to an artifact with slashes, where it is missing. */
function addMarkers(path: string): string {
  const [start = ''] = API.exec(path) ?? [];
  const segments = path.slice(start.length).split('/');
  const tail = segments.length - 3;
  // A ref has two components or more.
  const at = segments.indexOf('artifact', /%2F/i.test(segments[0] as string) ? 1 : 2);
  if (at === -1) return path;
  const mark = (name: string) => `${name.replace(MARKER, '')}/+`;
  // The name of a registry has no plus: it is a marker without its slash.
  const ref = mark(
    segments
      .slice(0, at)
      .join('/')
      .replace(/([^/])\+$/, '$1'),
  );
  const artifact = segments.slice(at + 1, tail).join('/');
  const names = [ref, 'artifact', artifact.includes('/') ? mark(artifact) : artifact];
  return start + [...names, ...segments.slice(tail)].join('/');
}

function findRouteMistake({ kind, path, query }: Target): Mistake {
  const unknown = { reason: 'unknownRoute', advice: `the path of the API is ${API_PATH}` } as const;
  if (kind !== 'unknown') return unknown;
  for (const [reason, advice, repair] of ROUTE_MISTAKES) {
    const corrected = repair(path) + query;
    if (parseTarget(corrected).kind === 'call') return { reason, advice, corrected };
  }
  return API.test(path) && !/\/version\/[^/]*\/details$/.test(path) ? { ...unknown, reason: 'tailMissing' } : unknown;
}

/** A kind of name: the member of a lookup that has it, and its plural in messages. */
export interface Name {
  kind: NameKind;
  member: 'ref' | 'artifact' | 'version' | 'childVersion';
  plural: string;
}

/** The name that is unknown, by the reason of the failed lookup. */
export const UNKNOWN_NAMES: Partial<Record<Reason, Name>> = {
  registryUnknown: { kind: 'registry', member: 'ref', plural: 'registries' },
  artifactUnknown: { kind: 'artifact', member: 'artifact', plural: 'artifacts' },
  versionUnknown: { kind: 'version', member: 'version', plural: 'versions' },
  childUnknown: { kind: 'child', member: 'childVersion', plural: 'child versions' },
};

/** Returns what a target looks up; of a repeated parameter the first, and empty names for a target that is not the call. */
export function toLookup({ parameters, query }: Target): Lookup {
  const { artifact_type: types, childVersion: children } = parseQuery(query.slice(1));
  const [artifactType] = [types].flat() as [Lookup['artifactType']];
  const [childVersion] = [children].flat();
  return { ref: '', artifact: '', version: '', ...parameters, artifactType, childVersion };
}

/** Finds a name that contains an escape even after decoding, if it can be the cause of a failed lookup. */
function findDoubleEncoding(target: Target, reason: Reason): Mistake | undefined {
  const lookup = toLookup(target);
  // Encoded twice, the slashes of a ref are data, and it has only one component.
  const cause = reason === 'invalidParameter' && !lookup.ref.includes('/') ? 'registryUnknown' : reason;
  const member = UNKNOWN_NAMES[cause]?.member;
  if (member === undefined || !/%[0-9a-f]{2}/i.test(lookup[member] ?? '')) return undefined;
  const corrected = (target.path + target.query).replace(/%(?:25)+([0-9a-f]{2})/gi, '%$1');
  return {
    reason: 'doubleEncoded',
    advice: `${member} is percent-encoded twice; encode it once`,
    corrected: parseTarget(corrected).kind === 'call' ? corrected : undefined,
  };
}

/** Finds the mistake in a target that explains why a request failed with a reason. Accepts any target. */
export function findMistake(target: string, reason: Reason): Mistake | undefined {
  const parsed = parseTarget(target);
  const isRoute = stepOf(reason) === 'route' && reason !== 'notPortable';
  return isRoute ? findRouteMistake(parsed) : findDoubleEncoding(parsed, reason);
}
