import t from 'tap';
import { PACKAGE_TYPES } from '../../src/contract/values.js';
import { MOST_REGISTRIES, registryOf } from '../../src/generate/registries.js';
import { STYLES } from '../../src/generate/styles.js';
import { wordsOf } from '../../src/generate/words.js';

const COUNT = 20_000;

t.test('no two artifacts of a registry have the same name, and each is short enough', async (t) => {
  for (const type of PACKAGE_TYPES) {
    const names = Array.from({ length: COUNT }, (_, number) => STYLES[type].name(wordsOf(number)));
    t.equal(new Set(names).size, COUNT, type);
    t.ok(names.every(({ length }) => length <= 255));
  }
});

t.test('no two registries have the same ref', async (t) => {
  const refs = Array.from({ length: MOST_REGISTRIES }, (_, number) => registryOf(number).ref);
  t.equal(new Set(refs).size, MOST_REGISTRIES);
});
