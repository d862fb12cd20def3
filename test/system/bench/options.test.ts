import t from 'tap';
import { HELP, PARTS, parseOptions, UsageError } from '../../../bench/options.js';
import { parseOptions as parseSoakOptions, HELP as SOAK_HELP } from '../../../bench/soak/options.js';

const parse = (...args: string[]) => parseOptions(args, 'results');
const parseSoak = (...args: string[]) => parseSoakOptions(args, 'results');

t.test('without flags, everything is measured and the results are written', async (t) => {
  t.strictSame(parse(), {
    isQuick: false,
    parts: PARTS,
    servers: ['mock', 'node', 'fastify', 'prism', 'mockoon', 'wiremock'],
    rounds: 5,
    seconds: 2,
    stores: [1_000, 1_000_000, 10_000_000],
    omitted: [],
    seeded: 1_000_000,
    load: undefined,
    out: 'results',
  });
});

t.test('with flags, the results are written to --out only', async (t) => {
  for (const flags of [['--quick'], ['--servers', 'mock'], ['--parts', 'distinct'], ['--versions', '9']])
    t.equal(parse(...flags)?.out, undefined, flags[0] as string);
  t.equal(parse('--quick', '--out', 'there')?.out, 'there');
});

t.test('a quick run is short and needs no peers, unless it names them', async (t) => {
  const quick = { rounds: 1, seconds: 1, stores: [1_000], omitted: [1_000_000, 10_000_000], seeded: 1_000 };
  t.match(parse('--quick'), { ...quick, servers: ['mock', 'node', 'fastify'] });
  t.match(parse('--quick', '--servers', 'prism,node'), { ...quick, servers: ['prism', 'node'] });
});

t.test('parts, rounds and sizes can be chosen', async (t) => {
  t.match(parse('--versions', '1000000'), { stores: [1_000, 1_000_000], omitted: [10_000_000], seeded: 1_000_000 });
  t.match(parse('--versions', '10', '--load', 'autocannon'), { stores: [], seeded: 10, load: 'autocannon' });
  t.match(parse('--parts', 'distinct,404,start', '--rounds', '2'), { parts: ['distinct', '404', 'start'], rounds: 2 });
});

t.test('the help names every flag', async (t) => {
  t.equal(parse('--help'), undefined);
  for (const flag of ['parts', 'servers', 'rounds', 'versions', 'quick', 'load', 'out']) t.match(HELP, `--${flag} `);
});

t.test('invalid flags are refused', async (t) => {
  for (const [args, message] of [
    [['--fast'], /'--fast'/],
    [['--parts', 'hit'], `--parts: found "hit", expected one of ${PARTS.join(', ')}`],
    [
      ['--servers', 'mock,nginx'],
      '--servers: found "nginx", expected one of mock, node, fastify, prism, mockoon, wiremock',
    ],
    [['--load', 'ab'], '--load: found "ab", expected one of wrk, autocannon'],
    [['--versions', '0'], '--versions: found "0", expected a whole number from 1'],
    [['--rounds', 'x'], '--rounds: found "x", expected a whole number from 1'],
  ] as const)
    t.throws(() => parse(...args), { message, constructor: UsageError });
});

t.test('a soak of the default duration writes its results, a shorter one to --out only', async (t) => {
  t.strictSame(parseSoak(), { minutes: 15, load: undefined, out: 'results' });
  t.strictSame(parseSoak('--minutes', '0.5'), { minutes: 0.5, load: undefined, out: undefined });
  t.strictSame(parseSoak('--minutes=1', '--out', 'there', '--load', 'wrk'), { minutes: 1, load: 'wrk', out: 'there' });
  t.equal(parseSoak('--help'), undefined);
  t.match(SOAK_HELP, '--minutes N');
});

t.test('invalid flags of a soak are refused', async (t) => {
  for (const [flags, message] of [
    [['--minutes', '0'], '--minutes: found "0", expected a number above 0'],
    [['--minutes', 'Infinity'], '--minutes: found "Infinity", expected a number above 0'],
    [['--load', 'ab'], '--load: found "ab", expected one of wrk, autocannon'],
    [['--minute', '1'], /Unknown option '--minute'/],
  ] as const)
    t.throws(() => parseSoak(...flags), { message, constructor: UsageError });
});
