import t from 'tap';
import { checkOptions } from '../../src/config/load.js';
import type { OptionName } from '../../src/config/options.js';
import { UserError } from '../../src/util/errors.js';
import { BUNDLED_FIXTURES } from '../../src/util/package.js';
import { configure } from '../helper.js';

const db = 'expected a file name; leave --db out to keep the store in memory';

const DEFAULTS = {
  host: '127.0.0.1',
  port: 8650,
  fixtures: [BUNDLED_FIXTURES],
  db: undefined,
  auth: 'strict',
  spellings: 'all',
  errors: 'contract',
  prefer: 'on',
  cors: ['local'],
  watch: false,
  adminToken: undefined,
  adminTokenFile: undefined,
  tlsCert: undefined,
  tlsKey: undefined,
  closeTimeout: 1_000,
  journalEntries: 10_000,
  seed: 1,
  logLevel: 'info',
  logRequests: 'auto',
};

interface Row {
  flag: [args: string[], value: unknown];
  variable: [name: string, text: string, value: unknown];
}

/** All but the options that are valid only together. */
const ROWS: Record<Exclude<OptionName, 'tlsCert' | 'tlsKey'>, Row> = {
  host: {
    flag: [['--host', 'flag.example'], 'flag.example'],
    variable: ['REGISTRY_MOCK_HOST', 'variable.example', 'variable.example'],
  },
  port: { flag: [['--port', '0'], 0], variable: ['REGISTRY_MOCK_PORT', '65535', 65_535] },
  fixtures: {
    flag: [['--fixtures', 'flag'], ['flag']],
    variable: ['REGISTRY_MOCK_FIXTURES', 'one,two', ['one', 'two']],
  },
  db: { flag: [['--db', 'flag.db'], 'flag.db'], variable: ['REGISTRY_MOCK_DB', 'variable.db', 'variable.db'] },
  auth: { flag: [['--auth', 'off'], 'off'], variable: ['REGISTRY_MOCK_AUTH', 'any', 'any'] },
  spellings: {
    flag: [['--spellings', 'all'], 'all'],
    variable: ['REGISTRY_MOCK_SPELLINGS', 'portable', 'portable'],
  },
  errors: { flag: [['--errors', 'hosted'], 'hosted'], variable: ['REGISTRY_MOCK_ERRORS', 'contract', 'contract'] },
  prefer: { flag: [['--prefer', 'off'], 'off'], variable: ['REGISTRY_MOCK_PREFER', 'on', 'on'] },
  cors: {
    flag: [
      ['--cors', 'HTTPS://App.example:443,capacitor://localhost'],
      ['https://app.example', 'capacitor://localhost'],
    ],
    variable: ['REGISTRY_MOCK_CORS', 'http://[::1]:5173', ['http://[::1]:5173']],
  },
  watch: { flag: [['--watch'], true], variable: ['REGISTRY_MOCK_WATCH', 'false', false] },
  adminToken: {
    flag: [['--admin-token', 'of-flag'], 'of-flag'],
    variable: ['REGISTRY_MOCK_ADMIN_TOKEN', 'of-variable', 'of-variable'],
  },
  adminTokenFile: {
    flag: [['--admin-token-file', 'of-flag'], 'of-flag'],
    variable: ['REGISTRY_MOCK_ADMIN_TOKEN_FILE', '/run/token', '/run/token'],
  },
  closeTimeout: {
    flag: [['--close-timeout', '0'], 0],
    variable: ['REGISTRY_MOCK_CLOSE_TIMEOUT', '600000', 600_000],
  },
  journalEntries: {
    flag: [['--journal-entries', '0'], 0],
    variable: ['REGISTRY_MOCK_JOURNAL_ENTRIES', '10000000', 10_000_000],
  },
  seed: { flag: [['--seed', '0'], 0], variable: ['REGISTRY_MOCK_SEED', '4294967295', 4_294_967_295] },
  logLevel: { flag: [['--log-level', 'error'], 'error'], variable: ['REGISTRY_MOCK_LOG_LEVEL', 'debug', 'debug'] },
  logRequests: { flag: [['--log-requests', 'off'], 'off'], variable: ['REGISTRY_MOCK_LOG_REQUESTS', 'on', 'on'] },
};

