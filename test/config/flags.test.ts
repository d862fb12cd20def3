import t from 'tap';
import { parseFlags, readOptions } from '../../src/config/load.js';
import { between, OPTION_NAMES, OPTIONS, option, reachable } from '../../src/config/options.js';
import { UserError } from '../../src/util/errors.js';
import { configure } from '../helper.js';

const load = (...args: string[]) => configure(args);

t.test('parses every way to write a flag', async (t) => {
  const rows: [string[], Partial<ReturnType<typeof configure>>][] = [
    [['--port', '1'], { port: 1 }],
    [['--port=1'], { port: 1 }],
    [['--port=1', '--port', '2'], { port: 2 }],
    [['--port', '00080'], { port: 80 }],
    [['--host', '::1'], { host: '::1' }],
    [['--host', '[::1]'], { host: '::1' }],
    [['--host=a=b'], { host: 'a=b' }],
    [['--db', ' a b.db\n'], { db: 'a b.db' }],
    [['--db', '-'], { db: '-' }],
    [['--db', '-file.db'], { db: '-file.db' }],
    [['--db=--odd'], { db: '--odd' }],
    [['--watch'], { watch: true }],
    [['--watch=true'], { watch: true }],
    [['--watch=1'], { watch: true }],
    [['--watch=false'], { watch: false }],
    [['--watch=0'], { watch: false }],
    [['--watch', '--watch=false'], { watch: false }],
    [['--watch', '--port', '1'], { watch: true, port: 1 }],
    [['--fixtures', 'a', '--fixtures=b', '--fixtures', 'c,d'], { fixtures: ['a', 'b', 'c,d'] }],
    [['--cors', 'off'], { cors: ['off'] }],
    [['--cors', 'http://b:80, HTTPS://A:8443', '--cors=local'], { cors: ['http://b', 'https://a:8443', 'local'] }],
    [['--log-level=trace', '--'], { logLevel: 'trace' }],
    [['a', '--port', '1', 'b'], { port: 1, fixtures: ['a', 'b'] }],
    [['--fixtures', 'a', 'b', '--fixtures=c', 'd'], { fixtures: ['a', 'c', 'b', 'd'] }],
    [['a', '--fixtures', 'b'], { fixtures: ['b', 'a'] }],
    [['--fixtures', '-'], { fixtures: ['-'] }],
    [['-', '--', '--port'], { fixtures: ['-', '--port'] }],
  ];
  for (const [args, expected] of rows) t.strictSame(load(...args), { ...load(), ...expected }, args.join(' '));
});

