import t from 'tap';
import { listNearest, suggest } from '../../src/util/text.js';

t.test('suggests the nearest candidate when it is near', async (t) => {
  const keys = ['registries', 'apiKeys', 'go', 'rpm'];
  const rows: [word: string, expected: string][] = [
    ['registires', '; did you mean "registries"?'],
    ['REGISTRIES', '; did you mean "registries"?'],
    ['registry', '; did you mean "registries"?'],
    ['regist', ''],
    ['api_keys', '; did you mean "apiKeys"?'],
    ['keys', ''],
    ['g', '; did you mean "go"?'],
    ['rmp', '; did you mean "rpm"?'],
    ['packages', ''],
  ];
  for (const [word, expected] of rows) t.equal(suggest(word, keys), expected, word);
});

t.test('suggests the first of two that are as near', async (t) => {
  t.equal(suggest('helo', ['held', 'help']), '; did you mean "held"?');
  t.equal(suggest('helo', ['help', 'held']), '; did you mean "help"?');
});

t.test('suggests nothing without candidates', async (t) => {
  t.equal(suggest('word', []), '');
});

t.test('lists the nearest words, the nearest first', async (t) => {
  const words = ['alpine', 'Storefront', 'nginx', 'ngin', ''];
  t.strictSame(listNearest('ngnix', words, 2), ['nginx', 'ngin']);
  t.strictSame(listNearest('STOREFRONT', words, 1), ['Storefront']);
  t.strictSame(listNearest('x', [], 3), []);
  t.equal(listNearest('x', words, 9).length, 5);
});

t.test('words of any length are compared in no time', async (t) => {
  // Compared in full, they would take longer than a test may.
  const words = Array.from({ length: 500 }, () => 'y'.repeat(100_000));
  t.strictSame(listNearest('x'.repeat(100_000), words, 3), words.slice(0, 3));
});
