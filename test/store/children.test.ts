import t from 'tap';
import type { ArtifactRow, VersionRow } from '../../src/store/types.js';
import { missOf, storeWith } from './support.js';

const image: ArtifactRow = { registryRef: 'acme/images', name: 'app' };
const jar: ArtifactRow = { registryRef: 'acme/jars', name: 'app' };
const full = {
  size: '1.00KB',
  createdAt: '1',
  createdBy: 'me',
  modifiedAt: '2',
  downloadCount: 0,
  quarantineReason: 'bad',
};
const parent: VersionRow = {
  version: 'parent',
  size: '2.00KB',
  createdBy: 'parent',
  downloadCount: 7,
  extra: '{"p":1}',
};

const open = (t: Parameters<typeof storeWith>[0]) =>
  storeWith(t, (writer) => {
    writer.addRegistry({ ref: 'acme/images', packageType: 'DOCKER' });
    writer.addRegistry({ ref: 'acme/jars', packageType: 'MAVEN' });
    for (const artifact of [image, jar]) writer.addArtifact(artifact);
    writer.addVersion(image, parent, [{ version: 'full', ...full, extra: '{"c":1}' }, { version: 'bare' }]);
    writer.addVersion(image, { version: 'childless' }, []);
    writer.addVersion(image, { version: 'other' }, [{ version: 'bare', size: 'of other' }, { version: 'other' }]);
    writer.addVersion(jar, { version: 'parent' }, []);
  });

const ask = (version: string, childVersion?: string, registryRef = 'acme/images') => ({
  registryRef,
  artifact: 'app',
  version,
  childVersion,
});

t.test('answers with the fields of the child alone', async (t) => {
  const store = open(t);
  const own = { packageType: 'DOCKER', name: 'app' };
  t.strictSame(store.findDetails(ask('parent', 'full')), {
    detail: { version: 'full', ...own, ...full, isQuarantined: true },
    extra: '{"c":1}',
    fault: null,
  });
  t.strictSame(store.findDetails(ask('parent', 'bare')), {
    detail: { version: 'bare', ...own, isQuarantined: false },
    extra: null,
    fault: null,
  });
  t.equal(store.findDetails(ask('other', 'bare')).detail.size, 'of other', 'a child of that name of another version');
  t.strictSame(store.findDetails(ask('other', 'other')).detail, { version: 'other', ...own, isQuarantined: false });
});

t.test('misses an unknown child of a version that has children', async (t) => {
  const store = open(t);
  for (const child of ['none', '', 'parent', 'FULL']) t.equal(missOf(store, ask('parent', child)), 'child', child);
  t.equal(missOf(store, ask('other', 'full')), 'child', 'a child of another version');
});

t.test('does not take a child for a version', async (t) => {
  const store = open(t);
  t.equal(missOf(store, ask('full')), 'version');
  t.equal(store.findDetails(ask('other')).detail.version, 'other');
});

t.test('leaves out of account a child where there are none', async (t) => {
  const store = open(t);
  t.equal(store.findDetails(ask('childless', 'full')).detail.version, 'childless');
  t.equal(store.findDetails(ask('childless', '')).detail.version, 'childless');
  t.equal(store.findDetails(ask('parent', 'full', 'acme/jars')).detail.packageType, 'MAVEN');
  t.strictSame(store.findDetails(ask('parent')), {
    detail: {
      version: 'parent',
      packageType: 'DOCKER',
      name: 'app',
      size: '2.00KB',
      createdBy: 'parent',
      downloadCount: 7,
      isQuarantined: false,
    },
    extra: '{"p":1}',
    fault: null,
  });
});
