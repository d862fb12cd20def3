import fc from 'fast-check';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { ArtifactDetailSchema } from '../../src/api/schema.js';
import { FixtureText } from '../../src/seed/document.js';
import { exportFixtures } from '../../src/seed/export.js';
import type { FixtureDocument } from '../../src/seed/format.js';
import { writeFixtures } from '../../src/seed/write.js';
import { openStore, type Store } from '../../src/store/store.js';
import { BUNDLED_FIXTURES } from '../../src/util/package.js';
import { messageOf } from '../store/support.js';
import { accept, emptyStore, seedStore } from './support.js';

const HEAD = `# All data of a store but its API keys, of which it has only hashes:
# define them in another file, under apiKeys, and load it together with this one.
apiKeys: []
`;

const write = (store: Store): string => [...exportFixtures(store)].join('');

/** Loads an export into a store and exports it again. */
function exportAgain(text: string, store: Store): string {
  writeFixtures([new FixtureText('export.yaml', text)], store.seed);
  return write(store);
}

const storeOf = (t: Test, document: FixtureDocument): Store => seedStore(t, [document]);

t.test('an export has everything but the keys, in order', async (t) => {
  const full = {
    version: '1.10',
    size: 1024,
    createdAt: '2024-01-01',
    createdBy: 'me',
    modifiedAt: '007',
    downloadCount: 0,
    quarantineReason: 'bad',
    extra: { b: [1, null, { c: 'd' }], a: true },
    fault: { code: 503, details: { e: 'f' } },
    children: [{ version: 'd' }, { version: 'c', size: '' }],
  };
  const store = storeOf(t, {
    registries: [
      { ref: 'b/images', packageType: 'DOCKER', artifacts: [{ name: 'b', versions: [{ version: '2' }, full] }] },
      {
        ref: 'a/hub',
        packageType: 'HUGGINGFACE',
        artifacts: [
          { name: 'bert', artifactType: 'model', versions: [{ version: 'v' }] },
          { name: 'bert', artifactType: 'dataset', quarantineReason: 'bad' },
        ],
      },
      { ref: 'b/go', packageType: 'GO' },
    ],
    apiKeys: [{ key: 'pat.secret', name: 'developer', grants: ['acme/granted'] }],
  });
  t.equal(
    write(store),
    `${HEAD}registries:
  - ref: "a/hub"
    packageType: "HUGGINGFACE"
    artifacts:
      - name: "bert"
        artifactType: "dataset"
        quarantineReason: "bad"
      - name: "bert"
        artifactType: "model"
        versions:
          - {"version":"v"}
  - ref: "b/go"
    packageType: "GO"
  - ref: "b/images"
    packageType: "DOCKER"
    artifacts:
      - name: "b"
        versions:
          - {"version":"1.10","size":"1.00KB","createdAt":"1704067200000","createdBy":"me","modifiedAt":"007","downloadCount":0,"quarantineReason":"bad","extra":{"b":[1,null,{"c":"d"}],"a":true},"fault":{"code":503,"details":{"e":"f"}},"children":[{"version":"c","size":""},{"version":"d"}]}
          - {"version":"2"}
`,
  );
  t.equal(exportAgain(write(store), emptyStore(t)), write(store), 'and it can be loaded');
});

t.test('the export of an empty store can be loaded', async (t) => {
  t.equal(write(emptyStore(t)), HEAD);
  const store = storeOf(t, { registries: [{ ref: 'acme/go', packageType: 'GO' }] });
  t.equal(exportAgain(HEAD, store), HEAD);
});

t.test('an export of the bundled fixtures is loaded without a change, in memory and in a file', async (t) => {
  const store = seedStore(t, [BUNDLED_FIXTURES]);
  const text = write(store);
  t.equal(exportAgain(text, emptyStore(t)), text);

  const file = `${t.testdir({})}/store.db`;
  const kept = openStore(file);
  t.equal(exportAgain(text, kept), text);
  kept.close();
  const again = openStore(file);
  t.teardown(() => again.close());
  t.equal(write(again), text, 'opened again');
  t.strictSame(again.summarise(), { ...store.summarise(), keys: 0 });
});

const HOSTILE = [
  '\0',
  Array.from({ length: 0xa1 }, (_, code) => String.fromCharCode(code)).join(''),
  '\u0085\u2028\u2029\ufeff\ufffe\uffff',
  '🐳\u{10ffff}é',
  ...['null', '~', 'true', 'no', '007', '1e3', '0x1F', '1_000', '.inf', '2024-01-01', '12:30', '-0', '<<', '='],
  ...[
    '# x',
    ' x ',
    'a: b',
    '- a',
    '*a',
    '&a',
    '!a',
    '%a',
    '@a',
    '`a',
    '{a',
    ']',
    '---',
    '...',
    '"',
    "'",
    '\\',
    '\r\n\t',
  ],
  'x'.repeat(200),
];

t.test('any text is exported so that YAML reads it back', async (t) => {
  const registries = HOSTILE.map((text) => ({
    ref: `${text.replaceAll('/', '-')}/images`,
    packageType: 'DOCKER' as const,
    artifacts: [
      {
        name: text,
        quarantineReason: text,
        versions: [
          { version: text, size: text, createdBy: text, extra: { [text]: [text, { ['k'.repeat(2_000)]: text }] } },
        ],
      },
    ],
  }));
  const store = storeOf(t, { registries });
  const text = write(store);
  t.notMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Zl}\p{Zp}\ufeff\ufffe\uffff]/u, 'it is printable');
  const byRef = (a: { ref: string }, b: { ref: string }) => Buffer.compare(Buffer.from(a.ref), Buffer.from(b.ref));
  t.strictSame(parse(text), { apiKeys: [], registries: [...registries].sort(byRef) });
  t.equal(exportAgain(text, emptyStore(t)), text);
});

