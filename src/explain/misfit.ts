import { API_PATH } from '../contract/operation.js';
import type { Reason } from '../reason.js';
import { splitPath } from '../wire/path.js';
import { isDecodable, splitTarget } from '../wire/target.js';

/** The reasons of a target that is not of the API. */
const MISFITS = [
  'unknownRoute',
  'wrongCase',
  'doubleSlash',
  'trailingSlash',
  'fragment',
  'encodedRoute',
  'tailMissing',
  'markerMissing',
] as const satisfies Reason[];

/** A reason of a target that is not of the API. */
export type MisfitReason = (typeof MISFITS)[number];

/** Whether a reason is about the way a path is written. */
export function isMisfit(reason: Reason): reason is MisfitReason {
  return MISFITS.some((misfit) => misfit === reason);
}

/** Why a target is not of the API, what to change, and how it would then be written, where that can be known. */
export interface Misfit {
  reason: MisfitReason;
  advice: string;
  corrected?: string | undefined;
}

/** A mistake in a path: its repair returns a path without it, or the path as it was. */
interface Mistake extends Misfit {
  repair(path: string): string;
}

const SHAPE = `the path of the API is ${API_PATH}`;

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
  {
    reason: 'fragment',
    advice: 'a target has no fragment; leave out the # and what follows it, or write a # in a name as %23',
    repair: (path) => path.replace(/(\/details\/?)%23.*$/is, '$1'),
  },
  {
    reason: 'encodedRoute',
    advice: 'the fixed words of the path and the question mark are not percent-encoded',
    repair: (path) => rewriteWords(path.replace(/(\/details)%3F(.*)$/is, '$1?$2'), (decoded) => decoded),
  },
  {
    reason: 'wrongCase',
    advice: 'the fixed words of the path are in lower case',
    repair: (path) => rewriteWords(path, (_, segment) => segment.toLowerCase()),
  },
  { reason: 'doubleSlash', advice: 'a double slash is not one slash', repair: (path) => path.replace(/\/{2,}/g, '/') },
  { reason: 'trailingSlash', advice: 'nothing follows details', repair: (path) => path.replace(/(?<!\/)\/+$/, '') },
  {
    reason: 'tailMissing',
    advice: 'the path ends in /version/{version}/details',
    repair: (path) => path.replace(/\/version\/[^/]+$/, '$&/details'),
  },
  {
    reason: 'markerMissing',
    advice: 'the registry_ref holds slashes and must end in /+',
    repair: (path) => mark(path, true, false),
  },
  {
    reason: 'markerMissing',
    advice: 'the artifact holds slashes and must end in /+',
    repair: (path) => mark(path, false, true),
  },
  {
    reason: 'markerMissing',
    advice: 'the registry_ref and the artifact hold slashes, and each must end in /+',
    repair: (path) => mark(path, true, true),
  },
];

/** Far behind the longest ref; a hostile path may hold the word `artifact` a thousand times. */
const MOST_SEGMENTS = 20;

/** Puts the marker behind the ref, the artifact or both; returns the first way that gives a route. */
function mark(path: string, ofRef: boolean, ofArtifact: boolean): string {
  const segments = path.split('/');
  const tail = segments.length - 3;
  const last = Math.min(tail, MOST_SEGMENTS);
  for (let at = segments.indexOf('artifact'); at !== -1 && at < last; at = segments.indexOf('artifact', at + 1)) {
    const ref = segments.slice(0, at);
    const artifact = segments.slice(at + 1, tail);
    const marked = [
      // A registry's name holds no plus: it is a marker that lacks its slash.
      ...(ofRef ? [ref.join('/').replace(/\+$/, ''), '+'] : ref),
      'artifact',
      ...artifact,
      ...(ofArtifact ? ['+'] : []),
      ...segments.slice(tail),
    ].join('/');
    if (splitPath(marked) !== undefined) return marked;
  }
  return path;
}

/**
 * Finds out why a target is not of the API: by the one mistake, or else the mistakes together, without which it would
 * be. Any text may be the target.
 */
export function findMisfit(target: string): Misfit {
  const { path, query } = splitTarget(target);
  if (!isDecodable(path) || isRoute(path)) return { reason: 'unknownRoute', advice: SHAPE };
  for (const { reason, advice, repair } of MISTAKES) {
    const corrected = repair(path);
    if (isRoute(corrected)) return { reason, advice, corrected: corrected + query };
  }
  return findMisfits(path, query) ?? nameShape(path);
}

function findMisfits(path: string, query: string): Misfit | undefined {
  let corrected = path;
  const made: Mistake[] = [];
  for (const mistake of MISTAKES) {
    const repaired = mistake.repair(corrected);
    if (repaired === corrected) continue;
    corrected = repaired;
    made.push(mistake);
    if (isRoute(corrected)) break;
  }
  const [first] = made;
  if (first === undefined || !isRoute(corrected)) return undefined;
  return { reason: first.reason, advice: made.map(({ advice }) => advice).join('; '), corrected: corrected + query };
}

function isRoute(path: string): boolean {
  return splitPath(splitTarget(path).path) !== undefined;
}

/** What can be said of a path that no repair makes a route. */
function nameShape(path: string): Misfit {
  const isOfApi = /^\/(?:gateway\/)?har\/api\/v1\/registry\//.test(path);
  const hasTail = /\/version\/[^/]*\/details$/.test(path);
  return { reason: isOfApi && !hasTail ? 'tailMissing' : 'unknownRoute', advice: SHAPE };
}
