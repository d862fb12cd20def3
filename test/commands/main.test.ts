import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Option } from '../../src/config/options.js';
import { flagOf, OPTION_NAMES, OPTIONS, variableOf } from '../../src/config/options.js';
import { UserError } from '../../src/util/errors.js';
import { escapeControls } from '../../src/util/text.js';
import { HINT, run } from './run.js';

const { name, version } = JSON.parse(readFileSync('package.json', 'utf8'));

t.test('prints the version, wherever the flag is', async (t) => {
  for (const args of [['--version'], ['serve', '--version'], ['--port', '1', '--version'], ['validate', '-v']]) {
    t.strictSame(await run(args), { code: 0, stdout: `${version}\n`, stderr: '' }, args.join(' '));
  }
});

t.test('prints the help, wherever the flag is', async (t) => {
  const { stdout: help } = await run(['--help']);
  t.ok(help.startsWith(`Usage: ${name} [command] [flags]\n`));
  const rows = [['help'], ['serve', '-h'], ['--port', 'x', '--help'], ['nonsense', '--help'], ['--version', '--help']];
  for (const args of rows) t.strictSame(await run(args), { code: 0, stdout: help, stderr: '' }, args.join(' '));
});

t.test('the help lists every option with argument, description, choices and default, and no others', async (t) => {
  const { stdout: help } = await run(['--help']);
  const listed = [...help.matchAll(/^ {2}(?:-[a-z], )?(--[a-z-]+)/gm)].map(([, flag]) => flag);
  t.strictSame(listed, [...OPTION_NAMES.map(flagOf), '--help', '--version']);
  for (const name of OPTION_NAMES) {
    const { argument, description, choices, fallback }: Option = OPTIONS[name];
    const line = help.split('\n').find((text) => text.startsWith(`  ${flagOf(name)} `)) as string;
    t.ok(line.startsWith(`  ${flagOf(name)} ${argument ?? ' '}`), `${name}: argument`);
    t.ok(line.includes(`  ${description}`), `${name}: description`);
    if (choices) t.ok(line.includes(`: ${choices.join(', ')}`), `${name}: choices`);
    const hasDefault = ['string', 'number'].includes(typeof fallback);
    t.equal(line.endsWith(`(${fallback})`), hasDefault, `${name}: default`);
  }
  t.match(help, `--log-level is ${variableOf('logLevel')}.`);
});

t.test('the help lists every command, and no others', async (t) => {
  const { stdout: help } = await run(['--help']);
  const commands = /\nCommands:\n((?: {2}.*\n)+)/.exec(help)?.[1] as string;
  const listed = [...commands.matchAll(/^ {2}(\w+)/gm)].map(([, command]) => command as string);
  const { stderr } = await run(['zzzzzzzz']);
  t.match(stderr, `expected one of ${listed.join(', ')}\n`);
  for (const command of listed) {
    const { code, stderr: message } = await run([command, '--no-such-flag']);
    t.equal(code, 2, command);
    t.notMatch(message, /unknown command/, command);
  }
});

t.test('rejects an unknown command with the nearest one, exit code 2', async (t) => {
  const all = '; expected one of serve, exec, explain, validate, generate, openapi, schema, healthcheck';
  const rows: [string, string][] = [
    ['sevre', '; did you mean "serve"?'],
    ['Serve', '; did you mean "serve"?'],
    ['validte', '; did you mean "validate"?'],
    ['health', all],
    ['fixtures/', all],
    ['a\r\n\u001b[1m\u202e', all],
    ['', all],
    ['toString', all],
    ['__proto__', all],
  ];
  for (const [command, hint] of rows) {
    const stderr = `unknown command "${escapeControls(command)}"${hint}\n${HINT}`;
    t.strictSame(await run([command, '--port', '1']), { code: 2, stdout: '', stderr }, command);
  }
});

t.test('serve is the default; its flags and variables are validated, exit code 2', async (t) => {
  const variable = 'unknown variable REGISTRY_MOCK_HOTS; did you mean "REGISTRY_MOCK_HOST"?';
  const rows: [string[], Record<string, string>, string][] = [
    [['--prot', '1'], {}, 'unknown flag --prot; did you mean "--port"?'],
    [['serve', '--prot', '1'], {}, 'unknown flag --prot; did you mean "--port"?'],
    [['-x'], {}, 'unknown flag -x'],
    [['serve', 'fixtures'], {}, 'unexpected argument "fixtures"; expected flags only, see --help'],
    [[], { REGISTRY_MOCK_WATCH: 'on' }, 'REGISTRY_MOCK_WATCH: found "on", expected true or false'],
    [['serve'], { REGISTRY_MOCK_HOTS: 'x' }, variable],
  ];
  for (const [args, environment, message] of rows) {
    const stderr = `${message}\n${HINT}`;
    t.strictSame(await run(args, environment), { code: 2, stdout: '', stderr }, `${args.join(' ')} ${message}`);
  }
});

