import { join } from 'node:path';
import t from 'tap';
import { run } from './run.js';

const HINT = 'Try harness-registry-mock --help\n';

const GOOD = `
registries:
  - ref: a/b
    packageType: DOCKER
    artifacts:
      - { name: one, versions: [{ version: "1", children: [{ version: x }] }, { version: "2" }] }
      - { name: two }
`;

t.test('says what good fixtures hold', async (t) => {
  const folder = t.testdir({
    'a.yaml': GOOD,
    'b.json': '{"apiKeys":[{"key":"canary-key","name":"n","grants":["a"]}]}',
    'c.ndjson': '{"registry":"a/c","packageType":"NPM","artifact":"three","version":"1"}\n',
  });
  const rows: [string[], string][] = [
    [[folder], 'valid: 2 registries, 3 artifacts, 3 versions, 1 key\n'],
    [[join(folder, 'a.yaml')], 'valid: 1 registry, 2 artifacts, 2 versions, 0 keys\n'],
    [[join(folder, 'a.yaml'), join(folder, 'b.json')], 'valid: 1 registry, 2 artifacts, 2 versions, 1 key\n'],
  ];
  for (const [paths, stdout] of rows) t.strictSame(await run(['validate', ...paths]), { code: 0, stdout, stderr: '' });
});

t.test('takes the fixtures that ship', async (t) => {
  const { code, stdout } = await run(['validate', 'fixtures']);
  t.equal(code, 0);
  t.match(stdout, /^valid: \d+ registries, \d+ artifacts, \d+ versions, 4 keys\n$/);
});

t.test('tells all that is wrong with bad fixtures, a line each, exit code 1', async (t) => {
  const folder = t.testdir({
    'a.yaml': GOOD,
    'b.yaml': 'registries:\n  - ref: a/c\n    packagetype: NPM\n',
    'c.yaml': GOOD,
  });
  const { code, stdout, stderr } = await run(['validate', folder]);
  t.equal(code, 1);
  t.equal(stdout, '');
  const lines = stderr.split('\n');
  t.ok(
    lines.includes(
      `${folder}/b.yaml:3:5: registries[0].packagetype: unknown key "packagetype"; did you mean "packageType"?`,
    ),
  );
  t.ok(lines.includes(`${folder}/c.yaml:3:5: registry a/b is already defined at ${folder}/a.yaml:3:5`));
  t.notMatch(stderr, /--help|\n {4}at /);
});

t.test('a path without fixtures is refused, exit code 1', async (t) => {
  const folder = t.testdir({ empty: {}, 'notes.txt': 'x' });
  const names = '.yaml, .yml, .json, .ndjson';
  const rows: [string, string][] = [
    ['missing', 'does not exist; expected a fixture file or a folder of them'],
    ['empty', `holds no fixture; expected files that end in ${names}`],
    ['notes.txt', `is not a fixture; expected a name that ends in ${names}`],
  ];
  for (const [name, message] of rows) {
    const path = join(folder, name);
    t.strictSame(await run(['validate', path]), { code: 1, stdout: '', stderr: `${path}: ${message}\n` }, name);
  }
});

t.test('expects paths and no flags, exit code 2', async (t) => {
  const rows: [string[], string][] = [
    [[], 'validate: expected a fixture file or a folder of them'],
    [['--fixtures', 'fixtures'], 'unknown flag --fixtures; validate takes fixture files and folders only'],
    [['fixtures', '-x'], 'unknown flag -x; validate takes fixture files and folders only'],
  ];
  for (const [args, message] of rows) {
    t.strictSame(await run(['validate', ...args]), { code: 2, stdout: '', stderr: `${message}\n${HINT}` }, message);
  }
});
