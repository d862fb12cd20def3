import t from 'tap';
import { isSteady, median, rotate, spread } from '../../bench/statistics.js';

t.test('a median is the middle, or the mean of the two in the middle', async (t) => {
  t.equal(median([3]), 3);
  t.equal(median([9, 1, 5]), 5);
  t.equal(median([4, 1, 3, 100]), 3.5);
  t.throws(() => median([]), /no numbers/);
});

t.test('a spread has the least and the greatest', async (t) => {
  t.strictSame(spread([0.7, 0.5, 0.6]), { median: 0.6, min: 0.5, max: 0.7 });
});

t.test('a rate is steady once two in a row differ by 5 % at most', async (t) => {
  t.equal(isSteady([]), false);
  t.equal(isSteady([100]), false);
  t.equal(isSteady([100, 94]), false);
  t.equal(isSteady([94, 100]), false);
  t.equal(isSteady([10, 100, 95]), true);
  t.equal(isSteady([100, 100, 10]), false);
});

t.test('every item comes first in turn', async (t) => {
  t.strictSame(rotate(['a', 'b', 'c'], 0), ['a', 'b', 'c']);
  t.strictSame(rotate(['a', 'b', 'c'], 1), ['b', 'c', 'a']);
  t.strictSame(rotate(['a', 'b', 'c'], 5), ['c', 'a', 'b']);
  t.strictSame(rotate([], 3), []);
});
