import fc from 'fast-check';
import t, { type Test } from 'tap';
import { formatPath, SPELLINGS, type Spelling, spellingsOf } from '../../src/api/spelling.js';
import { type ArtifactPath, findBadEscape, parseQuery, parseTarget } from '../../src/api/target.js';

const PREFIX = '/har/api/v1/registry/';

const CANONICAL = `${PREFIX}a%2Fb/artifact/c%2Fd/version/1/details`;

const path = (ref: string, artifact: string, version = '1'): ArtifactPath => ({ ref, artifact, version });

const at = (ref: string, artifact: string) => `${PREFIX}${ref}/artifact/${artifact}/version/1/details`;

/** Checks a property; a failure shows the seed and the counterexample. */
function checkProperty<Values>(t: Test, property: fc.IProperty<Values>): void {
  const { failed, counterexample, seed } = fc.check(property, { numRuns: 2_000 });
  t.notOk(failed, `seed ${seed}: ${JSON.stringify(counterexample)}`);
}

t.test('the path of a call is parsed in every spelling that a client uses', async (t) => {
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
    t.strictSame(parseTarget(PREFIX + tail).parameters, expected, tail);
    t.strictSame(parseTarget(`/gateway${PREFIX}${tail}`).parameters, expected, `gateway ${tail}`);
  }
});

t.test('markers and words of the path inside a name are data', async (t) => {
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
    ['a/b/+/artifact/x#y/version/1/details', path('a/b', 'x#y')],
  ];
  for (const [tail, expected] of rows) t.strictSame(parseTarget(PREFIX + tail).parameters, expected, tail);
});

t.test('paths with invalid parameters are parsed, so that the answer can say what is wrong', async (t) => {
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
  for (const [tail, expected] of rows) t.strictSame(parseTarget(PREFIX + tail).parameters, expected, tail);
});

const ROUTED = '/har/api/v1/registry/-/artifact/-/version/-/details';

t.test('a target is parsed into kind, path, query, routed path, parameters and what was written', async (t) => {
  t.strictSame(
    parseTarget('HTTPS://u@h:1/gateway/har/api/v1/registry/a/b/+/artifact/c%2Fd/+/version/1/details?x=%20'),
    {
      kind: 'call',
      path: '/gateway/har/api/v1/registry/a/b/+/artifact/c%2Fd/+/version/1/details',
      query: '?x=%20',
      routed: `${ROUTED}?x=%20`,
      parameters: path('a/b', 'c/d'),
      written: { ref: 'a/b/+', artifact: 'c%2Fd/+' },
    },
  );
  const rows: [target: string, kind: string, routed: string][] = [
    ['/har/api/v1/registry/a/b/+/artifact/c/d/+/version/1/details', 'call', ROUTED],
    ['/gateway/har/api/v1/registry/a%2Fb%2F%2B/artifact/c%2Fd/version/1/details?x=1', 'call', `${ROUTED}?x=1`],
    ['http://example.com/har/api/v1/registry/a/b/+/artifact/c/d/+/version/1/details', 'call', ROUTED],
    [`${CANONICAL}?x=%ZZ`, 'call', `${ROUTED}?x=%ZZ`],
    [`${CANONICAL}?x=1?y#z`, 'call', `${ROUTED}?x=1?y%23z`],
    ['http://example.com', 'own', '/'],
    ['http://example.com?x', 'own', '/?x'],
    ['ftp://example.com/x', 'unknown', '/har'],
    ['/nope?x=%FF', 'unknown', '/nope?x=%FF'],
    ['/a#b', 'unknown', '/a%23b'],
    ['*', 'unknown', '/har'],
    ['', 'unknown', '/har'],
  ];
  for (const [target, kind, routed] of rows) {
    const { parameters: _, written: __, path, query, ...found } = parseTarget(target);
    t.strictSame(found, { kind, routed }, JSON.stringify(target));
    t.ok(target.replaceAll('#', '%23').endsWith(path === '/' ? query : path + query), 'path and query are as sent');
  }
});

