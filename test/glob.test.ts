import fc from 'fast-check';
import t from 'tap';
import { matchesGlob } from '../src/glob.js';

t.test('a star stands for any text, and all else for itself', async (t) => {
  const rows: [glob: string, text: string, matches: boolean][] = [
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['*', 'acme/web/images', true],
    ['a', 'a', true],
    ['a', 'A', false],
    ['a', 'ab', false],
    ['acme/*', 'acme/web/images', true],
    ['acme/*', 'acme', false],
    ['*/images', 'acme/web/images', true],
    ['*/images', 'acme/web/images/2', false],
    ['a*b*c', 'aXbXbXc', true],
    ['a*b*c', 'aXbXbX', false],
    ['a**c', 'abc', true],
    ['1.2?.0', '1.20.0', false],
    ['1.*.0', '1.25.0', true],
    ['[a-z]', 'a', false],
    ['.*', 'ab', false],
    ['*é*', 'café au lait', true],
    ['a*', '*', false],
    ['*', '*', true],
  ];
  for (const [glob, text, matches] of rows) t.equal(matchesGlob(glob, text), matches, `${glob} on ${text}`);
});

t.test('it is what the regular expression of the same meaning says', async (t) => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '/'), maxLength: 12 });
  fc.assert(
    fc.property(text, text, (glob, tried) => {
      const expression = glob.split('*').map((part) => part.replace(/\//g, '\\/'));
      return matchesGlob(glob, tried) === new RegExp(`^${expression.join('.*')}$`).test(tried);
    }),
    { verbose: true },
  );
  t.pass();
});

t.test('no pattern takes long, however many stars it has', async (t) => {
  t.equal(matchesGlob(`${'a*'.repeat(1_000)}b`, 'a'.repeat(4_000)), false);
});
