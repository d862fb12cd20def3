import { type Arbitrary, array, constantFrom, integer, nat, oneof, string, stringMatching, tuple } from 'fast-check';
import { formatPath, SPELLINGS, type Spelling } from '../../src/api/spelling.js';
import { formatQuery, listBundled } from '../bundled.js';

const spelling = constantFrom(...(Object.keys(SPELLINGS) as Spelling[]));

/** What may precede the path of a call. */
const prefix = constantFrom('', '/gateway', 'http://localhost', 'HTTP://[::1]:80/gateway');

/** Paths and queries of the bundled calls, in every spelling. */
const realPath: Arbitrary<string> = tuple(constantFrom(...listBundled()), spelling, spelling).map(
  ([call, ref, artifact]) => formatPath(call, ref, artifact) + formatQuery(call),
);

/** Targets with a 200. */
export const realTarget: Arbitrary<string> = tuple(prefix, realPath).map(([prefix, path]) => prefix + path);

/** The server's own targets that change nothing. */
const ownTarget = constantFrom(
  ...['/', '*', '/healthz', '/readyz', '/openapi.json', '/openapi.yaml', '/docs', '/docs/', '/docs/static/index.html'],
  ...['/docs/static/../../package.json', '/docs/%2e%2e/%2e%2e/package.json', '/docs/json', '/__admin', '/__admin/docs'],
);

/** Escapes that are no UTF-8. */
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

/** A piece of a target, in characters that HTTP allows. */
const piece = oneof(word, escaped, stringMatching(/^[!-~]{0,8}$/));

/** Targets with a 200, with some of their pieces after the first slash replaced. */
export const mutatedTarget: Arbitrary<string> = tuple(
  prefix,
  realPath,
  array(tuple(nat(), nat({ max: 12 }), piece), { minLength: 1, maxLength: 4 }),
).map(([prefix, path, edits]) => {
  const edited = edits.reduce((text, edit) => splice(text, ...edit), path.slice(1));
  return `${prefix}/${edited}`;
});

/** Replaces characters of a text; `at` is taken modulo its length. */
export function splice(text: string, at: number, length: number, put: string): string {
  const start = at % (text.length + 1);
  return text.slice(0, start) + put + text.slice(start + length);
}

const anyName = string({ maxLength: 8 }).map(encodeURIComponent);

/** Targets in the form of the call with any names, some of them hundreds of segments long. */
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

/** Any other targets. */
const anyTarget = array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`);

/** Any target of a well-formed request. */
export const target: Arbitrary<string> = oneof(
  { weight: 3, arbitrary: realTarget },
  { weight: 8, arbitrary: mutatedTarget },
  { weight: 3, arbitrary: madeTarget },
  { weight: 2, arbitrary: anyTarget },
  { weight: 1, arbitrary: ownTarget },
);
