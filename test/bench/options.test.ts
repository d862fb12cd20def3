import t from 'tap';
import { HELP, parseOptions, UsageError } from '../../bench/options.js';

const parse = (...args: string[]) => parseOptions(args, 'results');

t.test('a run of everything writes its results', async (t) => {
  t.match(parse(), {
    isQuick: false,
    servers: ['mock', 'node', 'fastify', 'prism', 'mockoon', 'wiremock'],
    connections: [1, 32, 256],
    rounds: 5,
    stores: [1_000, 1_000_000, 10_000_000],
    omitted: [],
    seeded: 1_000_000,
    load: undefined,
    out: 'results',
  });
});

t.test('a run of less writes its results where it is told to only', async (t) => {
  for (const flags of [['--quick'], ['--only', 'mock'], ['--connections', '1'], ['--versions', '9']])
    t.equal(parse(...flags)?.out, undefined, flags[0] as string);
  t.equal(parse('--quick', '--out', 'there')?.out, 'there');
});

t.test('a quick run is short and needs no peers, unless it names them', async (t) => {
  const quick = { rounds: 1, seconds: 1, stores: [1_000], omitted: [1_000_000, 10_000_000], seeded: 1_000 };
  t.match(parse('--quick'), { ...quick, servers: ['mock', 'node', 'fastify'] });
  t.match(parse('--quick', '--only', 'prism,node'), { ...quick, servers: ['prism', 'node'] });
});

t.test('what is measured can be chosen', async (t) => {
  t.match(parse('--versions', '1000000'), { stores: [1_000, 1_000_000], omitted: [10_000_000], seeded: 1_000_000 });
  t.match(parse('--versions', '10', '--load', 'autocannon'), { stores: [], seeded: 10, load: 'autocannon' });
  t.match(parse('--connections', '2,4'), { connections: [2, 4] });
});

t.test('help is no run, and names every flag', async (t) => {
  t.equal(parse('--help'), undefined);
  for (const flag of ['quick', 'only', 'connections', 'versions', 'load', 'out']) t.match(HELP, `--${flag} `);
});

t.test('a mistake is told', async (t) => {
  for (const [args, message] of [
    [['--fast'], /'--fast'/],
    [['--only', 'mock,nginx'], '--only: found "nginx", expected one of mock, node, fastify, prism, mockoon, wiremock'],
    [['--load', 'ab'], '--load: found "ab", expected one of wrk, autocannon'],
    [['--versions', '0'], '--versions: found "0", expected a whole number from 1'],
    [['--connections', '1,x'], '--connections: found "x", expected a whole number from 1'],
  ] as const) {
    t.type(
      t.throws(() => parse(...args), { message }),
      UsageError,
    );
  }
});
