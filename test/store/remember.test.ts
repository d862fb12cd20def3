import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import type { FoundDetails } from '../../src/store/details.js';
import { Miss } from '../../src/store/errors.js';
import { rememberDetails } from '../../src/store/remember.js';
import { openStore } from '../../src/store/store.js';
import type { LookUp } from '../../src/store/types.js';

const lookUp = (version: string, other: Partial<LookUp> = {}): LookUp => ({
  registryRef: 'a/b',
  artifact: 'c',
  version,
  ...other,
});

/** Look-ups that answer with what they were asked, and note it; the version `none` is missed, and `broken` fails. */
function make(extra: string | null = null) {
  const asked: LookUp[] = [];
  const state = { revision: 1 };
  const finder = {
    findDetails(question: LookUp): FoundDetails {
      asked.push(question);
      if (question.version === 'none') throw Miss.version;
      if (question.version === 'broken') throw new Error('disk on fire');
      return { detail: { version: question.version, packageType: 'GO' }, extra, fault: null };
    },
  };
  return { asked, state, ...rememberDetails(finder, () => state.revision) };
}

t.test('asks once, for a hit and for a miss, until the data changes', async (t) => {
  const { asked, state, findDetails } = make();
  for (let again = 0; again < 3; again += 1) {
    t.equal(findDetails(lookUp('1')).detail.version, '1');
    t.throws(() => findDetails(lookUp('none')), Miss.version);
  }
  t.equal(asked.length, 2);
  state.revision = 2;
  findDetails(lookUp('1'));
  t.equal(asked.length, 3);
});

t.test('does not remember what has failed', async (t) => {
  const { asked, findDetails } = make();
  for (let again = 0; again < 2; again += 1) t.throws(() => findDetails(lookUp('broken')), { message: 'disk on fire' });
  t.equal(asked.length, 2);
});

t.test('takes no look-up for another, whatever its names hold', async (t) => {
  const { asked, findDetails } = make();
  const different = [
    lookUp('1'),
    lookUp('1', { artifact: 'c1' }),
    lookUp('11', { artifact: 'c' }),
    lookUp('1', { registryRef: 'a/bc', artifact: '' }),
    lookUp('1', { artifactType: 'model' }),
    lookUp('1model'),
    lookUp('1', { childVersion: '' }),
    lookUp('1', { childVersion: '=' }),
    lookUp('1=', {}),
    lookUp('1', { artifactType: 'model', childVersion: 'x' }),
    lookUp('1', { artifactType: 'dataset', childVersion: 'x' }),
  ];
  for (const question of [...different, ...different]) findDetails(question);
  t.strictSame(asked, different);
});

t.test('is bounded by bytes', async (t) => {
  const { asked, findDetails } = make('x'.repeat(6_000_000));
  for (const version of ['1', '2', '1', '3', '1']) findDetails(lookUp(version));
  t.strictSame(
    asked.map(({ version }) => version),
    ['1', '2', '3', '1'],
  );
});

t.test('a store in a file sees what another process writes', async (t) => {
  const file = `${t.testdir()}/store.db`;
  const one = openStore(file);
  const other = openStore(file);
  t.teardown(() => [one, other].map((store) => store.close()));
  const write = (size: string) =>
    other.replace((writer) => {
      const artifact = { registryRef: 'a/b', name: 'c' };
      writer.addRegistry({ ref: 'a/b', packageType: 'GO' });
      writer.addArtifact(artifact);
      writer.addVersion(artifact, { version: '1', size }, []);
    });
  t.throws(() => one.findDetails(lookUp('1')), Miss.registry);
  for (const size of ['1.00B', '2.00B']) {
    write(size);
    await nextTurn();
    t.equal(one.findDetails(lookUp('1')).detail.size, size);
    t.equal(one.findDetails(lookUp('1')).detail.size, size);
  }
});
