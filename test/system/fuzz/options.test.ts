import t from 'tap';
import { HELP, parseOptions, UsageError } from '../../../fuzz/options.js';
import { SUITES } from '../../../fuzz/suites.js';

const parse = (...args: string[]) => parseOptions(args, 7);

t.test('by default, all suites run for five minutes with a random seed', async (t) => {
  t.strictSame(parse(), { suites: Object.keys(SUITES), seed: 7, duration: 300_000 });
  t.strictSame(parse('--minutes', '0.5', '--seed', '0', '--only', 'oracle,wire'), {
    suites: ['oracle', 'wire'],
    seed: 0,
    duration: 30_000,
  });
});

t.test('the help has every flag and every suite', async (t) => {
  t.equal(parse('--help'), undefined);
  for (const flag of ['minutes', 'seed', 'only']) t.match(HELP, `--${flag} `);
  for (const [name, { summary }] of Object.entries(SUITES)) t.match(HELP, new RegExp(`^ +${name} .*${summary}$`, 'm'));
});

t.test('an invalid argument is refused', async (t) => {
  for (const [args, message] of [
    [['--long'], /'--long'/],
    [['--only', 'wire,toString'], /^--only: found "toString", expected one of wire, /],
    [['--minutes', '0'], '--minutes: found "0", expected a number above 0'],
    [['--minutes', ''], '--minutes: found "", expected a number above 0'],
    [['--minutes', 'x'], '--minutes: found "x", expected a number above 0'],
    [['--seed', '1.5'], '--seed: found "1.5", expected a whole number from 0 to 2147483647'],
    [['--seed', '2147483648'], '--seed: found "2147483648", expected a whole number from 0 to 2147483647'],
  ] as const) {
    t.type(
      t.throws(() => parse(...args), { message }),
      UsageError,
    );
  }
});