t.test('a path below the API that is not a call has no route', async (t) => {
  const tails = [
    '',
    'a/b/+',
    'artifact/app/version/1/details',
    'acc/org/reg/artifact/app/version/1/details',
    'a/b/+/artifact/my/app/version/1/details',
    'a/b/+/artifact/app/version/1/details/',
    'a/b/+/artifact/app/version/1/details#x',
    'a/b/+/artifact/app/version/1/detail',
    'a/b/+/artifact/app/version/1/2/details',
    'a/b/+/artifact/app/1/details',
    'a/b/+/artifact/app/versions/1/details',
    'a/b/+/artefact/app/version/1/details',
    'a/b/+/artifact/version/1/details',
    'a/b%2B/artifact/app/version/1/details',
    'a%2Fb/%61rtifact/c/version/1/details',
  ];
  const targets = [...tails.map((tail) => PREFIX + tail), '/h%61r/api/v1/registry/a%2Fb/artifact/c/version/1/details'];
  targets.push('/har/api/v2/registry/a/b/+/artifact/app/version/1/details');
  for (const target of targets) t.match(parseTarget(target), { kind: 'unknown', routed: '/har' }, target);
  const otherCase = at('a/b/+', 'app').replace('/har/', '/HAR/');
  t.match(parseTarget(otherCase), { kind: 'unknown', routed: otherCase }, 'case counts');
});

t.test('a path with a bad escape or invalid UTF-8 has no route', async (t) => {
  const rows: [target: string, found: string][] = [
    ['/%', '%'],
    ['/x%ZZy', '%ZZ'],
    ['/a%2', '%2'],
    ['/a%2/x', '%2/'],
    ['/%FF?x', '%FF'],
    ['/%C3%A9%FF', '%C3%A9%FF'],
    ['http://h/%zz', '%zz'],
    ['/%\nx', '%\nx'],
    [at('a/b/+', '%C0%AF'), '%C0%AF'],
    [at('a/b/+', '%ED%A0%80'), '%ED%A0%80'],
    [at('a%2/+', 'x'), '%2/'],
  ];
  for (const [target, found] of rows) {
    t.match(parseTarget(target), { kind: 'unknown', routed: '/har' }, target);
    t.equal(findBadEscape(target), found);
  }
  for (const target of ['/fine', '/fine%20', '/fine?x=%ZZ', `${CANONICAL}?childVersion=%FF`, '%25']) {
    t.equal(findBadEscape(target), undefined, target);
  }
});

t.test('paths of the server itself are recognised in every spelling, and no others', async (t) => {
  const own = [
    '/__admin',
    '/__admin/explain?key=x',
    '/%5F_admin/x',
    '/__%61dmin',
    '/__ADMIN/faults',
    '/__admin%2Ffaults',
    'http://h/__admin/explain?key=x',
    'HTTPS://h:1/__admin',
    '/',
    '/?x',
    '/favicon.ico',
    '/healthz',
    '/readyz?x',
    '/openapi.json',
    '/openapi.yaml',
    '/docs',
    '/docs/static/x',
  ];
  for (const target of own) {
    const { kind, path, query, routed } = parseTarget(target);
    t.equal(kind, 'own', target);
    t.equal(routed, path + query);
  }
  const others = [
    '//',
    '/favicon.icon',
    '/__foo',
    '/__administrator',
    '/x/__admin',
    '/x?/__admin',
    'http://h/x?/__admin',
    '/har/api/v1/registry/__admin',
    '/healthz/',
    '/healthzz',
    '/openapi.jsonx',
    '/openapiXjson',
    '/docsx',
  ];
  for (const target of others) t.equal(parseTarget(target).kind, 'unknown', target);
});

