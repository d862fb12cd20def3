import t from 'tap';
import { loadConfig } from '../../src/config/load.js';

const DEFAULTS = loadConfig([], {});

t.test('ignores empty variables and those of others', async (t) => {
  const rows: Record<string, string | undefined>[] = [
    { REGISTRY_MOCK_PORT: '' },
    { REGISTRY_MOCK_PORT: undefined },
    { REGISTRY_MOCK_CONFIG: '' },
    { REGISTRY_MOCK_FIXTURES: '' },
    { REGISTRY_MOCK_PROT: '' },
    { PORT: '1', HOST: 'x', REGISTRY_PORT: '1', registry_mock_port: '1', MY_REGISTRY_MOCK_PORT: '1' },
  ];
  for (const environment of rows) t.strictSame(loadConfig([], environment), DEFAULTS, JSON.stringify(environment));
});

t.test('ignores what Kubernetes injects for a Service of the name registry-mock', async (t) => {
  const injected = {
    REGISTRY_MOCK_SERVICE_HOST: '10.0.0.1',
    REGISTRY_MOCK_SERVICE_PORT: '8650',
    REGISTRY_MOCK_SERVICE_PORT_HTTP: '8650',
    REGISTRY_MOCK_PORT: 'tcp://10.0.0.1:8650',
    REGISTRY_MOCK_PORT_8650_TCP: 'tcp://10.0.0.1:8650',
    REGISTRY_MOCK_PORT_8650_TCP_ADDR: '10.0.0.1',
  };
  t.strictSame(loadConfig([], injected), DEFAULTS);
});

t.test('parts the values of a repeatable option by commas, and those of no other', async (t) => {
  t.strictSame(loadConfig([], { REGISTRY_MOCK_FIXTURES: 'a,b c' }).fixtures, ['a', 'b c']);
  t.equal(loadConfig([], { REGISTRY_MOCK_DB: 'a,b' }).db, 'a,b');
  t.equal(loadConfig([], { REGISTRY_MOCK_HOST: 'a,b' }).host, 'a,b');
});

t.test('reads a switch', async (t) => {
  for (const text of ['true', '1']) t.equal(loadConfig([], { REGISTRY_MOCK_WATCH: text }).watch, true, text);
  for (const text of ['false', '0']) t.equal(loadConfig([], { REGISTRY_MOCK_WATCH: text }).watch, false, text);
});

t.test('refuses a bad value or an unknown variable by its name, exit code 2', async (t) => {
  const fixtures = 'expected a fixture file or a folder of them';
  const rows: [string, string, string][] = [
    ['REGISTRY_MOCK_PORT', 'x', 'REGISTRY_MOCK_PORT: found "x", expected a whole number from 0 to 65535'],
    ['REGISTRY_MOCK_WATCH', 'toString', 'REGISTRY_MOCK_WATCH: found "toString", expected true or false'],
    ['REGISTRY_MOCK_WATCH', 'on', 'REGISTRY_MOCK_WATCH: found "on", expected true or false'],
    ['REGISTRY_MOCK_FIXTURES', 'a,', `REGISTRY_MOCK_FIXTURES: found "", ${fixtures}`],
    [
      'REGISTRY_MOCK_AUTH',
      'ani',
      'REGISTRY_MOCK_AUTH: found "ani", expected one of strict, any, off; did you mean "any"?',
    ],
    [
      'REGISTRY_MOCK_LOG_LEVEL',
      'warning',
      'REGISTRY_MOCK_LOG_LEVEL: found "warning", expected one of trace, debug, info, warn, error, fatal, silent',
    ],
    ['REGISTRY_MOCK_PROT', '1', 'unknown variable REGISTRY_MOCK_PROT; did you mean "REGISTRY_MOCK_PORT"?'],
    ['REGISTRY_MOCK_LOGLEVEL', 'x', 'unknown variable REGISTRY_MOCK_LOGLEVEL; did you mean "REGISTRY_MOCK_LOG_LEVEL"?'],
    ['REGISTRY_MOCK_DATABASE_FOLDER', 'x', 'unknown variable REGISTRY_MOCK_DATABASE_FOLDER'],
  ];
  for (const [name, text, message] of rows) {
    t.throws(() => loadConfig([], { [name]: text }), { message, exitCode: 2 }, `${name}=${text}`);
  }
});

t.test('a bad value that a flag wins over is not looked at', async (t) => {
  t.equal(loadConfig(['--port', '1'], { REGISTRY_MOCK_PORT: 'x' }).port, 1);
});
