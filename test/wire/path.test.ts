import fc from 'fast-check';
import t from 'tap';
import { type ArtifactPath, formatPath, parsePath, type Spelling, spellings, splitPath } from '../../src/wire/path.js';

const SPELLINGS = Object.keys(spellings) as Spelling[];

const PREFIX = '/har/api/v1/registry/';

const path = (registryRef: string, artifact: string, version = '1'): ArtifactPath => ({
  registryRef,
  artifact,
  version,
});

t.test('parses every spelling that a client uses', async (t) => {
  const nested = path('acc/org/proj/reg', 'mygroup/myartifact', '1.0');
  const flat = path('acc/org/proj/reg', 'app', '1.0');
  const scoped = path('acc/org/proj/reg', '@scope/pkg', '1.0');
  const rows: [string, ArtifactPath][] = [
    ['acc/org/proj/reg/+/artifact/app/version/1.0/details', flat],
    ['acc/org/proj/reg/+/artifact/mygroup/myartifact/+/version/1.0/details', nested],
    ['acc/org/proj/reg/+/artifact/app/+/version/1.0/details', flat],
    ['acc%2Forg%2Fproj%2Freg/+/artifact/app/+/version/1.0/details', flat],
    ['acc%2Forg%2Fproj%2Freg/+/artifact/mygroup%2Fmyartifact/+/version/1.0/details', nested],
    ['acc%2forg%2fproj%2freg/+/artifact/@scope%2fpkg/+/version/1.0/details', scoped],
    ['acc%2Forg%2Fproj%2Freg%2F%2B/artifact/app/version/1.0/details', flat],
    ['acc%2Forg%2Fproj%2Freg%2F%2B/artifact/mygroup%2Fmyartifact%2F%2B/version/1.0/details', nested],
    ['acc%2forg%2fproj%2freg%2f%2b/artifact/%40scope%2fpkg%2f%2b/version/1.0/details', scoped],
    ['acc%2Forg%2Fproj%2Freg/artifact/mygroup%2Fmyartifact/version/1.0/details', nested],
    ['acc/org/proj/reg/%2B/artifact/mygroup/myartifact/%2b/version/1.0/details', nested],
    ['acc/org/proj/reg%2F+/artifact/mygroup/myartifact%2F+/version/1.0/details', nested],
    ['acc%2Forg%2Fproj%2Freg%2F+/artifact/app/version/1.0/details', flat],
    ['acc/org%2Fproj/reg/+/artifact/app/version/1.0/details', flat],
  ];
  for (const [tail, expected] of rows) {
    t.strictSame(parsePath(PREFIX + tail), expected, tail);
    t.strictSame(parsePath(`/gateway${PREFIX}${tail}`), expected, `gateway ${tail}`);
  }
});

t.test('takes for data what only looks like grammar', async (t) => {
  const rows: [string, ArtifactPath][] = [
    ['a/b/+/artifact/c++/version/1/details', path('a/b', 'c++')],
    ['a/b/+/artifact/libstdc+/version/1.0.0+build.5/details', path('a/b', 'libstdc+', '1.0.0+build.5')],
    ['a/artifact/+/artifact/artifact/version/version/details', path('a/artifact', 'artifact', 'version')],
    ['a/artifact/+/artifact/app/+/version/1/details', path('a/artifact', 'app')],
    [
      'artifact/version/details/+/artifact/version/1/details/+/version/details/details',
      path('artifact/version/details', 'version/1/details', 'details'),
    ],
    ['a/b/+/artifact/q/+/artifact/z/+/version/1/details', path('a/b', 'q/+/artifact/z')],
    ['a%2Fb/artifact/x/+/artifact/y/+/version/1/details', path('a/b', 'x/+/artifact/y')],
    ['a/b/+/artifact/a//b/+/version/1/details', path('a/b', 'a//b')],
    ['a/b/+/artifact/../x/./y/+/version/../details', path('a/b', '../x/./y', '..')],
    ['a/b/+/artifact/a%252Fb/version/%252B/details', path('a/b', 'a%2Fb', '%2B')],
    ['a/b/+/artifact/+/+/version/+/details', path('a/b', '+', '+')],
    ['a/b/+/artifact/%E2%82%AC/version/%00/details', path('a/b', '€', '\0')],
    ['a/b/+/artifact/x%2B/version/1/details', path('a/b', 'x+')],
  ];
  for (const [tail, expected] of rows) t.strictSame(parsePath(PREFIX + tail), expected, tail);
});