t.test('a flag wins over its variable, and a variable over the default', async (t) => {
  t.strictSame(configure([], {}), DEFAULTS);
  for (const [name, row] of Object.entries(ROWS)) {
    const [args, flagValue] = row.flag;
    const [variable, text, value] = row.variable;
    t.strictSame(configure([], { [variable]: text }), { ...DEFAULTS, [name]: value }, `${name}: variable`);
    t.strictSame(configure(args, {}), { ...DEFAULTS, [name]: flagValue }, `${name}: flag`);
    t.strictSame(configure(args, { [variable]: text }), { ...DEFAULTS, [name]: flagValue }, `${name}: both`);
  }
});

t.test('flags and variables combine', async (t) => {
  const config = configure(['--auth', 'off'], { REGISTRY_MOCK_PORT: '2' });
  t.strictSame(config, { ...DEFAULTS, port: 2, auth: 'off' });
});

t.test('the files of TLS are given together, and one token of the admin API', async (t) => {
  const tls = { tlsCert: 'c', tlsKey: 'k' };
  t.strictSame(configure(['--tls-cert', 'c'], { REGISTRY_MOCK_TLS_KEY: 'k' }), { ...DEFAULTS, ...tls });
  t.strictSame(checkOptions('start', tls), { ...DEFAULTS, ...tls });
  const rows: [args: string[], environment: Record<string, string>, message: string][] = [
    [['--tls-cert', 'c'], {}, '--tls-cert: expected --tls-key as well'],
    [[], { REGISTRY_MOCK_TLS_KEY: 'k' }, 'REGISTRY_MOCK_TLS_KEY: expected --tls-cert as well'],
    [
      ['--admin-token', 'canary'],
      { REGISTRY_MOCK_ADMIN_TOKEN_FILE: 'f' },
      'REGISTRY_MOCK_ADMIN_TOKEN_FILE: cannot be combined with --admin-token; remove one of them',
    ],
  ];
  for (const [args, environment, message] of rows) {
    t.throws(() => configure(args, environment), new UserError(message, 2), message);
  }
});

t.test('the configuration is frozen', async (t) => {
  const config = configure(['--fixtures', 'a'], {});
  t.ok(Object.isFrozen(config));
  t.ok(Object.isFrozen(config.fixtures));
});

t.test('ignores empty variables and the variables of other programs', async (t) => {
  const rows: Record<string, string | undefined>[] = [
    { REGISTRY_MOCK_PORT: '' },
    { REGISTRY_MOCK_PORT: undefined },
    { REGISTRY_MOCK_FIXTURES: '' },
    { REGISTRY_MOCK_PROT: '' },
    { PORT: '1', HOST: 'x', REGISTRY_PORT: '1', registry_mock_port: '1', MY_REGISTRY_MOCK_PORT: '1' },
  ];
  for (const environment of rows) t.strictSame(configure([], environment), DEFAULTS, JSON.stringify(environment));
});

