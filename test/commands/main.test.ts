import { constants } from 'node:buffer';
import { readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import t from 'tap';
import { COMMAND_NAMES } from '../../src/commands/help.js';
import { variableOf } from '../../src/config/load.js';
import type { Option } from '../../src/config/options.js';
import { flagOf, OPTION_NAMES, OPTIONS } from '../../src/config/options.js';
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
  t.ok(help.startsWith(`Usage: ${name} [command] [flags] [PATH…]\n`));
  const rows = [['help'], ['help', 'x'], ['--port', 'x', '--help'], ['nonsense', '--help'], ['--version', '--help']];
  for (const args of rows) t.strictSame(await run(args), { code: 0, stdout: help, stderr: '' }, args.join(' '));
});

t.test('the help lists every option with argument, description, choices and default, and no others', async (t) => {
  const { stdout: help } = await run(['--help']);
  const listed = [...help.matchAll(/^ {2}(?:-[a-z], )?(--[a-z-]+)/gm)].map(([, flag]) => flag);
  t.strictSame(listed, [...OPTION_NAMES.map(flagOf), '--help', '--version']);
  for (const name of OPTION_NAMES) {
    const { argument, description, choices, fallback }: Option = OPTIONS[name];
    const line = help.split('\n').find((text) => text.startsWith(`  ${flagOf(name)} `)) as string;
    t.ok(line.startsWith(`  ${flagOf(name)} ${argument || ' '}`), `${name}: argument`);
    t.ok(line.includes(`  ${description}`), `${name}: description`);
    for (const value of choices ?? []) t.match(description, new RegExp(`\\b${value}\\b`), `${name}: ${value}`);
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
  t.match(stderr, `, or one of ${listed.join(', ')}\n`);
  for (const command of listed) {
    const { stdout } = await run([command, '--help']);
    t.ok(stdout.startsWith(`Usage: ${name} ${command}`), command);
    const examples = /\nExamples:\n((?: {2}.*\n)+)\nFlags/.exec(stdout)?.[1]?.trimEnd().split('\n') ?? [];
    t.equal(examples.length, 2, `${command} has two examples`);
    for (const example of examples)
      t.match(example, new RegExp(`^ {2}${name} .*${command === 'serve' ? '' : command}`));
    for (const args of [
      ['help', command],
      [command, 'x', '-h'],
    ])
      t.equal((await run(args)).stdout, stdout);
    const { code, stderr: message } = await run([command, '--no-such-flag']);
    t.equal(code, 2, command);
    t.notMatch(message, /unknown command/, command);
  }
});

t.test('the help of a command has its flags, with defaults, and no others', async (t) => {
  const options = OPTION_NAMES.map(flagOf);
  const rows: Record<string, string[]> = {
    serve: options,
    exec: options,
    explain: ['--key', '--method', ...options],
    init: [],
    validate: [],
    generate: ['--versions', '--seed'],
    openapi: [],
    schema: [],
    healthcheck: options,
  };
  for (const [command, flags] of Object.entries(rows)) {
    const { stdout } = await run([command, '--help']);
    const listed = [...stdout.matchAll(/^ {2}(?:-[a-z], )?(--[a-z-]+)/gm)].map(([, flag]) => flag);
    t.strictSame(listed, [...flags, '--help'], command);
    if (flags.includes('--port')) t.match(stdout, /^ {2}--port PORT .*\(8650\)$/m);
  }
});

t.test('init writes a fixture with a key that serves, and never overwrites a file', async (t) => {
  const folder = t.testdir({ old: { 'fixtures.yaml': 'mine' }, new: {}, installed: {}, gone: {} });
  const before = process.cwd();
  process.chdir(join(folder, 'old'));
  const remedy = 'exists already and is not overwritten; serve it, or run init in another folder';
  t.strictSame(await run(['init']), { code: 1, stdout: '', stderr: `fixtures.yaml: ${remedy}\n` });
  t.strictSame([readdirSync('.'), readFileSync('fixtures.yaml', 'utf8')], [['fixtures.yaml'], 'mine']);

  process.chdir(join(folder, 'new'));
  const usage = `unexpected argument "x.yaml"; init accepts flags only\n${HINT}`;
  t.strictSame(await run(['init', 'x.yaml']), { code: 2, stdout: '', stderr: usage });
  t.strictSame(readdirSync('.'), []);
  const stdout = `Wrote fixtures.yaml. Serve it with:\n  npx ${name} fixtures.yaml --watch\n`;
  t.strictSame(await run(['init'], { npm_command: 'exec' }), { code: 0, stdout, stderr: '' });
  t.match((await run(['validate', 'fixtures.yaml'])).stdout, 'valid: 1 registry, 1 artifact, 2 versions, 1 key\n');
  const target = '/har/api/v1/registry/shop/backend/images/+/artifact/team/api/+/version/1.0.0/details';
  t.equal((await run(['explain', '--key', 'pat.shop.dev.local', target, 'fixtures.yaml'])).code, 0);

  process.chdir(join(folder, 'installed'));
  t.strictSame(await run(['init']), { code: 0, stdout: stdout.replace('npx ', ''), stderr: '' });

  process.chdir(join(folder, 'gone'));
  rmdirSync(join(folder, 'gone'));
  const gone = await run(['init']);
  process.chdir(before);
  t.strictSame(gone, { code: 1, stdout: '', stderr: 'fixtures.yaml: cannot be written (ENOENT)\n' });
});

t.test('rejects a word that is no command and no file, with the nearest command, exit code 2', async (t) => {
  const names = 'serve, exec, explain, init, validate, generate, openapi, schema, healthcheck';
  const all = `; expected a fixture, a folder, or one of ${names}`;
  const rows: [string, string][] = [
    ['sevre', '; did you mean "serve"?'],
    ['Serve', '; did you mean "serve"?'],
    ['validte', '; did you mean "validate"?'],
    ['health', all],
    ['nowhere/', all],
    ['shopp.yaml', all],
    ['a\r\n\u001b[1m\u202e', all],
    ['', all],
    ['toString', all],
    ['__proto__', all],
  ];
  for (const [command, hint] of rows) {
    const stderr = `unknown command or file "${escapeControls(command)}"${hint}\n${HINT}`;
    for (const args of [
      [command, '--prot', '1'],
      ['--port', '1', command],
      ['fixtures', command],
      ['serve', command],
    ])
      t.strictSame(await run(args), { code: 2, stdout: '', stderr }, args.join(' '));
  }
});

const EXPECTED = `expected a fixture, a folder, or one of ${COMMAND_NAMES.join(', ')}`;

t.test('serve is the default; its flags and variables are validated, exit code 2', async (t) => {
  const variable = 'unknown variable REGISTRY_MOCK_HOTS; did you mean "REGISTRY_MOCK_HOST"?';
  const rows: [string[], Record<string, string>, string][] = [
    [['--prot', '1'], {}, 'unknown flag --prot; did you mean "--port"?'],
    [['serve', '--prot', '1'], {}, 'unknown flag --prot; did you mean "--port"?'],
    [['-x'], {}, 'unknown flag -x'],
    [['--watch', 'false'], {}, `unknown command or file "false"; ${EXPECTED}`],
    [['-', '--watch'], {}, '--watch: cannot be combined with the fixture -, because stdin cannot be read again'],
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
    for (const argument of ['out.yaml', '-', '']) {
      const stderr = `unexpected argument "${argument}"; ${command} accepts flags only\n${HINT}`;
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
    [
      ['fixtures'],
      /^valid: \d+ registries, \d+ artifacts, \d+ versions, 4 keys\nskipped: fixtures\/fixture\.schema\.json \(a JSON Schema\)\n$/,
    ],
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
  t.match(stderr, /\n3 problems\n$/);
  const many = t.testdir({ 'a.ndjson': '{}\n'.repeat(25) });
  t.match((await run(['validate', many])).stderr, /\n20 problems; there may be more\n$/);
});

t.test('validate reads stdin as YAML, JSON or NDJSON', async (t) => {
  const line = '{"registry":"a/c","packageType":"NPM","artifact":"three","version":"1"}';
  const missing = 'registry: missing key "registry"; expected account[/org[/project]]/registry without the /+ marker';
  const rows: [stdin: string, expected: RegExp | string][] = [
    [DOCUMENT, /^valid: 1 registry, 2 artifacts, 2 versions, 0 keys\n$/],
    ['{"registries":[{"ref":"a/b","packageType":"GO"}]}', /^valid: 1 registry, 0 artifacts, 0 versions, 0 keys\n$/],
    ['{\n  "registries": [\n{"ref":"a/b","packageType":"GO"}\n]\n}\n', /^valid: 1 registry,/],
    [line, /^valid: 1 registry, 1 artifact, 1 version, 0 keys\n$/],
    [
      `\r\n${line}\r\n\r\n${line.replace('three', 'four')}\r\n`,
      /^valid: 1 registry, 2 artifacts, 2 versions, 0 keys\n$/,
    ],
    [`{"registry": oops}\n${line}\n`, 'stdin:1:14: is not JSON: invalid symbol; expected one object on the line\n'],
    [`${line}\n${line}\n`, 'stdin:2: version 1 of artifact three of a/c is already defined; define it once\n'],
    [`${line}\n${line.replace('registry', 'regstry')}`, `stdin:2: ${missing}`],
    [`${line.replace('registry', 'regstry')}\n`.repeat(2), `stdin:1: ${missing}`],
    ['registrys: []', 'stdin:1:1: registrys: unknown key "registrys"; did you mean "registries"?\n'],
    ['{"registrys":[]}', 'stdin:1:2: registrys: unknown key "registrys"; did you mean "registries"?\n'],
    ['', 'stdin: is empty; expected a fixture in YAML, JSON or NDJSON\n'],
    [' \n\n', 'stdin: is empty; expected a fixture in YAML, JSON or NDJSON\n'],
  ];
  for (const [stdin, expected] of rows) {
    const { code, stdout, stderr } = await run(['validate', '-'], {}, false, stdin);
    t.equal(code, typeof expected === 'string' ? 1 : 0, stdin);
    t.match(stdout + stderr, expected);
    if (typeof expected === 'string') t.ok(stderr.startsWith(expected), stderr);
  }
  const both = await run(['validate', 'fixtures', '-'], {}, false, line);
  t.match(both.stdout, /^valid: \d+ registries/);
});

t.test('a stdin that cannot be read is one sentence, exit code 1', async (t) => {
  const failing = (error: Error) => {
    const stream: Readable = new Readable({ read: () => stream.destroy(error) });
    return stream;
  };
  const chunk = Buffer.alloc(1 << 26, 'a');
  const count = Math.ceil(constants.MAX_STRING_LENGTH / chunk.length) + 1;
  const rows: [Readable, RegExp | string][] = [
    [Object.assign(Readable.from(['x']), { isTTY: true }), 'is a terminal; pipe a fixture into it, or name a file'],
    [failing(Object.assign(new Error('x'), { code: 'EISDIR' })), 'cannot be read (EISDIR)'],
    [failing(new Error('of no code')), 'cannot be read (of no code)'],
    [Readable.from([Buffer.from([0xff, 0xfe])]), 'is not UTF-8; save it as UTF-8'],
    [
      Readable.from(Array.from({ length: count }, () => chunk)),
      /^stdin: needs about \d+ MiB of memory, .*; split it, /,
    ],
    [Readable.from([Buffer.alloc(1 << 25, '[')]), /^stdin: needs about \d+ MiB of memory, .*; split it, /],
  ];
  for (const [stdin, message] of rows) {
    const { code, stdout, stderr } = await run(['validate', '-'], {}, false, stdin);
    t.strictSame([code, stdout], [1, ''], String(message));
    if (typeof message === 'string') t.equal(stderr, `stdin: ${message}\n`);
    else t.match(stderr, message);
  }
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
    [['--fixtures', 'fixtures'], 'unknown flag --fixtures'],
    [['fixtures', '-x'], 'unknown flag -x'],
  ];
  for (const [args, message] of rows) {
    t.strictSame(await run(['validate', ...args]), { code: 2, stdout: '', stderr: `${message}\n${HINT}` }, message);
  }
});
