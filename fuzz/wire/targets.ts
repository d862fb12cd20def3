import { type Arbitrary, array, constantFrom, integer, nat, oneof, string, stringMatching, tuple } from 'fast-check';
import { formatPath, type Spelling, spellings } from '../../src/wire/path.js';
import { listBundled, toQuery } from '../bundled.js';

const BUNDLED = listBundled();

const SPELLINGS = Object.keys(spellings) as Spelling[];

/** What may stand in front of the path of a served target. */
const prefix = constantFrom('', '/gateway', 'http://localhost', 'HTTP://[::1]:80/gateway');

/** The paths and queries of what is served, in every spelling. */
const realPath: Arbitrary<string> = tuple(
  constantFrom(...BUNDLED),
  constantFrom(...SPELLINGS),
  constantFrom(...SPELLINGS),
).map(([bundled, ref, artifact]) => formatPath(bundled, ref, artifact) + toQuery(bundled));

/** Targets that are served. */
export const realTarget: Arbitrary<string> = tuple(prefix, realPath).map(([prefix, path]) => prefix + path);

/** Targets of the server's own that have no effect. */
const ownTarget = constantFrom(
  ...['/', '*', '/healthz', '/readyz', '/openapi.json', '/openapi.yaml', '/docs', '/docs/', '/docs/static/index.html'],
  ...['/docs/static/../../package.json', '/docs/%2e%2e/%2e%2e/package.json', '/docs/json', '/__admin', '/__admin/docs'],
);

/** Escapes that are no UTF-8, no escapes, or what a careless decoder would take for something else. */
export const OVERLONG = [
  '%C0%AF',
  '%C1%9C',
  '%E0%80%AF',
  '%F0%80%80%AF',
  '%F8%80%80%80%AF',
  '%ED%A0%80',
  '%F4%90%80%80',
];

const escaped = oneof(
  integer({ min: 0, max: 255 }).map((byte) => `%${byte.toString(16).padStart(2, '0')}`),
  constantFrom(
    ...OVERLONG,
    '%',
    '%%',
    '%2',
    '%GG',
    '%u0041',
    '%252F',
    '%25',
    '%00',
    '%0d%0a',
    '%EF%BF%BF',
    '%F0%9F%90%B3',
  ),
);

const word = constantFrom(
  ...['/', '/+', '+', '%2F', '%2B', '?', '&', '=', '#', ';', ':', '*', '..', '//', '/./', '\\', '@', '|', '{', '(((('],
  ...['artifact', 'version', 'details', 'artifact_type', 'childVersion', 'model', 'har', 'registry', '__proto__'],
);

/** A piece of a target in characters that HTTP lets stand there. */
const piece = oneof(word, escaped, stringMatching(/^[!-~]{0,8}$/));

/** Targets that are served, with pieces of them replaced behind the first slash of the path. */
export const mutatedTarget: Arbitrary<string> = tuple(
  prefix,
  realPath,
  array(tuple(nat(), nat({ max: 12 }), piece), { minLength: 1, maxLength: 4 }),
).map(([prefix, path, edits]) => {
  const edited = edits.reduce((text, edit) => splice(text, ...edit), path.slice(1));
  return `${prefix}/${edited}`;
});

/** Replaces so many characters of a text, at a place that is counted round its length. */
export function splice(text: string, at: number, length: number, put: string): string {
  const start = at % (text.length + 1);
  return text.slice(0, start) + put + text.slice(start + length);
}

const anyName = string({ maxLength: 8 }).map(encodeURIComponent);

/** Targets of the right form with names of any kind, some of them hundreds of segments long. */
const madeTarget: Arbitrary<string> = tuple(
  array(oneof(piece, anyName), { minLength: 1, maxLength: 6 }),
  array(oneof(piece, anyName), { minLength: 1, maxLength: 6 }),
  oneof(piece, anyName),
  oneof(constantFrom('', '?'), piece),
  oneof({ weight: 9, arbitrary: constantFrom(1) }, { weight: 1, arbitrary: nat({ max: 300 }) }),
).map(
  ([ref, artifact, version, query, times]) =>
    `/har/api/v1/registry/${ref.join('/')}/+/artifact/${`${artifact.join('/')}/artifact/`.repeat(times)}+/version/${version}/details${query}`,
);

/** Targets of no form at all. */
const anyTarget = array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`);

/** Every target with which a request is well-formed. */
export const target: Arbitrary<string> = oneof(
  { weight: 3, arbitrary: realTarget },
  { weight: 8, arbitrary: mutatedTarget },
  { weight: 3, arbitrary: madeTarget },
  { weight: 2, arbitrary: anyTarget },
  { weight: 1, arbitrary: ownTarget },
);