t.test(
  'ignores the variables that Kubernetes injects for a Service whose name starts with registry-mock',
  async (t) => {
    const ofService = (name: string, protocol: string, address: string) => ({
      [`${name}_SERVICE_HOST`]: address,
      [`${name}_SERVICE_PORT`]: '8650',
      [`${name}_SERVICE_PORT_HTTP_ALT2`]: '8650',
      [`${name}_PORT`]: `${protocol.toLowerCase()}://${address}:8650`,
      [`${name}_PORT_8650_${protocol}`]: `${protocol.toLowerCase()}://${address}:8650`,
      [`${name}_PORT_8650_${protocol}_PROTO`]: protocol.toLowerCase(),
      [`${name}_PORT_8650_${protocol}_PORT`]: '8650',
      [`${name}_PORT_8650_${protocol}_ADDR`]: address,
    });
    for (const name of ['', '_BLUE', '_2', '_ADMIN', '_DB', '_LOG_LEVEL', '_SERVICE', '_PORT', '_A_PORT_B']) {
      for (const protocol of ['TCP', 'UDP', 'SCTP']) {
        for (const address of ['10.0.0.1', '[fd00::1]']) {
          const injected = ofService(`REGISTRY_MOCK${name}`, protocol, address);
          t.strictSame(configure([], injected), DEFAULTS, `${name} ${protocol}`);
        }
      }
    }
    const refused: Record<string, string> = {
      REGISTRY_MOCK_ADMIN_PORT: '8080',
      REGISTRY_MOCK_PORT: 'http://10.0.0.1:80',
      REGISTRY_MOCK_PORTS: 'tcp://10.0.0.1:80',
      REGISTRY_MOCK_PORT_TCP: '1',
      REGISTRY_MOCK_PORT_80_HTTP: '1',
      REGISTRY_MOCK_PORT_80_TCP_HOST: '1',
      REGISTRY_MOCK_SERVICE: '1',
      REGISTRY_MOCK_SERVICE_NAME: '1',
      REGISTRY_MOCK_SERVICE_HOSTS: '1',
      REGISTRY_MOCK_SERVICE_PORTS: '1',
    };
    for (const [name, text] of Object.entries(refused)) {
      t.throws(() => configure([], { [name]: text }), { name: 'Error', exitCode: 2 } as UserError, name);
    }
  },
);

t.test('a comma separates the values of a repeatable option only', async (t) => {
  const rows: [text: string, fixtures: string[]][] = [
    ['a,b c', ['a', 'b c']],
    [' a , b c\t,\nd ', ['a', 'b c', 'd']],
    ['a\\,b', ['a,b']],
    ['a\\,b, c\\,\\,d', ['a,b', 'c,,d']],
    ['C:\\a,D:\\b\\c', ['C:\\a', 'D:\\b\\c']],
  ];
  for (const [text, fixtures] of rows) {
    t.strictSame(configure([], { REGISTRY_MOCK_FIXTURES: text }).fixtures, fixtures, text);
  }
  t.equal(configure([], { REGISTRY_MOCK_DB: 'a,b' }).db, 'a,b');
  t.equal(configure([], { REGISTRY_MOCK_HOST: 'a,b' }).host, 'a,b');
});

t.test('parses the variable of a switch', async (t) => {
  for (const text of ['true', '1']) t.equal(configure([], { REGISTRY_MOCK_WATCH: text }).watch, true, text);
  for (const text of ['false', '0']) t.equal(configure([], { REGISTRY_MOCK_WATCH: text }).watch, false, text);
});

