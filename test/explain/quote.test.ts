import t from 'tap';
import { quote } from '../../src/explain/quote.js';

t.test('writes what was sent so that it can be read', async (t) => {
  const rows: [value: unknown, expected: string][] = [
    ['acme/platform/web/images', 'acme/platform/web/images'],
    ['@scope/pkg', '@scope/pkg'],
    ['', '""'],
    ['a b', '"a b"'],
    ['é', '"é"'],
    ['\0\x1b[31m', '"\\u0000\\u001b[31m"'],
    ['\x9b\u202e', '"\\u009b\\u202e"'],
    ['\ud800', '"\\ud800"'],
    [['a', 'b'], '["a","b"]'],
    ['x'.repeat(1_000), `${'x'.repeat(300)}…`],
  ];
  for (const [value, expected] of rows) t.equal(quote(value), expected, JSON.stringify(value));
});
