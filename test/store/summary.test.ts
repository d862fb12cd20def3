import t from 'tap';
import { openStore } from '../../src/store/store.js';
import { storeWith } from './support.js';

t.test('counts nothing in an empty store', async (t) => {
  const store = openStore();
  t.teardown(() => store.close());
  t.strictSame(store.summarise(), { registries: 0, artifacts: 0, versions: 0, keys: 0, versionsByPackageType: [] });
  t.equal(store.findExample(), undefined);
  t.equal(store.isEmpty(), true);
});

t.test('counts what is stored, without children', async (t) => {
  const model = { registryRef: 'acme/hub', name: 'bert', artifactType: 'model' as const };
  const app = { registryRef: 'acme/go', name: 'app' };
  const image = { registryRef: 'acme/images', name: 'app' };
  const store = storeWith(t, (writer) => {
    writer.addRegistry({ ref: 'acme/hub', packageType: 'HUGGINGFACE' });
    writer.addRegistry({ ref: 'acme/images', packageType: 'DOCKER' });
    writer.addRegistry({ ref: 'acme/go', packageType: 'GO' });
    for (const artifact of [model, image, app]) writer.addArtifact(artifact);
    writer.addVersion(model, { version: 'v1' }, []);
    writer.addVersion(image, { version: '1' }, [{ version: 'a' }, { version: 'b' }]);
    writer.addVersion(app, { version: '1' }, []);
    writer.addVersion(app, { version: '2' }, []);
    writer.addKey('k', { name: 'dev', grants: ['acme'], revoked: false });
  });
  t.strictSame(store.summarise(), {
    registries: 3,
    artifacts: 3,
    versions: 4,
    keys: 1,
    versionsByPackageType: [
      { packageType: 'GO', versions: 2 },
      { packageType: 'DOCKER', versions: 1 },
      { packageType: 'HUGGINGFACE', versions: 1 },
    ],
  });
  const example = store.findExample();
  t.strictSame(example, { registryRef: 'acme/images', artifact: 'app', version: '1' }, 'one that needs no query');
});

t.test('is empty only without registries and keys', async (t) => {
  const withKey = storeWith(t, (writer) => writer.addKey('k', { name: 'dev', grants: [], revoked: false }));
  t.equal(withKey.isEmpty(), false);
  const withRegistry = storeWith(t, (writer) => writer.addRegistry({ ref: 'acme/go', packageType: 'GO' }));
  t.equal(withRegistry.isEmpty(), false);
  withRegistry.replace(() => {});
  t.equal(withRegistry.isEmpty(), true);
});