t.test('odd values of extra are exported', async (t) => {
  const extra = '{"1":"one","__proto__":{"polluted":true},"":0.1,"n":-1.5e-7,"e":[[],{}]}';
  const json = `{"registries":[{"ref":"acme/go","packageType":"GO","artifacts":[{"name":"a","versions":[{"version":"1","extra":${extra}}]}]}]}`;
  const store = accept(t, { 'a.json': json });
  const again = emptyStore(t);
  t.equal(exportAgain(write(store), again), write(store));
  const lookup = { ref: 'acme/go', artifact: 'a', version: '1' };
  t.strictSame(again.find(lookup), store.find(lookup));
});

t.test('a time before 1970 is exported', async (t) => {
  const times = ['1969-12-31T23:59:59.999Z', '0000-01-01', '0099-02-28'];
  const versions = times.map((createdAt, index) => ({ version: String(index), createdAt, modifiedAt: createdAt }));
  const store = storeOf(t, {
    registries: [{ ref: 'acme/go', packageType: 'GO', artifacts: [{ name: 'a', versions }] }],
  });
  t.match(write(store), '"createdAt":"1969-12-31T23:59:59.999Z"');
  t.equal(exportAgain(write(store), emptyStore(t)), write(store));
});

/** A store whose export has several chunks. */
function largeStore(t: Test): Store {
  const versions = Array.from({ length: 250 }, (_, index) => ({
    version: String(index),
    createdBy: 'x'.repeat(1_000),
  }));
  return storeOf(t, { registries: [{ ref: 'acme/go', packageType: 'GO', artifacts: [{ name: 'a', versions }] }] });
}

t.test('an export has chunks, between which the store can be read', async (t) => {
  const store = largeStore(t);
  const sizes: number[] = [];
  for (const chunk of exportFixtures(store)) {
    sizes.push(chunk.length);
    t.equal(store.summarise().versions, 250);
  }
  t.equal(sizes.length, 4);
  for (const size of sizes) t.ok(size < 70_000, String(size));
});

t.test('an export throws when the data changes between two chunks', async (t) => {
  const changes: ((store: Store) => void)[] = [
    (store) => store.seed(() => {}),
    (store) => store.merge(() => {}),
    (store) => store.remove({ registryRef: 'acme/go' }),
    (store) => store.restore(),
  ];
  for (const change of changes) {
    const store = largeStore(t);
    const chunks = exportFixtures(store);
    chunks.next();
    change(store);
    t.equal(
      messageOf(() => chunks.next()),
      'export: the data changed during the export; try again',
    );
    t.strictSame(chunks.next(), { value: undefined, done: true });
  }
});

t.test('an export of any store is loaded without a change', async (t) => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });
  const time = fc
    .date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString());
  const number = fc.double({ noNaN: true, noDefaultInfinity: true, noInteger: true });
  const value = fc.anything({
    key: fc.string({ unit: 'binary' }),
    values: [fc.string({ unit: 'binary' }), number, fc.maxSafeInteger(), fc.boolean(), fc.constant(null)],
    maxDepth: 3,
  });
  const extraKey = fc.string({ unit: 'binary' }).filter((key) => !Object.hasOwn(ArtifactDetailSchema.properties, key));
  const version = fc.record(
    {
      version: text,
      size: fc.oneof(fc.maxSafeNat(), fc.string({ unit: 'binary' })),
      createdAt: fc.oneof(time, fc.stringMatching(/^(?:\d{1,9}|\d{11,20})$/)),
      createdBy: fc.string({ unit: 'binary' }),
      modifiedAt: time,
      downloadCount: fc.maxSafeNat(),
      quarantineReason: fc.string({ unit: 'binary' }),
      extra: fc.dictionary(extraKey, value),
    },
    { requiredKeys: ['version'] },
  );
  const versions = <Of extends { version: string }>(of: fc.Arbitrary<Of>) =>
    fc.uniqueArray(of, { selector: ({ version }) => version, maxLength: 4 });
  const artifact = fc.record(
    {
      name: text.filter((name) => !/(^|\/)\+$/.test(name)),
      quarantineReason: fc.string({ unit: 'binary' }),
      versions: versions(fc.tuple(version, versions(version)).map(([of, children]) => ({ ...of, children }))),
    },
    { requiredKeys: ['name'] },
  );
  const artifacts = fc.uniqueArray(artifact, { selector: ({ name }) => name, maxLength: 4 });
  const store = emptyStore(t);
  const property = fc.property(artifacts, (artifacts) => {
    writeFixtures([{ registries: [{ ref: 'acme/images', packageType: 'DOCKER', artifacts }] }], store.seed);
    const exported = write(store);
    return exportAgain(exported, store) === exported;
  });
  const { failed, counterexample, errorInstance, seed } = fc.check(property, { numRuns: 40 });
  t.notOk(failed, `seed ${seed}: ${JSON.stringify(counterexample)} ${String(errorInstance)}`);
});
