import { join, relative, resolve } from 'node:path';
import t from 'tap';
import { loadConfig } from '../../src/config/load.js';

const DEFAULTS = loadConfig([], {});

t.test('reads YAML and JSON, with every option by its name', async (t) => {
  const folder = t.testdir({
    'all.yaml': [
      'host: 0.0.0.0',
      'port: "80"',
      'fixtures: [one, ../two, /three]',
      'db: data/store.db',
      'auth: any',
      'prefer: off',
      'watch: true',
      'adminToken: secret',
      'journalEntries: 5',
      'journalBytes: "6"',
      'maxConnections: 0',
      'maxHeaderBytes: 2048',
      'maxBodyBytes: 8',
      'requestTimeout: 9',
      'seed: 7',
      'logLevel: silent',
    ].join('\n'),
    'one.json': '{ "port": 81, "watch": 0, "fixtures": "one" }',
    'none.yaml': '{}',
  });
  t.strictSame(loadConfig(['--config', join(folder, 'all.yaml')], {}), {
    host: '0.0.0.0',
    port: 80,
    fixtures: [join(folder, 'one'), join(folder, '../two'), resolve('/three')],
    db: join(folder, 'data/store.db'),
    auth: 'any',
    prefer: 'off',
    watch: true,
    adminToken: 'secret',
    journalEntries: 5,
    journalBytes: 6,
    maxConnections: 0,
    maxHeaderBytes: 2_048,
    maxBodyBytes: 8,
    requestTimeout: 9,
    seed: 7,
    logLevel: 'silent',
  });
  const expected = { ...DEFAULTS, port: 81, watch: false, fixtures: [join(folder, 'one')] };
  t.strictSame(loadConfig(['--config', join(folder, 'one.json')], {}), expected);
  t.strictSame(loadConfig(['--config', join(folder, 'none.yaml')], {}), DEFAULTS);
});

t.test('paths are relative to the folder of the config file, however that one is named', async (t) => {
  const folder = t.testdir({ deep: { 'c.yaml': 'db: x.db' } });
  const named = relative(process.cwd(), join(folder, 'deep/c.yaml'));
  t.equal(loadConfig(['--config', named], {}).db, join(folder, 'deep/x.db'));
});

t.test('refuses a bad value or an unknown key by file and key, exit code 2', async (t) => {
  const rows: [string, string][] = [
    ['port: x', 'port: found "x", expected a whole number from 0 to 65535'],
    ['port: 1.5', 'port: found "1.5", expected a whole number from 0 to 65535'],
    ['port: [1, 2]', 'port: found "[1,2]", expected a whole number from 0 to 65535'],
    ['port: { a: 1 }', 'port: found "{"a":1}", expected a whole number from 0 to 65535'],
    ['host: ""', 'host: found "", expected a host name or an address'],
    ['host: ~', 'host: found "", expected a host name or an address'],
    ['db:', 'db: found "", expected a file name'],
    ['db: ""', 'db: found "", expected a file name'],
    ['db: [a]', 'db: found "", expected a file name'],
    ['fixtures: ""', 'fixtures: found "", expected a fixture file or a folder of them'],
    ['fixtures: []', 'fixtures: found "", expected a fixture file or a folder of them'],
    ['watch: yes', 'watch: found "yes", expected true or false'],
    ['auth: of', 'auth: found "of", expected one of strict, any, off; did you mean "off"?'],
    ['adminToken:secret: 1', 'unknown key "adminToken:…"; put a space behind the colon'],
    ['adminToken: [secret]', 'adminToken: found another value, expected printable ASCII characters without a space'],
    ['prot: 1', 'unknown key "prot"; did you mean "port"?'],
    ['log-level: info', 'unknown key "log-level"; did you mean "logLevel"?'],
    ['config: other.yaml', 'unknown key "config"'],
    ['__proto__: { port: 1 }', 'unknown key "__proto__"'],
  ];
  for (const [content, message] of rows) {
    const file = join(t.testdir({ 'c.yaml': content }), 'c.yaml');
    t.throws(() => loadConfig(['--config', file], {}), { message: `${file}: ${message}`, exitCode: 2 }, content);
  }
});

t.test('refuses a file that cannot be read or is no mapping, exit code 2', async (t) => {
  const folder = t.testdir({
    'broken.yaml': 'port: [1',
    'list.yaml': '- port: 1',
    'text.yaml': 'port=1',
    'empty.yaml': '',
    folder: {},
  });
  const mapping = 'expected a mapping of options, such as "port: 8650"';
  const rows: [string, string | RegExp][] = [
    ['missing.yaml', /missing\.yaml: does not exist$/],
    ['broken.yaml', /broken\.yaml: cannot be read \(Flow sequence .* must .* end with a \]\)$/],
    ['folder', /folder: cannot be read \(EISDIR.*\)$/],
    ['list.yaml', `config file ${join(folder, 'list.yaml')}: ${mapping}`],
    ['text.yaml', `config file ${join(folder, 'text.yaml')}: ${mapping}`],
    ['empty.yaml', `config file ${join(folder, 'empty.yaml')}: ${mapping}`],
  ];
  for (const [name, message] of rows) {
    const file = join(folder, name);
    t.throws(() => loadConfig([`--config=${file}`], {}), { message, exitCode: 2 }, name);
  }
  const environment = { REGISTRY_MOCK_CONFIG: join(folder, 'missing.yaml') };
  const message = `config file ${environment.REGISTRY_MOCK_CONFIG}: does not exist`;
  t.throws(() => loadConfig([], environment), { message, exitCode: 2 }, 'by its variable');
});
