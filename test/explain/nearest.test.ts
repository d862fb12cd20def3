import t, { type Test } from 'tap';
import { advise, limitFor, listNearest, listSpellings } from '../../src/explain/advice.js';
import type { FixtureDocument } from '../../src/index.js';
import { writeFixtures } from '../../src/seed/write.js';
import { openStore, type Store } from '../../src/store/store.js';
import { at } from './support.js';

t.test('lists the nearest names regardless of case, nearest first', async (t) => {
  const names = ['far away', 'nginy', 'nginx', 'ngin', 'Storefront', ''];
  t.strictSame(listNearest('nginx', names, 3), ['nginx', 'nginy', 'ngin']);
  t.strictSame(listNearest('STOREFRONT', names, 1), ['Storefront']);
  t.strictSame(listNearest('nginx', names, 9), ['nginx', 'nginy', 'ngin', '', 'far away', 'Storefront']);
  t.strictSame(listNearest('a', ['c', 'b', 'd'], 2), ['c', 'b'], 'the first of two that are as near');
  t.strictSame(listNearest('x', [], 3), []);
  const long = 'x'.repeat(255);
  t.strictSame(listNearest(`${long}y`, ['y', `${long}z`], 1), [`${long}z`], 'only the start of a long name counts');
});

t.test('fewer long names than short ones are compared', async (t) => {
  const limits = [0, 1, 32, 33, 64, 71, 255, 100_000].map((length) => limitFor('x'.repeat(length)));
  t.strictSame(limits, [3_000, 3_000, 3_000, 750, 750, 334, 47, 47]);
});

t.test('another spelling of a name is nearer than any other name', async (t) => {
  const rows: [name: string, spelling: string][] = [
    ['v18.3.1', '18.3.1'],
    ['18.3.1', 'v18.3.1'],
    ['V1', '1'],
    ['Alpine', 'alpine'],
    ['1.0.0-snapshot', '1.0.0-SNAPSHOT'],
    ['1.4.0_build.5', '1.4.0+build.5'],
    ['1.4.0-rc.1_5', '1.4.0-rc.1+5'],
    ['acme_logging-tools', 'acme-logging-tools'],
    ['1.25', '1.25.0'],
    ['1', '1.0.0'],
    ['1.25.0', '1.25'],
    ['1.0.0', '1'],
    ['1.25-alpine', '1.25.0-alpine'],
    ['caf\u00e9', 'cafe\u0301'],
    ['cafe\u0301', 'caf\u00e9'],
    ['v1.25_RC1', '1.25.0-rc1'],
  ];
  for (const [name, spelling] of rows) {
    t.strictSame(listNearest(name, [`${name}!`, `${spelling}?`, spelling, 'x'], 1), [spelling], `${name} ${spelling}`);
  }
  t.strictSame(listSpellings('V1.25.0'), ['1.25', 'v1.25']);
});

function storeOf(t: Test, versions: string[], artifacts: string[] = []): Store {
  const store = openStore();
  t.teardown(() => store.close());
  const named = artifacts.map((name) => ({ name, versions: [] }));
  const react = { name: 'react', versions: versions.map((version) => ({ version })) };
  const document = { registries: [{ ref: 'acme/npm', packageType: 'NPM', artifacts: [react, ...named] }] };
  writeFixtures([document as FixtureDocument], store.seed);
  return store;
}

t.test('the nearest of all versions is found, its variations first', async (t) => {
  const others = Array.from({ length: 3_000 }, (_, index) => `${19 + (index % 70)}.${index % 11}.${index}`);
  const store = storeOf(t, [...others, '18.3.1', 'v18.3.10', '2.0', 'x2.0.0', '2.1', 'a-b+c', 'zeta']);
  const rows: [version: string, first: string][] = [
    ['v18.3.1', '18.3.1'],
    ['18.3.1.0', '18.3.1'],
    ['2.0.0', '2.0'],
    ['A_B_C', 'a-b+c'],
    ['beta', 'zeta'],
  ];
  for (const [version, first] of rows) {
    const advice = advise(at('acme/npm', 'react', version), 'versionUnknown', { store });
    t.ok(advice.startsWith(`nearest known versions: ${first}`), `${version}: ${advice}`);
  }
});

t.test('among more names than are compared, the variations and the neighbours of a name count', async (t) => {
  const versions = Array.from({ length: 12_000 }, (_, index) => `v${10_000 + index}`);
  const store = storeOf(t, [...versions, '99'], ['left-pad', 'lodash']);
  const rows: [version: string, first: string][] = [
    ['15000', 'v15000'],
    ['V15000.0', 'v15000'],
    ['99.0', '99'],
  ];
  for (const [version, first] of rows) {
    const advice = advise(at('acme/npm', 'react', version), 'versionUnknown', { store });
    t.ok(advice.startsWith(`nearest known versions: ${first}, `), `${version}: ${advice}`);
  }
  t.equal(
    advise(at('acme/npm', 'LEFT_PAD', '1'), 'artifactUnknown', { store }),
    'nearest known artifacts: left-pad, lodash, react',
  );
});

t.test('short advice has one name and no corrected target', async (t) => {
  const store = openStore();
  t.teardown(store.close);
  const versions = [{ version: '1.0.0' }, { version: '1.0.1' }];
  const registries = [{ ref: 'a/go', packageType: 'GO' as const, artifacts: [{ name: 'b', versions }] }];
  writeFixtures([{ registries }], store.seed);
  const call = (artifact: string) => `/har/api/v1/registry/a/go/+/artifact/${artifact}/version/1.0.2/details`;
  const rows: [target: string, reason: Parameters<typeof advise>[1], long: string, short: string][] = [
    [call('b'), 'versionUnknown', 'nearest known versions: 1.0.0, 1.0.1', 'nearest 1.0.0'],
    [call('c'), 'versionUnknown', 'there are no versions to choose from', 'there are no versions to choose from'],
    [
      call('%252e'),
      'artifactUnknown',
      `artifact is percent-encoded twice; encode it once: ${call('%2e')}`,
      'artifact is percent-encoded twice; encode it once',
    ],
    [
      call('b/+'),
      'notPortable',
      `the open-source server refuses this spelling; send another: ${call('b')}`,
      'the open-source server refuses this spelling; send another',
    ],
  ];
  for (const [target, reason, long, short] of rows) {
    t.equal(advise(target, reason, { store }), long);
    t.equal(advise(target, reason, { store, isShort: true }), short);
  }
});