t.test('the spellings of the ref and of the artifact are found', async (t) => {
  const rows: [ref: string, artifact: string, expected: ReturnType<typeof spellingsOf>][] = [
    ['acc/org/proj/reg/+', 'app', { ref: 'published', artifact: 'published', portable: true }],
    ['acc/org/proj/reg/+', 'a/b/+', { ref: 'published', artifact: 'published', portable: true }],
    ['acc/org/proj/reg/+', 'app/+', { ref: 'published', artifact: 'marked', portable: true }],
    ['acc%2Forg%2Fproj%2Freg/+', 'a%2fb/+', { ref: 'cli', artifact: 'cli', portable: false }],
    ['acc%2Forg%2Fproj%2Freg%2F%2B', '%40a%2Fb%2f%2b', { ref: 'encoded', artifact: 'encoded', portable: false }],
    ['acc%2Forg%2Fproj%2Freg', 'a%2Fb', { ref: 'bare', artifact: 'bare', portable: true }],
    ['acc/org/proj/reg/%2B', 'a/b%2F+', { ref: 'script', artifact: 'scriptEscaped', portable: false }],
    ['acc%2Freg%2F+', 'a%2Fb/%2B', { ref: 'encoded', artifact: 'cli', portable: false }],
    ['acc/org%2Freg/+', 'a/b%2F%2B', { ref: 'published', artifact: 'scriptEscaped', portable: false }],
    ['acc/reg/+', 'c++', { ref: 'published', artifact: 'published', portable: true }],
    ['acc/reg/+', '+', { ref: 'published', artifact: 'marked', portable: true }],
    ['acc/reg/+', '', { ref: 'published', artifact: 'published', portable: true }],
    ['reg', 'app/%2B', { ref: 'published', artifact: 'script', portable: false }],
  ];
  for (const [ref, artifact, expected] of rows) {
    const url = at(ref, artifact);
    for (const target of [url, `/gateway${url}?x=%20`, `http://u@h:1${url}`]) {
      t.strictSame(spellingsOf(parseTarget(target)), expected, target);
    }
  }
  for (const target of ['', '*', '/healthz', at('a/b', 'c'), at('a/b/+', '%ZZ'), `${at('a/b/+', 'c')}/`, '\ud800']) {
    t.equal(spellingsOf(parseTarget(target)), undefined, target);
  }
});

t.test('the artifact is spelled as the ref by default', async (t) => {
  const nested = path('a/b', 'c/d', 'e/f');
  t.equal(formatPath(nested, 'published'), `${PREFIX}a/b/+/artifact/c/d/+/version/e%2Ff/details`);
  t.equal(formatPath(nested, 'encoded', 'cli'), `${PREFIX}a%2Fb%2F%2B/artifact/c%2Fd/+/version/e%2Ff/details`);
});

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
const anyRef = fc.array(refComponent, { minLength: 2, maxLength: 4 }).map((parts) => parts.join('/'));
const anyName = fc
  .array(component, { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join('/'))
  .filter((text) => text !== '');
const anyVersion = fc.oneof(word, fc.string({ unit: 'binary', minLength: 1 })).filter((text) => text !== '');
const anySpelling = fc.constantFrom(...(Object.keys(SPELLINGS) as Spelling[]));

t.test('whatever is formatted in any spelling is parsed to the same names and the same spelling', async (t) => {
  checkProperty(
    t,
    fc.property(anyRef, anyName, anyVersion, anySpelling, anySpelling, (ref, artifact, version, ofRef, ofArtifact) => {
      const names = path(ref, artifact, version);
      const written = formatPath(names, ofRef, ofArtifact);
      const target = parseTarget(written);
      const { parameters } = target;
      const spellings = spellingsOf(target);
      return (
        target.kind === 'call' &&
        parameters?.ref === ref &&
        parameters.artifact === artifact &&
        parameters.version === version &&
        spellings !== undefined &&
        formatPath(names, spellings.ref, spellings.artifact) === written
      );
    }),
  );
});

t.test('no text makes the parser throw', async (t) => {
  const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array).toString('latin1'));
  const start = fc.constantFrom('', '/', PREFIX, 'http://', `/gateway${PREFIX}a/b/+/artifact/`, '/__admin/');
  checkProperty(
    t,
    fc.property(start, fc.oneof(bytes, fc.string({ unit: 'binary' })), (prefix, rest) => {
      const target = parseTarget(prefix + rest);
      spellingsOf(target);
      return findBadEscape(prefix + rest) === undefined || target.routed === '/har';
    }),
  );
});