t.test('rejects an invalid value and an unknown variable by name, exit code 2', async (t) => {
  const auth = 'expected one of strict, any, off';
  const level = 'expected one of trace, debug, info, warn, error, fatal, silent';
  const rows: [string, string, string][] = [
    ['REGISTRY_MOCK_PORT', 'x', 'REGISTRY_MOCK_PORT: found "x", expected a whole number from 0 to 65535'],
    ['REGISTRY_MOCK_WATCH', 'toString', 'REGISTRY_MOCK_WATCH: found "toString", expected true or false'],
    ['REGISTRY_MOCK_WATCH', 'on', 'REGISTRY_MOCK_WATCH: found "on", expected true or false'],
    ['REGISTRY_MOCK_FIXTURES', 'a,', 'REGISTRY_MOCK_FIXTURES: found "", expected a fixture file or a folder of them'],
    ['REGISTRY_MOCK_FIXTURES', 'a, ', 'REGISTRY_MOCK_FIXTURES: found "", expected a fixture file or a folder of them'],
    ['REGISTRY_MOCK_AUTH', 'ani', `REGISTRY_MOCK_AUTH: found "ani", ${auth}; did you mean "any"?`],
    ['REGISTRY_MOCK_LOG_LEVEL', 'warning', `REGISTRY_MOCK_LOG_LEVEL: found "warning", ${level}`],
    ['REGISTRY_MOCK_PROT', '1', 'unknown variable REGISTRY_MOCK_PROT; did you mean "REGISTRY_MOCK_PORT"?'],
    ['REGISTRY_MOCK_LOGLEVEL', 'x', 'unknown variable REGISTRY_MOCK_LOGLEVEL; did you mean "REGISTRY_MOCK_LOG_LEVEL"?'],
    ['REGISTRY_MOCK_DATABASE_FOLDER', 'x', 'unknown variable REGISTRY_MOCK_DATABASE_FOLDER'],
    ['REGISTRY_MOCK_HELP', 'x', 'unknown variable REGISTRY_MOCK_HELP'],
    [
      'REGISTRY_MOCK_CORS',
      'x',
      'REGISTRY_MOCK_CORS: found "x", expected local, off, any, or origins such as http://localhost:5173, separated by commas',
    ],
    ['REGISTRY_MOCK_ORIGINS', 'x', 'unknown variable REGISTRY_MOCK_ORIGINS'],
    ['REGISTRY_MOCK_A\u001b[1m', 'x', 'unknown variable REGISTRY_MOCK_A\\u001b[1m'],
    ['REGISTRY_MOCK_AUTH', 'any\r', `REGISTRY_MOCK_AUTH: found "any\\r", ${auth}; did you mean "any"?`],
    ['REGISTRY_MOCK_DB', ':memory:', `REGISTRY_MOCK_DB: found ":memory:", ${db}`],
  ];
  for (const [name, text, message] of rows) {
    t.throws(() => configure([], { [name]: text }), new UserError(message, 2), `${name}=${text}`);
  }
});

t.test('an invalid variable is not read if a flag replaces it', async (t) => {
  t.equal(configure(['--port', '1'], { REGISTRY_MOCK_PORT: 'x' }).port, 1);
});

t.test('validates the options of the library', async (t) => {
  t.strictSame(checkOptions('start', {}), DEFAULTS);
  const options = { host: '::1', port: '80', db: 'x.db', auth: 'any', watch: true, adminToken: 't', journalEntries: 5 };
  t.strictSame(checkOptions('start', options), { ...DEFAULTS, ...options, port: 80 });
  t.ok(Object.isFrozen(checkOptions('start', {})));
});

t.test('rejects an invalid value and an unknown option of the library by name, exit code 2', async (t) => {
  const rows: [Record<string, unknown>, string][] = [
    [{ port: 65_536 }, 'port: found "65536", expected a whole number from 0 to 65535'],
    [{ port: 1.5 }, 'port: found "1.5", expected a whole number from 0 to 65535'],
    [{ port: [1, 2] }, 'port: found "", expected a whole number from 0 to 65535'],
    [{ host: null }, 'host: found "", expected a host name or an address'],
    [{ host: 'a\nb' }, 'host: found "a\\nb", expected a host name or an address'],
    [{ db: '' }, `db: found "", ${db}`],
    [{ db: ['a'] }, `db: found "", ${db}`],
    [{ db: ':memory:' }, `db: found ":memory:", ${db}`],
    [{ watch: 'yes' }, 'watch: found "yes", expected true or false'],
    [{ auth: 'of' }, 'auth: found "of", expected one of strict, any, off; did you mean "off"?'],
    [{ adminToken: ['x'] }, 'adminToken: found another value, expected printable ASCII characters without a space'],
    [{ prot: 1 }, 'unknown key "prot"; did you mean "port"?'],
    [{ 'log-level': 'info' }, 'unknown key "log-level"; did you mean "logLevel"?'],
    [{ journalBytes: 1 }, 'unknown key "journalBytes"'],
    [{ 'a\u009b\u202e\n': 1 }, 'unknown key "a\\u009b\\u202e\\n"'],
    [JSON.parse('{"__proto__":{"port":1}}'), 'unknown key "__proto__"'],
  ];
  for (const [options, message] of rows) {
    t.throws(() => checkOptions('start', options), new UserError(`start: ${message}`, 2), message);
  }
});
