import t from 'tap';
import { once } from '../src/once.js';

t.test('loads once, for all that ask', async (t) => {
  let loads = 0;
  const load = once(async () => ++loads);
  t.equal(load(), load());
  t.equal(await load(), 1);
  t.equal(loads, 1);
});

t.test('a load that fails is tried again', async (t) => {
  let loads = 0;
  const load = once(async () => {
    loads += 1;
    if (loads === 1) throw new Error('no descriptor is free');
    return loads;
  });
  await t.rejects(load(), { message: 'no descriptor is free' });
  t.equal(await load(), 2);
});
