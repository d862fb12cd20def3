import { readFileSync } from 'node:fs';
import t from 'tap';
import { Failure } from '../../src/failure.js';
import { run } from './run.js';

const { name, version } = JSON.parse(readFileSync('package.json', 'utf8'));

const HINT = `Try ${name} --help\n`;

t.test('prints the version, wherever it is asked for', async (t) => {
  for (const args of [['--version'], ['serve', '--version'], ['--port', '1', '--version'], ['validate', '--version']]) {
    t.strictSame(await run(args), { code: 0, stdout: `${version}\n`, stderr: '' }, args.join(' '));
  }
});

t.test('prints the help, wherever it is asked for', async (t) => {
  const { stdout: help } = await run(['--help']);
  t.match(help, new RegExp(`^Usage: ${name} \\[command\\] \\[flags\\]\n`));
  const rows = [
    ['serve', '--help'],
    ['--port', 'x', '--help'],
    ['nonsense', '--help'],
    ['--version', '--help'],
  ];
  for (const args of rows) t.strictSame(await run(args), { code: 0, stdout: help, stderr: '' }, args.join(' '));
});

t.test('refuses an unknown command with the nearest one, exit code 2', async (t) => {
  const all = '; expected one of serve, exec, explain, validate, generate, openapi, schema, healthcheck';
  const rows: [string, string][] = [
    ['sevre', '; did you mean "serve"?'],
    ['Serve', '; did you mean "serve"?'],
    ['validte', '; did you mean "validate"?'],
    ['health', all],
    ['fixtures/', all],
    ['', all],
    ['toString', all],
    ['__proto__', all],
  ];
  for (const [command, hint] of rows) {
    const stderr = `unknown command "${command}"${hint}\n${HINT}`;
    t.strictSame(await run([command, '--port', '1']), { code: 2, stdout: '', stderr }, command);
  }
});

t.test(
  'serves unless told otherwise: its flags, variables and config are read, and their mistakes are told',
  async (t) => {
    const rows: [string[], Record<string, string>, string][] = [
      [['--prot', '1'], {}, 'unknown flag --prot; did you mean "--port"?'],
      [['serve', '--prot', '1'], {}, 'unknown flag --prot; did you mean "--port"?'],
      [['-x'], {}, 'unknown flag -x'],
      [['serve', 'fixtures'], {}, 'unexpected argument "fixtures"; expected flags only, see --help'],
      [['--config', 'no-such.yaml'], {}, 'config file no-such.yaml: does not exist'],
      [[], { REGISTRY_MOCK_WATCH: 'on' }, 'REGISTRY_MOCK_WATCH: found "on", expected true or false'],
      [
        ['serve'],
        { REGISTRY_MOCK_HOTS: 'x' },
        'unknown variable REGISTRY_MOCK_HOTS; did you mean "REGISTRY_MOCK_HOST"?',
      ],
    ];
    for (const [args, environment, message] of rows) {
      const stderr = `${message}\n${HINT}`;
      t.strictSame(await run(args, environment), { code: 2, stdout: '', stderr }, `${args.join(' ')} ${message}`);
    }
  },
);

t.test('a failure that is no usage mistake is told without the hint, exit code 1', async (t) => {
  const stderr = 'no-such-folder: does not exist; expected a fixture file or a folder of them\n';
  t.strictSame(await run(['serve', '--fixtures', 'no-such-folder']), { code: 1, stdout: '', stderr });
});

t.test('what is no failure of the person is thrown on', async (t) => {
  const broken = {
    get REGISTRY_MOCK_PORT(): string {
      throw new TypeError('unforeseen');
    },
  };
  const error = await run(['serve'], broken).then(
    () => undefined,
    (thrown) => thrown,
  );
  t.match(error, { name: 'TypeError', message: 'unforeseen' });
  t.notOk(error instanceof Failure);
});
