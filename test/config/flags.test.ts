import t from 'tap';
import { loadConfig } from '../../src/config/load.js';
import { OPTION_NAMES } from '../../src/config/options.js';

const read = (...args: string[]) => loadConfig(args, {});

t.test('reads every way to write a flag', async (t) => {
  const rows: [string[], Partial<ReturnType<typeof loadConfig>>][] = [
    [['--port', '1'], { port: 1 }],
    [['--port=1'], { port: 1 }],
    [['--port=1', '--port', '2'], { port: 2 }],
    [['--port', '00080'], { port: 80 }],
    [['--host', '::1'], { host: '::1' }],
    [['--host=a=b'], { host: 'a=b' }],
    [['--db', '-'], { db: '-' }],
    [['--db', '-file.db'], { db: '-file.db' }],
    [['--watch'], { watch: true }],
    [['--watch=true'], { watch: true }],
    [['--watch=1'], { watch: true }],
    [['--watch=false'], { watch: false }],
    [['--watch=0'], { watch: false }],
    [['--watch', '--watch=false'], { watch: false }],
    [['--watch', '--port', '1'], { watch: true, port: 1 }],
    [['--fixtures', 'a', '--fixtures=b', '--fixtures', 'c,d'], { fixtures: ['a', 'b', 'c,d'] }],
    [['--log-level=trace', '--'], { logLevel: 'trace' }],
  ];
  for (const [args, expected] of rows) t.strictSame(read(...args), { ...read(), ...expected }, args.join(' '));
});

t.test('refuses a bad value with what is allowed and the nearest of it, exit code 2', async (t) => {
  const port = 'expected a whole number from 0 to 65535';
  const auth = 'expected one of strict, any, off';
  const level = 'expected one of trace, debug, info, warn, error, fatal, silent';
  const rows: [string[], string][] = [
    [['--host', ''], '--host: found "", expected a host name or an address'],
    [['--port', '65536'], `--port: found "65536", ${port}`],
    [['--port', '100000'], `--port: found "100000", ${port}`],
    [['--port', '-1'], `--port: found "-1", ${port}`],
    [['--port', '1.5'], `--port: found "1.5", ${port}`],
    [['--port', '0x50'], `--port: found "0x50", ${port}`],
    [['--port', '1e3'], `--port: found "1e3", ${port}`],
    [['--port', ' 80'], `--port: found " 80", ${port}`],
    [['--port', 'http'], `--port: found "http", ${port}`],
    [['--port='], `--port: found "", ${port}`],
    [['--port', 'x', '--port', '1'], `--port: found "x", ${port}`],
    [['--fixtures='], '--fixtures: found "", expected a fixture file or a folder of them'],
    [['--fixtures', 'a', '--fixtures', ''], '--fixtures: found "", expected a fixture file or a folder of them'],
    [['--db='], '--db: found "", expected a file name'],
    [['--auth', 'Strict'], `--auth: found "Strict", ${auth}; did you mean "strict"?`],
    [['--auth', 'stict'], `--auth: found "stict", ${auth}; did you mean "strict"?`],
    [['--auth', 'password'], `--auth: found "password", ${auth}`],
    [['--auth='], `--auth: found "", ${auth}`],
    [['--prefer', 'true'], '--prefer: found "true", expected one of on, off'],
    [['--watch=yes'], '--watch: found "yes", expected true or false'],
    [['--watch='], '--watch: found "", expected true or false'],
    [['--admin-token='], '--admin-token: found another value, expected printable ASCII characters without a space'],
    [
      ['--admin-token', 'my secret'],
      '--admin-token: found another value, expected printable ASCII characters without a space',
    ],
    [
      ['--journal-entries', '10000001'],
      '--journal-entries: found "10000001", expected a whole number from 0 to 10000000',
    ],
    [['--journal-bytes', '1k'], '--journal-bytes: found "1k", expected a whole number from 0 to 4294967295'],
    [['--max-connections', '1e6'], '--max-connections: found "1e6", expected a whole number from 0 to 1000000'],
    [['--max-header-bytes', '1023'], '--max-header-bytes: found "1023", expected a whole number from 1024 to 1048576'],
    [['--max-body-bytes', '0'], '--max-body-bytes: found "0", expected a whole number from 1 to 536870911'],
    [['--request-timeout', '60s'], '--request-timeout: found "60s", expected a whole number from 0 to 86400000'],
    [['--seed', '-1'], '--seed: found "-1", expected a whole number from 0 to 4294967295'],
    [['--log-level', 'debgu'], `--log-level: found "debgu", ${level}; did you mean "debug"?`],
    [['--log-level', 'INFO'], `--log-level: found "INFO", ${level}; did you mean "info"?`],
    [['--log-level', 'everything'], `--log-level: found "everything", ${level}`],
  ];
  for (const [args, message] of rows) t.throws(() => read(...args), { message, exitCode: 2 }, args.join(' '));
  const tested = new Set(rows.map(([args]) => args[0]?.split('=')[0]));
  t.equal(tested.size, OPTION_NAMES.length, 'every option has a row');
});

t.test('refuses what is no flag, or a flag without its value, exit code 2', async (t) => {
  const rows: [string[], string][] = [
    [['--prot', '1'], 'unknown flag --prot; did you mean "--port"?'],
    [['--fixture=a'], 'unknown flag --fixture; did you mean "--fixtures"?'],
    [['--Port', '1'], 'unknown flag --Port; did you mean "--port"?'],
    [['--logLevel', 'info'], 'unknown flag --logLevel; did you mean "--log-level"?'],
    [['--confg', 'a'], 'unknown flag --confg; did you mean "--config"?'],
    [['--hlep'], 'unknown flag --hlep; did you mean "--help"?'],
    [['--verbose'], 'unknown flag --verbose'],
    [['--no-watch'], 'unknown flag --no-watch'],
    [['-p', '1'], 'unknown flag -p'],
    [['--__proto__'], 'unknown flag --__proto__'],
    [['8650'], 'unexpected argument "8650"; expected flags only, see --help'],
    [['--port', '1', 'fixtures'], 'unexpected argument "fixtures"; expected flags only, see --help'],
    [['--', '--port'], 'unexpected argument "--port"; expected flags only, see --help'],
    [['--watch', 'false'], 'unexpected argument "false"; expected flags only, see --help'],
    [['--port'], '--port: expected a value behind it'],
    [['--port', '--watch'], '--port: expected a value behind it'],
    [['--config'], '--config: expected a value behind it'],
    [['--fixtures', '--', 'a'], '--fixtures: expected a value behind it'],
  ];
  for (const [args, message] of rows) t.throws(() => read(...args), { message, exitCode: 2 }, args.join(' '));
});

t.test('an inline value may start like a flag', async (t) => {
  t.equal(read('--db=--odd').db, '--odd');
});

t.test('a host is a name or an address, and nothing more of a URL', async (t) => {
  for (const host of ['localhost', 'a-b.example', '0.0.0.0', '::', '::1', 'fe80::1'])
    t.equal(read('--host', host).host, host);
  for (const host of ['a b', 'localhost:8650', 'http://x', '1.2.3.4.5', 'x/y', 'x?y', 'u@x', 'a\0']) {
    t.throws(() => read('--host', host), {
      message: `--host: found "${host}", expected a host name or an address`,
      exitCode: 2,
    });
  }
});