t.test('prints other user errors without the hint, exit code 1', async (t) => {
  const stderr = 'no-such-folder: does not exist; expected a fixture file or a folder of them\n';
  t.strictSame(await run(['serve', '--fixtures', 'no-such-folder']), { code: 1, stdout: '', stderr });
});

t.test('rethrows unexpected errors', async (t) => {
  const broken = {
    get REGISTRY_MOCK_PORT(): string {
      throw new TypeError('unexpected');
    },
  };
  const error = await run(['healthcheck'], broken).catch((thrown) => thrown);
  t.match(error, { name: 'TypeError', message: 'unexpected' });
  t.notOk(error instanceof UserError);
});

t.test('openapi and schema print the committed documents, whatever the configuration', async (t) => {
  for (const [command, file] of [
    ['openapi', 'openapi.yaml'],
    ['schema', 'fixtures/fixture.schema.json'],
  ] as const) {
    const stdout = readFileSync(file, 'utf8');
    t.strictSame(await run([command], { REGISTRY_MOCK_PORT: 'x' }), { code: 0, stdout, stderr: '' }, command);
    for (const argument of ['out.yaml', '--yaml', '']) {
      const stderr = `unexpected argument "${argument}"; ${command} takes none\n${HINT}`;
      t.strictSame(await run([command, argument]), { code: 2, stdout: '', stderr }, `${command} ${argument}`);
    }
  }
});

const DOCUMENT = `
registries:
  - ref: a/b
    packageType: DOCKER
    artifacts:
      - { name: one, versions: [{ version: "1", children: [{ version: x }] }, { version: "2" }] }
      - { name: two }
`;

t.test('validate prints how much valid fixtures contain', async (t) => {
  const folder = t.testdir({
    'a.yaml': DOCUMENT,
    'b.json': '{"apiKeys":[{"key":"canary-key","name":"n","grants":["a"]}]}',
    'c.ndjson': '{"registry":"a/c","packageType":"NPM","artifact":"three","version":"1"}\n',
  });
  const rows: [string[], RegExp][] = [
    [[folder], /^valid: 2 registries, 3 artifacts, 3 versions, 1 key\n$/],
    [[join(folder, 'a.yaml')], /^valid: 1 registry, 2 artifacts, 2 versions, 0 keys\n$/],
    [[join(folder, 'a.yaml'), join(folder, 'b.json')], /^valid: 1 registry, 2 artifacts, 2 versions, 1 key\n$/],
    [['fixtures'], /^valid: \d+ registries, \d+ artifacts, \d+ versions, 4 keys\n$/],
  ];
  for (const [paths, expected] of rows) {
    const { code, stdout, stderr } = await run(['validate', ...paths]);
    t.strictSame([code, stderr], [0, '']);
    t.match(stdout, expected);
  }
});

t.test('validate lists every mistake, a line each, exit code 1', async (t) => {
  const folder = t.testdir({
    'a.yaml': DOCUMENT,
    'b.yaml': 'registries:\n  - ref: a/c\n    packagetype: NPM\n',
    'c.yaml': DOCUMENT,
  });
  const { code, stdout, stderr } = await run(['validate', folder]);
  t.strictSame([code, stdout], [1, '']);
  const lines = stderr.split('\n');
  const unknown = 'registries[0].packagetype: unknown key "packagetype"; did you mean "packageType"?';
  t.ok(lines.includes(`${folder}/b.yaml:3:5: ${unknown}`));
  t.ok(lines.some((line) => line.startsWith(`${folder}/c.yaml:3:5: registry a/b is already defined`)));
  t.notMatch(stderr, /--help|\n {4}at /);
});

t.test('validate rejects a path without fixtures, exit code 1', async (t) => {
  const folder = t.testdir({ empty: {}, 'notes.txt': 'x' });
  for (const name of ['missing', 'empty', 'notes.txt']) {
    const path = join(folder, name);
    const { code, stdout, stderr } = await run(['validate', path]);
    t.strictSame([code, stdout], [1, ''], name);
    t.ok(stderr.startsWith(`${path}: `), stderr);
  }
});

t.test('validate expects paths and no flags, exit code 2', async (t) => {
  const rows: [string[], string][] = [
    [[], 'validate: expected a fixture file or a folder of them'],
    [['--fixtures', 'fixtures'], 'unknown flag --fixtures; validate accepts only fixture files and folders'],
    [['fixtures', '-x'], 'unknown flag -x; validate accepts only fixture files and folders'],
  ];
  for (const [args, message] of rows) {
    t.strictSame(await run(['validate', ...args]), { code: 2, stdout: '', stderr: `${message}\n${HINT}` }, message);
  }
});
