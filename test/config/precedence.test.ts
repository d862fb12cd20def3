import { join } from 'node:path';
import t from 'tap';
import { loadConfig } from '../../src/config/load.js';
import { OPTION_NAMES, type OptionName } from '../../src/config/options.js';
import { BUNDLED_FIXTURES } from '../../src/package.js';

const DEFAULTS = {
  host: '127.0.0.1',
  port: 8650,
  fixtures: [BUNDLED_FIXTURES],
  db: undefined,
  auth: 'strict',
  prefer: 'on',
  watch: false,
  adminToken: undefined,
  journalEntries: 10_000,
  journalBytes: 8_388_608,
  maxConnections: 16_384,
  maxHeaderBytes: 16_384,
  maxBodyBytes: 10_485_760,
  requestTimeout: 60_000,
  seed: 1,
  logLevel: 'info',
};

const folder = t.testdir({
  'host.yaml': 'host: file.example',
  'port.yaml': 'port: 3',
  'fixtures.yaml': 'fixtures: from-file',
  'db.yaml': 'db: file.db',
  'auth.yaml': 'auth: off',
  'prefer.yaml': 'prefer: off',
  'watch.yaml': 'watch: true',
  'adminToken.yaml': 'adminToken: of-file',
  'journalEntries.yaml': 'journalEntries: 3',
  'journalBytes.yaml': 'journalBytes: 3',
  'maxConnections.yaml': 'maxConnections: 3',
  'maxHeaderBytes.yaml': 'maxHeaderBytes: 3000',
  'maxBodyBytes.yaml': 'maxBodyBytes: 3',
  'requestTimeout.yaml': 'requestTimeout: 3',
  'seed.yaml': 'seed: 3',
  'logLevel.yaml': 'logLevel: warn',
});

interface Row {
  flag: [args: string[], value: unknown];
  variable: [name: string, text: string, value: unknown];
  file: unknown;
}

const ROWS: Record<OptionName, Row> = {
  host: {
    flag: [['--host', 'flag.example'], 'flag.example'],
    variable: ['REGISTRY_MOCK_HOST', 'variable.example', 'variable.example'],
    file: 'file.example',
  },
  port: { flag: [['--port', '0'], 0], variable: ['REGISTRY_MOCK_PORT', '65535', 65_535], file: 3 },
  fixtures: {
    flag: [['--fixtures', 'flag'], ['flag']],
    variable: ['REGISTRY_MOCK_FIXTURES', 'one,two', ['one', 'two']],
    file: [join(folder, 'from-file')],
  },
  db: {
    flag: [['--db', 'flag.db'], 'flag.db'],
    variable: ['REGISTRY_MOCK_DB', 'variable.db', 'variable.db'],
    file: join(folder, 'file.db'),
  },
  auth: { flag: [['--auth', 'off'], 'off'], variable: ['REGISTRY_MOCK_AUTH', 'any', 'any'], file: 'off' },
  prefer: { flag: [['--prefer', 'off'], 'off'], variable: ['REGISTRY_MOCK_PREFER', 'on', 'on'], file: 'off' },
  watch: { flag: [['--watch'], true], variable: ['REGISTRY_MOCK_WATCH', 'false', false], file: true },
  adminToken: {
    flag: [['--admin-token', 'of-flag'], 'of-flag'],
    variable: ['REGISTRY_MOCK_ADMIN_TOKEN', 'of-variable', 'of-variable'],
    file: 'of-file',
  },
  journalEntries: {
    flag: [['--journal-entries', '0'], 0],
    variable: ['REGISTRY_MOCK_JOURNAL_ENTRIES', '10000000', 10_000_000],
    file: 3,
  },
  journalBytes: {
    flag: [['--journal-bytes', '0'], 0],
    variable: ['REGISTRY_MOCK_JOURNAL_BYTES', '4294967295', 4_294_967_295],
    file: 3,
  },
  maxConnections: {
    flag: [['--max-connections', '0'], 0],
    variable: ['REGISTRY_MOCK_MAX_CONNECTIONS', '1000000', 1_000_000],
    file: 3,
  },
  maxHeaderBytes: {
    flag: [['--max-header-bytes', '1024'], 1_024],
    variable: ['REGISTRY_MOCK_MAX_HEADER_BYTES', '1048576', 1_048_576],
    file: 3_000,
  },
  maxBodyBytes: {
    flag: [['--max-body-bytes', '1'], 1],
    variable: ['REGISTRY_MOCK_MAX_BODY_BYTES', '536870911', 536_870_911],
    file: 3,
  },
  requestTimeout: {
    flag: [['--request-timeout', '0'], 0],
    variable: ['REGISTRY_MOCK_REQUEST_TIMEOUT', '86400000', 86_400_000],
    file: 3,
  },
  seed: { flag: [['--seed', '0'], 0], variable: ['REGISTRY_MOCK_SEED', '4294967295', 4_294_967_295], file: 3 },
  logLevel: {
    flag: [['--log-level', 'error'], 'error'],
    variable: ['REGISTRY_MOCK_LOG_LEVEL', 'debug', 'debug'],
    file: 'warn',
  },
};

t.test('a flag wins over its variable, that over the config file, that over the default', async (t) => {
  t.strictSame(Object.keys(ROWS), OPTION_NAMES, 'every option has a row');
  for (const name of OPTION_NAMES) {
    const { flag, variable, file } = ROWS[name];
    const [args, flagValue] = flag;
    const [variableName, text, variableValue] = variable;
    const environment = { [variableName]: text };
    const configFile = ['--config', join(folder, `${name}.yaml`)];

    t.strictSame(loadConfig([], {}), DEFAULTS, `${name}: default`);
    t.strictSame(loadConfig(configFile, {}), { ...DEFAULTS, [name]: file }, `${name}: file over default`);
    const expected = { ...DEFAULTS, [name]: variableValue };
    t.strictSame(loadConfig(configFile, environment), expected, `${name}: variable over file`);
    t.strictSame(loadConfig([], environment), expected, `${name}: variable over default`);
    const byFlag = { ...DEFAULTS, [name]: flagValue };
    t.strictSame(loadConfig([...configFile, ...args], environment), byFlag, `${name}: flag over variable and file`);
    t.strictSame(loadConfig([...configFile, ...args], {}), byFlag, `${name}: flag over file`);
    t.strictSame(loadConfig(args, environment), byFlag, `${name}: flag over variable`);
  }
});

t.test('all sources work together, each for its own option', async (t) => {
  const file = join(t.testdir({ 'c.yaml': 'port: 1\nhost: file\n' }), 'c.yaml');
  const config = loadConfig(['--auth', 'off'], { REGISTRY_MOCK_PORT: '2', REGISTRY_MOCK_CONFIG: file });
  t.strictSame(config, { ...DEFAULTS, host: 'file', port: 2, auth: 'off' });
});

t.test('the flag of the config file wins over its variable, and the last flag over the ones before it', async (t) => {
  const dir = t.testdir({ 'a.yaml': 'port: 1', 'b.json': '{"port": 2}' });
  const environment = { REGISTRY_MOCK_CONFIG: join(dir, 'a.yaml') };
  t.equal(loadConfig([], environment).port, 1);
  t.equal(loadConfig([`--config=${join(dir, 'b.json')}`], environment).port, 2);
  t.equal(loadConfig(['--config', join(dir, 'missing.yaml'), '--config', join(dir, 'b.json')], {}).port, 2);
});

t.test('the configuration cannot be changed', async (t) => {
  t.ok(Object.isFrozen(loadConfig([], {})));
});
