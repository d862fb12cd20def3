import t from 'tap';
import { createRandom } from '../src/random.js';

t.test('the same seed gives the same numbers, and another seed others', async (t) => {
  const draw = (seed: number) => {
    const random = createRandom(seed);
    return Array.from({ length: 5 }, () => random());
  };
  t.strictSame(draw(7), draw(7));
  t.notSame(draw(7), draw(8));
  t.notSame(draw(0), draw(4_294_967_295));
});

t.test('the numbers are spread evenly from 0 up to 1', async (t) => {
  const random = createRandom(1);
  const tenths = new Array<number>(10).fill(0);
  for (let drawn = 0; drawn < 100_000; drawn += 1) {
    const number = random();
    if (number < 0 || number >= 1) t.fail(`${number} is out of range`);
    const at = Math.floor(number * 10);
    tenths[at] = (tenths[at] as number) + 1;
  }
  for (const count of tenths) t.ok(count > 9_500 && count < 10_500, `${count} of 100000 in a tenth`);
});
