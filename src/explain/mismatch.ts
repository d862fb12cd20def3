import type { Reason } from '../api/errors.js';
import { API_PATH } from '../api/operation.js';
import { parseTarget } from '../api/target.js';

/** Why a target is not the call, what to change, and the corrected target if it is known. */
export interface RouteMismatch {
  reason: Reason;
  advice: string;
  corrected?: string;
}

/** A mistake in a path, and what returns the path without it, or the path itself. */
type Mistake = [reason: Reason, advice: string, repair: (path: string) => string];

const WORDS = ['gateway', 'har', 'api', 'v1', 'registry', 'artifact', 'version', 'details'];

/** Rewrites the segments of a path that are, in any spelling, fixed words of the route. */
const rewriteWords = (path: string, rewrite: (decoded: string, segment: string) => string): string =>
  path
    .split('/')
    .map((segment) => {
      const decoded = decodeURIComponent(segment);
      return WORDS.includes(decoded.toLowerCase()) ? rewrite(decoded, segment) : segment;
    })
    .join('/');

const MISTAKES: Mistake[] = [
  [
    'fragment',
    'a target has no fragment; remove the # and what follows, or write a # in a name as %23',
    (path) => path.replace(/(\/details\/?)%23.*$/is, '$1'),
  ],
  [
    'encodedRoute',
    'do not percent-encode the fixed words of the path or the question mark',
    (path) => rewriteWords(path.replace(/(\/details)%3F(.*)$/is, '$1?$2'), (decoded) => decoded),
  ],
  [
    'wrongCase',
    'write the fixed words of the path in lower case',
    (path) => rewriteWords(path, (_, segment) => segment.toLowerCase()),
  ],
  ['doubleSlash', 'replace // with /', (path) => path.replace(/\/{2,}/g, '/')],
  ['trailingSlash', 'remove the slash after details', (path) => path.replace(/(?<!\/)\/+$/, '')],
  [
    'tailMissing',
    'the path ends in /version/{version}/details',
    (path) => path.replace(/\/version\/[^/]+$/, '$&/details'),
  ],
  missingMarker('the registry_ref contains slashes and must end in /+', true, false),
  missingMarker('the artifact contains slashes and must end in /+', false, true),
  missingMarker('the registry_ref and the artifact contain slashes, and each must end in /+', true, true),
];

function missingMarker(advice: string, ofRef: boolean, ofArtifact: boolean): Mistake {
  return ['markerMissing', advice, (path) => addMarkers(path, ofRef, ofArtifact)];
}

/** Far more than the longest ref has; a hostile path may contain the word `artifact` a thousand times. */
const MAX_SEGMENTS = 20;

/** Adds the marker to the ref, the artifact or both; returns the first result that is the call. */
function addMarkers(path: string, toRef: boolean, toArtifact: boolean): string {
  const segments = path.split('/');
  const tail = segments.length - 3;
  const last = Math.min(tail, MAX_SEGMENTS);
  for (let at = segments.indexOf('artifact'); at !== -1 && at < last; at = segments.indexOf('artifact', at + 1)) {
    const ref = segments.slice(0, at).join('/');
    const names = segments.slice(at, tail).join('/');
    // The name of a registry has no plus: it is a marker without its slash.
    const marked = [toRef ? `${ref.replace(/\+$/, '')}/+` : ref, toArtifact ? `${names}/+` : names];
    const corrected = [...marked, ...segments.slice(tail)].join('/');
    if (isCall(corrected)) return corrected;
  }
  return path;
}

const isCall = (target: string) => parseTarget(target).kind === 'call';

/** Finds the mistake, or the combination of mistakes, that keeps a target from being the call. Accepts any text. */
export function findMismatch(target: string): RouteMismatch {
  const { kind, path, query } = parseTarget(target);
  const unknown = { reason: 'unknownRoute', advice: `the path of the API is ${API_PATH}` } as const;
  if (kind !== 'unknown') return unknown;
  const single = MISTAKES.find(([, , repair]) => isCall(repair(path)));
  const made = single === undefined ? listMistakes(path) : [single];
  const corrected = made.reduce((repaired, [, , repair]) => repair(repaired), path);
  if (made[0] !== undefined && isCall(corrected)) {
    return { reason: made[0][0], advice: made.map(([, advice]) => advice).join('; '), corrected: corrected + query };
  }
  const isOfApi = /^\/(?:gateway\/)?har\/api\/v1\/registry\//.test(path);
  const hasTail = /\/version\/[^/]*\/details$/.test(path);
  return isOfApi && !hasTail ? { ...unknown, reason: 'tailMissing' } : unknown;
}

/** Lists the mistakes to repair, one after the other, until the path is the call. */
function listMistakes(path: string): Mistake[] {
  let repaired = path;
  return MISTAKES.filter(([, , repair]) => {
    const before = repaired;
    if (!isCall(before)) repaired = repair(before);
    return repaired !== before;
  });
}