t.test('parses what the syntax check will refuse, so that it can say why', async (t) => {
  const rows: [string, ArtifactPath][] = [
    ['reg/artifact/app/version/1/details', path('reg', 'app')],
    ['reg/+/artifact/app/version/1/details', path('reg', 'app')],
    ['+/artifact/app/version/1/details', path('', 'app')],
    ['/artifact/app/version/1/details', path('', 'app')],
    ['a//b/+/artifact/app/version/1/details', path('a//b', 'app')],
    ['a/b/+/artifact//version/1/details', path('a/b', '')],
    ['a/b/+/artifact/+/version/1/details', path('a/b', '')],
    ['a/b/+/artifact/app/version//details', path('a/b', 'app', '')],
  ];
  for (const [tail, expected] of rows) t.strictSame(parsePath(PREFIX + tail), expected, tail);
});

t.test('does not match other paths', async (t) => {
  const tails = [
    '',
    'a/b/+',
    'artifact/app/version/1/details',
    'acc/org/reg/artifact/app/version/1/details',
    'a/b/+/artifact/my/app/version/1/details',
    'a/b/+/artifact/app/version/1/details/',
    'a/b/+/artifact/app/version/1/detail',
    'a/b/+/artifact/app/version/1/2/details',
    'a/b/+/artifact/app/1/details',
    'a/b/+/artifact/app/versions/1/details',
    'a/b/+/artefact/app/version/1/details',
    'a/b/+/artifact/version/1/details',
    'a/b%2B/artifact/app/version/1/details',
  ];
  for (const tail of tails) t.equal(splitPath(PREFIX + tail), undefined, tail);
  t.equal(splitPath('/HAR/api/v1/registry/a/b/+/artifact/app/version/1/details'), undefined, 'case counts');
  t.equal(splitPath('/har/api/v2/registry/a/b/+/artifact/app/version/1/details'), undefined, 'another API version');
});

t.test('throws for what cannot be decoded', async (t) => {
  for (const found of ['%', '%2', '%ZZ', '%FF', '%C0%AF', '%ED%A0%80']) {
    t.throws(() => parsePath(`${PREFIX}a/b/+/artifact/${found}/version/1/details`), { name: 'URIError' }, found);
  }
});

t.test('reads back every name in every spelling', async (t) => {
  const word = fc.constantFrom(
    'artifact',
    'version',
    'details',
    '+',
    '%2F',
    '%2B',
    '%',
    '..',
    '',
    'c++',
    'har',
    '🐳',
    'é',
  );
  const component = fc.oneof(word, fc.string({ unit: 'binary' })).map((text) => text.replaceAll('/', ''));
  const refComponent = component.filter((text) => text !== '' && text !== '+');
  const registryRef = fc.array(refComponent, { minLength: 2, maxLength: 4 }).map((parts) => parts.join('/'));
  const name = fc
    .array(component, { minLength: 1, maxLength: 5 })
    .map((parts) => parts.join('/'))
    .filter((text) => text !== '');
  const version = fc.oneof(word, fc.string({ unit: 'binary', minLength: 1 })).filter((text) => text !== '');
  const spelling = fc.constantFrom(...SPELLINGS);

  const property = fc.property(
    registryRef,
    name,
    version,
    spelling,
    spelling,
    (ref, artifact, tag, refSpelling, spelled) => {
      const written = path(ref, artifact, tag);
      const read = parsePath(formatPath(written, refSpelling, spelled));
      return read?.registryRef === ref && read.artifact === artifact && read.version === tag;
    },
  );
  const { failed, counterexample, seed } = fc.check(property, { numRuns: 2_000 });
  t.notOk(failed, `seed ${seed}: ${JSON.stringify(counterexample)}`);
});

t.test('writes the artifact as the ref unless told otherwise', async (t) => {
  const nested = path('a/b', 'c/d', 'e/f');
  t.equal(formatPath(nested, 'published'), `${PREFIX}a/b/+/artifact/c/d/+/version/e%2Ff/details`);
  t.equal(formatPath(nested, 'encoded', 'cli'), `${PREFIX}a%2Fb%2F%2B/artifact/c%2Fd/+/version/e%2Ff/details`);
});