t.test('rejects an invalid value with what is expected and the nearest valid value, exit code 2', async (t) => {
  const port = 'expected a whole number from 0 to 65535';
  const auth = 'expected one of strict, any, off';
  const level = 'expected one of trace, debug, info, warn, error, fatal, silent';
  const token = 'found another value, expected printable ASCII characters without a space';
  const db = 'expected a file name; leave --db out to keep the store in memory';
  const fixtures = 'found "", expected a fixture file or a folder of them';
  const cors = 'expected local, off, any, or origins such as http://localhost:5173, separated by commas';
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
    [['--fixtures='], `--fixtures: ${fixtures}`],
    [['--fixtures', 'a', '--fixtures', ''], `--fixtures: ${fixtures}`],
    [['--db='], `--db: found "", ${db}`],
    [['--db', ' '], `--db: found " ", ${db}`],
    [['--db', ':memory:'], `--db: found ":memory:", ${db}`],
    [['--db', ' :memory: '], `--db: found " :memory: ", ${db}`],
    [['--auth', 'Strict'], `--auth: found "Strict", ${auth}; did you mean "strict"?`],
    [['--auth', 'stict'], `--auth: found "stict", ${auth}; did you mean "strict"?`],
    [['--auth', 'password'], `--auth: found "password", ${auth}`],
    [['--auth='], `--auth: found "", ${auth}`],
    [['--spellings', 'al'], '--spellings: found "al", expected one of all, portable; did you mean "all"?'],
    [['--errors', 'hosted,'], '--errors: found "hosted,", expected one of contract, hosted; did you mean "hosted"?'],
    [['--prefer', 'true'], '--prefer: found "true", expected one of on, off'],
    [['--cors', 'locla'], `--cors: found "locla", ${cors}; did you mean "local"?`],
    ...[
      '',
      'a',
      '*',
      'null',
      'localhost:5173',
      'http://',
      'http://a/',
      'http://a/b',
      'http://a?b',
      'http://a#b',
      'http://u@a',
      'http://a b',
      'http://a:99999',
      'http://*.a',
      'ftp://a',
      'file:///a',
      'any,',
      'http://a http://b',
      'http://a,b',
    ].map((text): [string[], string] => [[`--cors=${text}`], `--cors: found "${text}", ${cors}`]),
    [['--watch=yes'], '--watch: found "yes", expected true or false'],
    [['--watch='], '--watch: found "", expected true or false'],
    [['--admin-token='], `--admin-token: ${token}`],
    [['--admin-token', 'my secret'], `--admin-token: ${token}`],
    [['--admin-token-file='], '--admin-token-file: found "", expected a file name'],
    [['--tls-cert=', '--tls-key', 'k'], '--tls-cert: found "", expected a file name'],
    [['--tls-key', 'a\0', '--tls-cert', 'c'], '--tls-key: found "a\\u0000", expected a file name'],
    [['--close-timeout', '600001'], '--close-timeout: found "600001", expected a whole number from 0 to 600000'],
    [['--journal-entries', '1e7'], '--journal-entries: found "1e7", expected a whole number from 0 to 10000000'],
    [['--seed', '-1'], '--seed: found "-1", expected a whole number from 0 to 4294967295'],
    [['--log-level', 'debgu'], `--log-level: found "debgu", ${level}; did you mean "debug"?`],
    [['--log-level', 'INFO'], `--log-level: found "INFO", ${level}; did you mean "info"?`],
    [['--log-level', 'info\r'], `--log-level: found "info\\r", ${level}; did you mean "info"?`],
    [['--log-requests', 'true'], '--log-requests: found "true", expected one of auto, on, off'],
    [['--log-level', 'everything'], `--log-level: found "everything", ${level}`],
  ];
  for (const [args, message] of rows) t.throws(() => load(...args), new UserError(message, 2), args.join(' '));
  const tested = new Set(rows.map(([args]) => args[0]?.split('=')[0]));
  t.equal(tested.size, OPTION_NAMES.length, 'every option has a row');
});

t.test('rejects unknown flags and flags without a value, exit code 2', async (t) => {
  const rows: [string[], string][] = [
    [['--prot', '1'], 'unknown flag --prot; did you mean "--port"?'],
    [['--fixture=a'], 'unknown flag --fixture; did you mean "--fixtures"?'],
    [['--Port', '1'], 'unknown flag --Port; did you mean "--port"?'],
    [['--logLevel', 'info'], 'unknown flag --logLevel; did you mean "--log-level"?'],
    [['--config', 'a.yaml'], 'unknown flag --config'],
    [['--colour', '*'], 'unknown flag --colour'],
    [['--admin-tokn', 'x'], 'unknown flag --admin-tokn; did you mean "--admin-token"?'],
    [['--a\u001b[31m\n'], 'unknown flag --a\\u001b[31m\\n'],
    [['--hlep'], 'unknown flag --hlep; did you mean "--help"?'],
    [['--verbose'], 'unknown flag --verbose'],
    [['--no-watch'], 'unknown flag --no-watch'],
    [['-p', '1'], 'unknown flag -p'],
    [['--__proto__'], 'unknown flag --__proto__'],
    [['--port'], '--port: expected a value after it'],
    [['--port', '--watch'], '--port: expected a value after it'],
    [['--fixtures', '--', 'a'], '--fixtures: expected a value after it'],
  ];
  for (const [args, message] of rows) t.throws(() => load(...args), new UserError(message, 2), args.join(' '));
});

