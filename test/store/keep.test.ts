import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { openDatabase } from '../../src/store/open.js';

const TEXT = 'SELECT count(*) FROM registries';

t.test('prepares each text once', async (t) => {
  const db = openDatabase(undefined);
  t.teardown(() => db.close());

  t.equal(db.prepare(TEXT), db.prepare(TEXT));
  t.not(db.prepare(TEXT), db.prepare(`${TEXT} WHERE TRUE`));
  t.equal(db.prepare<[], number>(TEXT).pluck().get(), 0);
});

t.test('keeps a database and its statements from being collected', async (t) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const drop = (): WeakRef<object>[] => {
    const db = openDatabase(undefined);
    const refs = [new WeakRef(db), new WeakRef(db.prepare(TEXT)), new WeakRef({ free: true })];
    db.close();
    return refs;
  };

  const refs = drop();
  // What a WeakRef has just been made of lives until the end of the turn.
  await new Promise((resolve) => setImmediate(resolve));
  collect();

  t.same(
    refs.map((ref) => ref.deref() !== undefined),
    [true, true, false],
  );
});
