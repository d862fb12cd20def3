// Installs the package SPEC in an empty folder, as a user does, and uses it. Runs on Node 22 and 24 in CI.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

const NAME = 'harness-registry-mock';
const TARGET = '/har/api/v1/registry/acme/platform/web/images/+/artifact/library/nginx/+/version/1.25.3/details';
const KEY = 'pat.acme.dev.local';
const MAX_PACKAGES = 140;

const folder = mkdtempSync(join(tmpdir(), 'registry-mock-'));
const cli = join(folder, 'node_modules', NAME, 'dist/cli.js');
const node = (...args) => execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
let output;

before(() => {
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const { status, stdout, stderr } = spawnSync('npm', ['install', process.env.SPEC], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 600_000,
  });
  output = stdout + stderr;
  assert.equal(status, 0, output);
});
after(() => rmSync(folder, { recursive: true }));

test(`installs at most ${MAX_PACKAGES} packages, and all of them support this Node`, () => {
  const packages = readdirSync(join(folder, 'node_modules'), { recursive: true }).filter((path) =>
    /(^|node_modules.)(@[^/\\]+.)?[^/\\@.][^/\\]*.package\.json$/.test(path),
  );
  assert.ok(packages.length > 50 && packages.length <= MAX_PACKAGES, `${packages.length} packages`);
  assert.doesNotMatch(output, /EBADENGINE|deprecated Node/);
});

test('has a command', () => {
  assert.match(node(cli, '--version'), /^\d+\.\d+\.\d+\n$/);
  assert.match(node(cli, 'validate', join(folder, 'node_modules', NAME, 'fixtures')), /^valid: /);
});

test('serves', async () => {
  const child = spawn(process.execPath, [cli, '--port', '0', '--log-level', 'silent']);
  const [line] = await child.stdout.setEncoding('utf8').take(1).toArray();
  const response = await fetch(line.replace('Listening on ', '').trim() + TARGET, { headers: { 'x-api-key': KEY } });
  assert.equal(response.status, 200);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  assert.equal(await ended, 0);
});

for (const [way, load] of [
  ['required', `const { startMockServer } = require('${NAME}');`],
  ['imported', `const { startMockServer } = await import('${NAME}');`],
]) {
  test(`can be ${way}`, () => {
    const program = `(async () => {
      ${load}
      const server = await startMockServer();
      const { status } = await server.inject('${TARGET}', { headers: { 'x-api-key': server.apiKey } });
      console.log(status);
      await server.close();
    })();`;
    assert.equal(node('--eval', program), '200\n');
  });
}
