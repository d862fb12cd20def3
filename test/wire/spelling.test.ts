import fc from 'fast-check';
import t from 'tap';
import { formatPath, type Spelling, spellings } from '../../src/wire/path.js';
import { type FoundSpelling, findSpelling } from '../../src/wire/spelling.js';

const SPELLINGS = Object.keys(spellings) as Spelling[];

const target = (registryRef: string, artifact: string) =>
  `/har/api/v1/registry/${registryRef}/artifact/${artifact}/version/1/details`;

t.test('finds the spelling of the ref and of the artifact', async (t) => {
  const rows: [registryRef: string, artifact: string, expected: FoundSpelling][] = [
    ['acc/org/proj/reg/+', 'app', { ref: 'published', artifact: 'published' }],
    ['acc/org/proj/reg/+', 'a/b/+', { ref: 'published', artifact: 'published' }],
    ['acc/org/proj/reg/+', 'app/+', { ref: 'published', artifact: 'marked' }],
    ['acc%2Forg%2Fproj%2Freg/+', 'a%2fb/+', { ref: 'cli', artifact: 'cli' }],
    ['acc%2Forg%2Fproj%2Freg%2F%2B', '%40a%2Fb%2f%2b', { ref: 'encoded', artifact: 'encoded' }],
    ['acc%2Forg%2Fproj%2Freg', 'a%2Fb', { ref: 'bare', artifact: 'bare' }],
    ['acc/org/proj/reg/%2B', 'a/b%2F+', { ref: 'script', artifact: 'scriptEscaped' }],
    ['acc%2Freg%2F+', 'a%2Fb/%2B', { ref: 'encoded', artifact: 'cli' }],
    ['acc/org%2Freg/+', 'a/b%2F%2B', { ref: 'published', artifact: 'scriptEscaped' }],
    ['acc/reg/+', 'c++', { ref: 'published', artifact: 'published' }],
    ['acc/reg/+', '+', { ref: 'published', artifact: 'marked' }],
    ['acc/reg/+', '', { ref: 'published', artifact: 'published' }],
    ['reg', 'app/%2B', { ref: 'published', artifact: 'script' }],
  ];
  for (const [registryRef, artifact, expected] of rows) {
    const url = target(registryRef, artifact);
    for (const written of [url, `/gateway${url}?x=%20`, `http://u@h:1${url}`]) {
      t.strictSame(findSpelling(written), expected, written);
    }
  }
});

t.test('finds none where there is no route', async (t) => {
  const targets = [
    '',
    '*',
    '/healthz',
    target('a/b', 'c'),
    target('a/b/+', '%ZZ'),
    `${target('a/b/+', 'c')}?x=%FF`,
    `${target('a/b/+', 'c')}/`,
    `${target('a/b/+', 'c')}#x`,
    '\ud800',
  ];
  for (const written of targets) t.equal(findSpelling(written), undefined, written);
});

t.test('what is found writes the same bytes', async (t) => {
  const word = fc.constantFrom('artifact', 'version', 'details', '+', '%2F', '%2B', '..', '', 'c++', '🐳', 'app');
  const component = fc.oneof(word, fc.string({ unit: 'binary' })).map((text) => text.replaceAll('/', ''));
  const refComponent = component.filter((text) => text !== '' && text !== '+');
  const ref = fc.array(refComponent, { minLength: 2, maxLength: 4 }).map((parts) => parts.join('/'));
  const name = fc
    .array(component, { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join('/'))
    .filter((text) => text !== '');
  const spelling = fc.constantFrom(...SPELLINGS);
  const property = fc.property(ref, name, spelling, spelling, (registryRef, artifact, ofRef, ofArtifact) => {
    const path = { registryRef, artifact, version: '1' };
    const written = formatPath(path, ofRef, ofArtifact);
    const found = findSpelling(written);
    return found !== undefined && formatPath(path, found.ref, found.artifact) === written;
  });
  const { failed, counterexample, seed } = fc.check(property, { numRuns: 3_000 });
  t.notOk(failed, `seed ${seed}: ${JSON.stringify(counterexample)}`);
});

t.test('no text makes it throw', async (t) => {
  const start = fc.constantFrom('', '/har/api/v1/registry/', 'http://', '/har/api/v1/registry/a/b/+/artifact/');
  const property = fc.property(start, fc.string({ unit: 'binary' }), (prefix, rest) => {
    findSpelling(prefix + rest);
  });
  const { failed, counterexample, seed } = fc.check(property, { numRuns: 2_000 });
  t.notOk(failed, `seed ${seed}: ${JSON.stringify(counterexample)}`);
});
