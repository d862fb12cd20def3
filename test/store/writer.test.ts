import t from 'tap';
import { Conflict } from '../../src/store/errors.js';
import type { Writer } from '../../src/store/writer.js';
import { storeWith } from './support.js';

const registry = { ref: 'acme/images', packageType: 'DOCKER' as const };
const artifact = { registryRef: 'acme/images', name: 'app' };
const key = { name: 'dev', grants: ['acme'], revoked: false };

function write(writer: Writer): void {
  writer.addRegistry(registry);
  writer.addArtifact(artifact);
  writer.addVersion(artifact, { version: '1' }, [{ version: 'c' }]);
  writer.addKey('k', key);
}

t.test('refuses what is there already, and keeps all as it was', async (t) => {
  const store = storeWith(t, write);
  const before = store.summarise();
  const rows: [name: string, write: (writer: Writer) => void, identity: string, contradiction?: string][] = [
    ['a registry', (writer) => writer.addRegistry({ ...registry, packageType: 'GO' }), 'registry acme/images'],
    ['an artifact', (writer) => writer.addArtifact(artifact), 'artifact app of acme/images'],
    [
      'a version',
      (writer) => writer.addVersion(artifact, { version: '1' }, []),
      'version 1 of artifact app of acme/images',
    ],
    [
      'a child',
      (writer) => writer.addVersion(artifact, { version: '2' }, [{ version: 'c' }, { version: 'c' }]),
      'version 2 of artifact app of acme/images',
    ],
    ['the name of a key', (writer) => writer.addKey('l', key), 'API key "dev"'],
    ['a key and its name', (writer) => writer.addKey('k', key), 'API key "dev"'],
    ['a key', (writer) => writer.addKey('k', { ...key, name: 'ops' }), 'API key "dev"', 'has the same key'],
    [
      'a registry of another package type',
      (writer) => writer.ensureArtifact({ ...registry, packageType: 'GO' }, artifact),
      'registry acme/images',
      'is DOCKER, not GO,',
    ],
  ];
  for (const [name, again, identity, contradiction] of rows) {
    const replace = () =>
      store.replace((writer) => {
        write(writer);
        again(writer);
      });
    try {
      replace();
      t.fail(name);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      t.strictSame([error.identity, error.contradiction], [identity, contradiction], name);
      t.equal(error.message, `${identity} is already there`);
    }
    t.strictSame(store.summarise(), before, `${name}: nothing has changed`);
    t.equal(store.findKey('k')?.name, 'dev');
  }
});

t.test('ensures a registry and an artifact once', async (t) => {
  const store = storeWith(t, (writer) => {
    writer.ensureArtifact(registry, artifact);
    writer.ensureArtifact(registry, { ...artifact, quarantineReason: 'ignored, as it is there' });
    writer.ensureArtifact(registry, { ...artifact, name: 'other' });
    writer.addVersion(artifact, { version: '1' }, []);
  });
  const { registries, artifacts } = store.summarise();
  t.strictSame({ registries, artifacts }, { registries: 1, artifacts: 2 });
  t.equal(store.findDetails({ registryRef: 'acme/images', artifact: 'app', version: '1' }).detail.isQuarantined, false);
});

t.test('passes on what is no conflict', async (t) => {
  const store = storeWith(t, write);
  const rows: [name: string, write: (writer: Writer) => void, message: RegExp][] = [
    ['an artifact without its registry', (writer) => writer.addArtifact(artifact), /NOT NULL constraint failed/],
    ['a version without its artifact', (writer) => writer.addVersion(artifact, { version: '1' }, []), /NOT NULL/],
    [
      'a package type that is none',
      (writer) => writer.addRegistry({ ...registry, packageType: 'APK' as 'GO' }),
      /CHECK/,
    ],
    ['an empty ref', (writer) => writer.addRegistry({ ...registry, ref: '' }), /CHECK/],
  ];
  for (const [name, bad, message] of rows) t.throws(() => store.replace(bad), { name: 'SqliteError', message }, name);
  t.equal(store.summarise().versions, 1, 'all is as it was');
});
