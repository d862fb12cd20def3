import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { formatPath, formatPortable, isPortable, SPELLINGS, type Spelling } from '../../src/api/spelling.js';
import { type ArtifactPath, findBadEscape, parseTarget } from '../../src/api/target.js';
import { readTable } from '../docs/page.js';
import { type Comparison, compareAll, isSame, outcomeOf, RECORDED, type RecordedAnswer } from './corpus.js';
import { DIFFERENCES } from './differences.js';
import { makeTables } from './tables.js';

t.test('the recorded requests get the recorded answers', async (t) => {
  const [all, portable] = [await compareAll(t, 'all'), await compareAll(t, 'portable')];
  const different = [...all, ...portable].filter((comparison) => !isSame(comparison));

  await t.test('each other answer is explained by one deliberate difference', async (t) => {
    t.equal(RECORDED.length, 613);
    for (const comparison of different) {
      const rules = DIFFERENCES.filter(({ matches }) => matches(comparison)).map(({ rule }) => rule);
      t.equal(rules.length, 1, `${comparison.who} ${comparison.target}: ${rules}`, { comparison });
    }
  });

  await t.test('each deliberate difference is hit', async (t) => {
    for (const { rule, matches } of DIFFERENCES) t.ok(different.some(matches), rule);
  });

  await t.test('the docs have the tables that are made from the recorded answers', async (t) => {
    for (const { page, name, rows } of makeTables(all, portable))
      t.strictSame(readTable(name), rows, `${page}: ${name}; write-docs.ts writes it`);
  });

  await t.test('a spelling is portable if and only if the open-source server accepts it', async (t) => {
    const isFound = ({ method, ours }: Comparison) => method === 'GET' && ours.status === 200;
    for (const { target, theirs } of all.filter(isFound))
      t.equal(isPortable(parseTarget(target)), theirs.status === 200, target);
    for (const [index, { target, theirs, ours }] of portable.entries()) {
      if (isPortable(parseTarget(target))) t.strictSame(ours, all[index]?.ours, target);
      else t.notOk(ours.status === 200 || (theirs.status === 200 && !target.includes('%25')), target);
    }
  });
});

/**
 * How the open-source server reads a path: it cuts out the ref at the first `/+/`; then, if the path has no escape that Go
 * would not write, the artifact at the next; a raw slash that is left does not match. An escaped marker is a name. A path
 * without such escapes is decoded before it is cut, so that its names are decoded twice.
 */
function readAsUpstream(path: string): ArtifactPath | undefined {
  const encodeUp = (text: string, end: number) => text.slice(0, end).replaceAll('/', '%2F') + text.slice(end + 2);
  const prefix = '/registry/';
  if (!path.includes(prefix)) return undefined;
  let rest = path.slice(path.indexOf(prefix) + prefix.length);
  const isNeedless = goEscape(decodeURIComponent(path)) !== path;
  const refEnd = rest.indexOf('/+/');
  if (refEnd !== -1) rest = encodeUp(rest, refEnd);
  const [, start = '', names = ''] = /^([^/]+\/artifact\/)(.*)$/.exec(rest) ?? [];
  const artifactEnd = names.indexOf('/+/');
  if (artifactEnd !== -1 && !isNeedless) rest = start + encodeUp(names, artifactEnd);
  const found = /^([^/]+)\/artifact\/([^/]+)\/version\/([^/]+)\/details$/.exec(rest);
  if (found === null) return undefined;
  const [, ref = '', artifact = '', version = ''] = found.map((text) => decode(isNeedless ? text : decode(text)));
  return { ref, artifact, version };
}

/** Decodes a text; one that cannot be decoded is refused, and so is no name. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** Escapes a path as Go's `url.URL` does by default. */
const goEscape = (path: string) =>
  encodeURI(path).replace(/[?#!'()*]/g, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`);

t.test('the model of the open-source server agrees with its recorded answers', async (t) => {
  // Not of the path's grammar: other methods, bytes that are no UTF-8, empty names.
  const isModelled = ({ status, target }: RecordedAnswer) =>
    status !== 405 && findBadEscape(target) === undefined && !/[^ -~]|\/\//.test(target);
  for (const recorded of RECORDED.filter(isModelled)) {
    const path = recorded.target.split('?', 1)[0] as string;
    const read = readAsUpstream(path);
    const { message, data } = outcomeOf(recorded);
    t.equal(read !== undefined, message !== '404 page not found', recorded.target);
    const { name, version } = (data ?? {}) as Record<string, string>;
    if (name !== undefined) t.strictSame([read?.artifact, read?.version], [name, version], recorded.target);
  }
});

t.test('a portable spelling means the same to the open-source server', async (t) => {
  const character = fc.constantFrom(...'abc019+@.:~-_ %!()ü');
  const component = fc.string({ unit: character, minLength: 1, maxLength: 6 }).filter((text) => text !== '+');
  const name = (max: number, min = 1) =>
    fc.array(component, { minLength: min, maxLength: max }).map((parts) => parts.join('/'));
  const names = fc.record({ ref: name(4, 2), artifact: name(3), version: fc.oneof(component, fc.constant('+')) });
  const spelling = fc.constantFrom(...(Object.keys(SPELLINGS) as Spelling[]));
  const raw = (target: string) => target.replaceAll('%40', '@').replaceAll('%2B', '+').replaceAll('%3A', ':');
  let portable = 0;
  fc.assert(
    fc.property(names, spelling, spelling, fc.boolean(), (path, ofRef, ofArtifact, isRaw) => {
      const formatted = formatPath(path, ofRef, ofArtifact);
      const target = parseTarget(isRaw ? raw(formatted) : formatted);
      const model = readAsUpstream(target.path);
      const corrected = parseTarget(formatPortable(target) ?? '');
      const isUnderstood = isDeepStrictEqual(model, target.parameters);
      if (isPortable(target)) portable += 1;
      return (
        target.kind === 'call' &&
        isPortable(target) === isUnderstood &&
        isDeepStrictEqual(corrected.parameters, { ...path }) &&
        isPortable(corrected)
      );
    }),
    { numRuns: 2_000 },
  );
  t.ok(portable > 200, `${portable} of them are portable`);
});

t.test('what is no call has no portable spelling', async (t) => {
  for (const target of ['/', '/har/api/v1/registry/acme/pypi/artifact/a/version/1/details', '/__admin'])
    t.notOk(isPortable(parseTarget(target)), target);
});