t.test('a query is parsed into its decoded parameters', async (t) => {
  const rows: [query: string, expected: Record<string, string | string[]>][] = [
    ['', {}],
    ['&&', {}],
    ['a=1&b=2', { a: '1', b: '2' }],
    ['a=1&a=2&a=3', { a: ['1', '2', '3'] }],
    ['a', { a: '' }],
    ['a=', { a: '' }],
    ['=', { '': '' }],
    ['=a', { '': 'a' }],
    ['a=b=c', { a: 'b=c' }],
    ['a+b=c+d', { 'a b': 'c d' }],
    ['a%2Bb=%26%3D', { 'a+b': '&=' }],
    ['%C3%A9=%E2%82%AC', { é: '€' }],
    ['a=%ZZ&b=1', { b: '1' }],
    ['%=1&b=1', { b: '1' }],
    ['a=%FF&b=1', { b: '1' }],
    ['a=%ED%A0%80', {}],
    ['a=1;b=2&c=3', { c: '3' }],
    ['a=1&a=2;', { a: '1' }],
    ['a=1?b', { a: '1?b' }],
    ['__proto__=1&constructor=2', { ['__proto__']: '1', constructor: '2' }],
  ];
  for (const [query, expected] of rows) {
    t.strictSame(Object.entries(parseQuery(query)), Object.entries(expected), query);
  }
});

/** Parses a query as Go's `url.ParseQuery` does, without the pairs that are not UTF-8. */
function parseLikeGo(query: string): [string, string][] {
  return query.split('&').flatMap((pair): [string, string][] => {
    if (pair.includes(';') || pair === '') return [];
    const [name = '', ...rest] = pair.split('=');
    const decoded = [name, rest.join('=')].map(unescapeLikeGo);
    return decoded.includes(undefined) ? [] : [decoded as [string, string]];
  });
}

function unescapeLikeGo(text: string): string | undefined {
  const bytes: number[] = [];
  for (let rest = Buffer.from(text); rest.length > 0; ) {
    const [byte] = rest as unknown as [number];
    const hex = /^%([0-9A-Fa-f]{2})/.exec(rest.toString('latin1'))?.[1];
    if (byte === 0x25 && hex === undefined) return undefined;
    if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else bytes.push(byte === 0x2b ? 0x20 : byte);
    rest = rest.subarray(hex === undefined ? 1 : 3);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes));
  } catch {
    return undefined;
  }
}

t.test('a query is parsed by the rules of Go', async (t) => {
  const parts = ['&', '&', '=', '=', ';', '+', '%', '%2', '%2B', '%26', '%C3%A9', '%C3', '%FF', '%zz', '%EF%BB%BF'];
  const part = fc.constantFrom(...parts, 'a', 'b', 'é', '?', '#', '/', '__proto__', 'artifact_type', 'model');
  checkProperty(
    t,
    fc.property(fc.array(part, { maxLength: 20 }), (found) => {
      const query = found.join('');
      const flat = Object.entries(parseQuery(query)).flatMap(([name, value]) =>
        [value].flat().map((one) => [name, one]),
      );
      const byName = ([a = '']: string[], [b = '']: string[]) => (a < b ? -1 : Number(a > b));
      return JSON.stringify(flat.sort(byName)) === JSON.stringify(parseLikeGo(query).sort(byName));
    }),
  );
});
