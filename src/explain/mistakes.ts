import { type Reason, stepOf } from '../api/errors.js';
import { formatPortable } from '../api/spelling.js';
import { decode, MARKER, parseQuery, parseTarget, type Target } from '../api/target.js';
import type { Lookup, LookupName } from '../store/types.js';

/** Why a request failed, as far as its target shows. */
export interface Diagnosis {
  /** The mistake in the target, or the reason that the pipeline gave. */
  reason: Reason;
  /** The name that is percent-encoded twice. */
  encodedTwice?: keyof Lookup;
  /** The target without the mistake, if it is known. */
  corrected?: string | undefined;
}

const FIXED_WORD = /^(?:gateway|har|api|v1|registry|artifact|version|details)$/i;

/** Rewrites the fixed words of the route in a path, in any case and encoding. */
const rewriteWords = (path: string, rewrite: (decoded: string) => string): string =>
  path.replace(/[^/]+/g, (segment) => {
    const decoded = decode(segment) ?? segment;
    return FIXED_WORD.test(decoded) ? rewrite(decoded) : segment;
  });

/** What corrects each mistake in a path; it leaves other paths unchanged. */
const REPAIRS: [reason: Reason, repair: (path: string) => string][] = [
  ['fragment', (path) => path.replace(/(\/details\/?)%23.*$/is, '$1')],
  ['encodedRoute', (path) => rewriteWords(path.replace(/(\/details)%3F(.*)$/is, '$1?$2'), (word) => word)],
  ['wrongCase', (path) => rewriteWords(path, (word) => word.toLowerCase())],
  ['doubleSlash', (path) => path.replace(/\/{2,}/g, '/')],
  ['trailingSlash', (path) => path.replace(/(?<!\/)\/+$/, '')],
  ['tailMissing', (path) => path.replace(/\/version\/[^/]+$/, '$&/details')],
  ['markerMissing', (path) => path.replace(UNMARKED, addMarkers)],
];

const API = /^(?:\/gateway)?\/har\/api\/v1\/registry\//;

/** A ref of two components or more, and an artifact. The tail is tested once: a path may contain `artifact` a thousand times. */
const UNMARKED = new RegExp(
  `(?<=${API.source})(?=.*/version/[^/]*/details$)((?=[^/]*%2[Ff])[^/]+|[^/]*/.*?)/artifact/(.*)(?=/version/[^/]*/details$)`,
  's',
);

/** Adds the marker to a ref, and to an artifact with slashes. The name of a registry has no plus: it is a marker without its slash. */
function addMarkers(_path: string, ref: string, artifact: string): string {
  const mark = (name: string) => `${name.replace(MARKER, '')}/+`;
  return `${mark(ref.replace(/([^/])\+$/, '$1'))}/artifact/${artifact.includes('/') ? mark(artifact) : artifact}`;
}

function findRouteMistake({ kind, path, query }: Target): Diagnosis {
  for (const [reason, repair] of kind === 'unknown' ? REPAIRS : []) {
    const corrected = repair(path) + query;
    if (parseTarget(corrected).kind === 'call') return { reason, corrected };
  }
  const isCut = kind === 'unknown' && API.test(path) && !/\/version\/[^/]*\/details$/.test(path);
  return { reason: isCut ? 'tailMissing' : 'unknownRoute' };
}

/** The name of a lookup that is unknown, by the reason of its failure. */
export const UNKNOWN_NAMES: Partial<Record<Reason, LookupName>> = {
  registryUnknown: 'ref',
  artifactUnknown: 'artifact',
  versionUnknown: 'version',
  childUnknown: 'childVersion',
};

/** Returns what a target looks up; of a repeated parameter the first, and empty names for a target that is not the call. */
export function toLookup({ parameters, query }: Target): Lookup {
  const { artifact_type: types, childVersion: children } = parseQuery(query.slice(1));
  const [artifactType] = [types].flat() as [Lookup['artifactType']];
  const [childVersion] = [children].flat();
  return { ref: '', artifact: '', version: '', ...parameters, artifactType, childVersion };
}

/** Finds the mistake in a target that explains why a request failed with a reason. Accepts any target. */
export function diagnose(target: string, reason: Reason): Diagnosis {
  const parsed = parseTarget(target);
  if (reason === 'notPortable') return { reason, corrected: formatPortable(parsed) };
  if (stepOf(reason) === 'route') return findRouteMistake(parsed);
  const lookup = toLookup(parsed);
  // Encoded twice, the slashes of a ref are data, and it has only one component.
  const cause = reason === 'invalidParameter' && !lookup.ref.includes('/') ? 'registryUnknown' : reason;
  const name = UNKNOWN_NAMES[cause];
  if (name === undefined || !/%[0-9a-f]{2}/i.test(lookup[name] ?? '')) return { reason };
  const corrected = (parsed.path + parsed.query).replace(/%(?:25)+([0-9a-f]{2})/gi, '%$1');
  const isCall = parseTarget(corrected).kind === 'call';
  return { reason: 'doubleEncoded', encodedTwice: name, corrected: isCall ? corrected : undefined };
}
