import { readFileSync } from 'node:fs';
import t from 'tap';
import { run } from './run.js';

t.test('openapi prints the document that is committed', async (t) => {
  const stdout = readFileSync('openapi.yaml', 'utf8');
  t.strictSame(await run(['openapi']), { code: 0, stdout, stderr: '' });
});

t.test('schema prints the JSON Schema that is committed', async (t) => {
  const stdout = readFileSync('fixtures/fixture.schema.json', 'utf8');
  t.strictSame(await run(['schema']), { code: 0, stdout, stderr: '' });
  t.match(JSON.parse(stdout), { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' });
});

t.test('both take no arguments, exit code 2', async (t) => {
  for (const command of ['openapi', 'schema']) {
    for (const argument of ['out.yaml', '--yaml', '']) {
      const stderr = `${command}: unexpected argument "${argument}"; it takes none\nTry harness-registry-mock --help\n`;
      t.strictSame(await run([command, argument]), { code: 2, stdout: '', stderr }, `${command} ${argument}`);
    }
  }
});

t.test('neither reads the configuration', async (t) => {
  const { code } = await run(['schema'], { REGISTRY_MOCK_PORT: 'x' });
  t.equal(code, 0);
});
