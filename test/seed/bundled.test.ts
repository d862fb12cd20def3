import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { PACKAGE_TYPES } from '../../src/api/schema.js';
import { type FixtureDocument, fixtureJsonSchema } from '../../src/seed/format.js';
import { BUNDLED_FIXTURES } from '../../src/util/package.js';
import { dataOf } from '../store/support.js';
import { seedStore } from './support.js';

const names = readdirSync(BUNDLED_FIXTURES).filter((name) => !name.endsWith('.schema.json'));
const texts = names.map((name) => readFileSync(join(BUNDLED_FIXTURES, name), 'utf8'));
const documents: FixtureDocument[] = texts.map((text) => JSON.parse(text));
const registries = documents.flatMap((document) => document.registries ?? []);
const artifacts = registries.flatMap(({ artifacts = [], ...registry }) =>
  artifacts.map((artifact) => ({ ...artifact, registry })),
);
const versions = artifacts.flatMap(({ versions = [], ...artifact }) =>
  versions.map((version) => ({ ...version, artifact })),
);
const keys = documents.flatMap((document) => document.apiKeys ?? []);

t.test('the bundled fixtures are loaded completely', async (t) => {
  const { versionsByPackageType, ...counts } = seedStore(t, [BUNDLED_FIXTURES]).summarise();
  t.strictSame(counts, {
    registries: registries.length,
    artifacts: artifacts.length,
    versions: versions.length,
    keys: keys.length,
  });
  t.strictSame(versionsByPackageType.map(({ packageType }) => packageType).sort(), [...PACKAGE_TYPES].sort());
});

t.test('the bundled fixtures have every case that a tester needs', async (t) => {
  const components = new Set(registries.map(({ ref }) => ref.split('/').length));
  const cases: Record<string, boolean> = {
    'a registry of an account, of an organisation and of a project': [2, 3, 4].every((count) => components.has(count)),
    'a namespaced name': artifacts.some(({ name }) => /^[^@].*\//.test(name)),
    'a scoped name': artifacts.some(({ name }) => /^@.+\/.+/.test(name)),
    'a name with a plus': artifacts.some(({ name }) => name.includes('+')),
    'a version with a plus': versions.some(({ version }) => version.includes('+')),
    'a name with words of the path grammar': artifacts.some(({ name }) => name.includes('artifact/version')),
    'an image with children': versions.some(
      ({ artifact, children = [] }) => artifact.registry.packageType === 'DOCKER' && children.length > 1,
    ),
    'a model and a dataset of one name': artifacts.some(
      ({ name, artifactType, registry }) =>
        artifactType === 'model' &&
        artifacts.some(
          (other) => other.name === name && other.artifactType === 'dataset' && other.registry.ref === registry.ref,
        ),
    ),
    'a version in quarantine': versions.some(({ quarantineReason }) => quarantineReason !== undefined),
    'an artifact in quarantine': artifacts.some(({ quarantineReason }) => quarantineReason !== undefined),
    'a size without a unit': versions.some(({ size }) => typeof size === 'string'),
    'a version without optional fields': versions.some(({ createdAt, createdBy }) => !createdAt && !createdBy),
    "the vendor's other fields": versions.some(({ extra }) => extra !== undefined),
    'a key for the whole account': keys.some(({ grants }) => grants.includes('acme')),
    'a key with narrow grants': keys.some(({ grants }) => grants.every((grant) => grant.includes('/'))),
    'an expired key': keys.some(({ expiresAt }) => expiresAt !== undefined && Date.parse(expiresAt) < Date.now()),
    'a revoked key': keys.some(({ revoked }) => revoked === true),
  };
  for (const [name, isThere] of Object.entries(cases)) t.ok(isThere, name);
});

t.test('every bundled file names the JSON Schema for editors', async (t) => {
  for (const [index, { $schema }] of documents.entries())
    t.equal($schema, './fixture.schema.json', String(names[index]));
});

t.test('every bundled version is found', async (t) => {
  const store = seedStore(t, [BUNDLED_FIXTURES]);
  for (const { version, artifact } of versions) {
    const { name, artifactType } = artifact;
    const found = dataOf(store, { ref: artifact.registry.ref, artifact: name, artifactType, version });
    t.equal(found.version, version, `${artifact.registry.ref} ${name} ${version}`);
  }
});

t.test('the published JSON Schema is the one that validates files', async (t) => {
  const published = JSON.parse(readFileSync(join(BUNDLED_FIXTURES, 'fixture.schema.json'), 'utf8'));
  t.strictSame(published, JSON.parse(JSON.stringify(fixtureJsonSchema())), 'npm run openapi writes it');
});
