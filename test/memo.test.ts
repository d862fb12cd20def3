import t from 'tap';
import { memoise } from '../src/memo.js';

t.test('computes once what it is asked again', async (t) => {
  const computed: string[] = [];
  const lengthOf = memoise((text) => {
    computed.push(text);
    return text === '' ? undefined : text.length;
  });
  for (const text of ['a', 'bb', 'a', '', '']) t.equal(lengthOf(text), text === '' ? undefined : text.length);
  t.strictSame(computed, ['a', 'bb', '']);
});

t.test('holds neither long texts nor ever more of them', async (t) => {
  let computed = 0;
  const count = memoise(() => {
    computed += 1;
    return computed;
  });
  const long = 'x'.repeat(1_001);
  t.strictSame([count(long), count(long)], [1, 2]);
  for (let text = 0; text < 2_000; text += 1) count(String(text));
  t.equal(count('0'), 3, 'it is still held');
  count('one more');
  t.equal(count('one more'), 2_003);
  t.equal(count('0'), 2_004, 'it has made room');
});