t.test('a host is a name or an address, without any other part of a URL', async (t) => {
  for (const host of ['localhost', 'a-b.example', '0.0.0.0', '::', '::1', 'fe80::1']) {
    t.equal(load('--host', host).host, host);
  }
  for (const host of ['[::1]', '[::]', '[2001:DB8::7]']) t.equal(load('--host', host).host, host.slice(1, -1));
  for (const host of [
    '[::1',
    '::1]',
    '[[::1]]',
    '[::1]:80',
    '[localhost]',
    '[127.0.0.1]',
    '[]',
    '[:]',
    'a\nb',
    'a\u0085',
  ]) {
    const message = `--host: found ${JSON.stringify(host)}, expected a host name or an address`;
    t.throws(() => load('--host', host), new UserError(message, 2), message);
  }
  for (const host of ['a b', 'localhost:8650', 'http://x', '1.2.3.4.5', 'x/y', 'x?y', 'u@x', 'a\0']) {
    const message = `--host: found ${JSON.stringify(host)}, expected a host name or an address`;
    t.throws(() => load('--host', host), new UserError(message, 2));
  }
});

t.test('formats the host of a URL that reaches a bind address from the same machine', async (t) => {
  const rows: [string, string][] = [
    ['127.0.0.1', '127.0.0.1'],
    ['192.0.2.7', '192.0.2.7'],
    ['localhost', 'localhost'],
    ['mock.example.com', 'mock.example.com'],
    ['0.0.0.0', '127.0.0.1'],
    ['::', '[::1]'],
    ['::1', '[::1]'],
    ['2001:db8::7', '[2001:db8::7]'],
  ];
  for (const [host, expected] of rows) {
    t.equal(reachable(host), expected, host);
    t.ok(URL.canParse(`http://${reachable(host)}:8650/`), `${host} in a URL`);
  }
});

const KEY = option('KEY', undefined, 'a key', { expected: 'a text', read: (text) => text });

t.test("parses a command's own flags and words next to the options", async (t) => {
  const rows: [args: string[], words: string[], flags: Record<string, string[]>][] = [
    [[], [], {}],
    [['/x'], ['/x'], {}],
    [['/x', '--key', 'k', '--port', '1'], ['/x'], { key: ['k'], port: ['1'] }],
    [['--key=k=l', '/x', '--auth', 'off'], ['/x'], { key: ['k=l'], auth: ['off'] }],
    [['--watch', '/x'], ['/x'], { watch: ['true'] }],
    [['--key', 'a', '--key', '-b'], [], { key: ['a', '-b'] }],
    [['--key='], [], { key: [''] }],
    [['--fixtures', 'a', '/x', '--fixtures', 'b', 'c'], ['/x', 'c'], { fixtures: ['a', 'b'] }],
    [['--', '/x', '--key'], ['/x', '--key'], {}],
  ];
  for (const [args, words, expected] of rows) {
    const { flags, ...rest } = parseFlags(args, { ...OPTIONS, key: KEY });
    const texts = Object.fromEntries([...flags].map(([name, value]) => [name, value.texts]));
    t.strictSame({ ...rest, flags: texts }, { words, flags: expected }, args.join(' '));
  }
  const parse = (...args: string[]) => parseFlags(args, { key: KEY });
  t.throws(() => parse('--port', '1'), new UserError('unknown flag --port', 2));
  t.throws(() => parse('--kye=canary'), new UserError('unknown flag --kye; did you mean "--key"?', 2));
  for (const args of [['--key'], ['--key', '--canary']]) {
    t.throws(() => parse(...args), new UserError('--key: expected a value after it', 2));
  }
});

t.test('reads the last value of any options, or their defaults', async (t) => {
  const options = { key: KEY, count: option('N', 7, 'a number', between(1, 9)) };
  t.strictSame(readOptions(options, new Map()), { key: undefined, count: 7 });
  const { flags } = parseFlags(['--count', '1', '--count', '2', '--key='], options);
  t.strictSame(readOptions(options, flags), { key: '', count: 2 });
});
