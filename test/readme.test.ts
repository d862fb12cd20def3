import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { operations } from '../src/admin/operations.js';
import { formatBanner } from '../src/commands/banner.js';
import { loadConfig } from '../src/config/load.js';
import { flagOf, OPTION_NAMES, OPTIONS, variableOf } from '../src/config/options.js';
import { catalogue } from '../src/http/errors.js';
import { BUNDLED_FIXTURES } from '../src/package.js';
import { ask, build, KEY, seedStore } from './helper.js';

const ROOT = join(BUNDLED_FIXTURES, '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const run = promisify(execFile);

/** The fenced blocks of a language, with what stands behind it in the fence. */
const blocks = (language: string) =>
  [...README.matchAll(new RegExp(`^\`\`\`${language}(?: (?:fixture|file)=(\\S+))?\\n(.*?)^\`\`\``, 'gms'))].map(
    ([, file, text = '']) => ({ file, text }),
  );

/** The rows of the table under a heading, as cells. */
const table = (heading: string) => {
  const section = README.slice(README.indexOf(`\n## ${heading}\n`)).split('\n## ')[1] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
};

/** Copies the project to an empty folder, with the fixtures that the README shows. */
function checkOut(t: Test): string {
  const folder = t.testdir();
  for (const name of ['src', 'fixtures', 'package.json', 'tsconfig.json'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const language of ['yaml', 'json', 'js']) {
    for (const { file, text } of blocks(language)) writeFileSync(join(folder, file as string), text);
  }
  return folder;
}

/** Starts a command of the README in a folder; resolves with its URL once it listens. */
function start(t: Test, folder: string, command: string, port: number): Promise<string> {
  const child: ChildProcess = spawn('bash', ['-c', `exec ${command}`], {
    cwd: folder,
    env: { ...process.env, REGISTRY_MOCK_PORT: String(port) },
    detached: true,
  });
  t.teardown(() => process.kill(-(child.pid as number), 'SIGTERM'));
  return new Promise((resolve, reject) => {
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk;
      const url = /^Listening on (\S+)$/m.exec(output)?.[1];
      if (url) resolve(url);
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.on('exit', () => reject(new Error(output)));
  });
}

t.test('the commands do what the README shows', async (t) => {
  const folder = checkOut(t);
  const starts = blocks('sh').map(({ text }) => text.trim());
  t.strictSame(starts.slice(0, 5), [
    'npm ci && npm start',
    'npm ci && npm test',
    'node dist/cli.js --fixtures shop.yaml --watch',
    'node --test registry.test.js',
    'npx vitest run\nnpx playwright test\nnpx jest',
  ]);
  // The first three have tests of their own, and .ci/run runs two of them; the last needs a container engine.
  const longer = ['npm run fuzz -- --minutes 60\nnpm run soak\nbash test/container/run.sh'];
  t.match(starts.slice(5), [...longer, /^docker build .*\ndocker run .*$/], 'all others are shown with their output');

  const url = await start(t, folder, 'npm start', 0);
  const port = new URL(url).port;
  const shop = await start(t, folder, starts[2] as string, 0);
  const target = '/har/api/v1/registry/shop/backend/images/+/artifact/team/api/+/version/1.0.0/details';
  const answer = await fetch(shop + target, { headers: { 'x-api-key': 'pat.shop.ci' } });
  t.equal(answer.status, 200);
  t.match(await answer.json(), {
    data: { size: '69.56MB', isQuarantined: true, pullCommand: 'docker pull shop/api:1.0.0' },
  });

  const { stdout: report } = await run('bash', ['-c', starts[3] as string], { cwd: folder });
  t.match(report, /\bpass 2\b/);

  for (const { text } of blocks('console')) {
    for (const step of text.split(/^\$ /m).slice(1)) {
      const [command = '', ...expected] = step.replaceAll('8650', port).split('\n');
      const { stdout, stderr } = await run('bash', ['-c', `${command} || true`], {
        cwd: folder,
        env: { ...process.env, REGISTRY_MOCK_PORT: port },
      });
      t.equal((stdout + stderr).trim(), expected.join('\n').trim(), command);
    }
  }
});

t.test('the test of a session runs in every runner that is named', { timeout: 180_000 }, async (t) => {
  const folder = checkOut(t);
  await run('npm', ['run', '--silent', 'build'], { cwd: folder });
  const test = readFileSync(join(folder, 'retry.vitest.mjs'), 'utf8');
  writeFileSync(join(folder, 'retry.playwright.mjs'), test.replace("'vitest'", "'@playwright/test'"));
  writeFileSync(join(folder, 'retry.jest.cjs'), test.replace(/^import .*/, ''));
  const commands = blocks('sh')[4]?.text.trim().split('\n') as string[];
  const passed = [/Tests {2}1 passed/, /1 passed/, /Tests: {7}1 passed/];
  for (const [index, command] of commands.entries()) {
    const { stdout, stderr } = await run('bash', ['-c', command], { cwd: folder });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the runners colour their reports
    t.match((stdout + stderr).replace(/\x1b\[[\d;]*m/g, ''), passed[index] as RegExp, command);
  }
});

t.test('the start shows what the README says', async (t) => {
  const store = seedStore(t);
  const config = loadConfig([], {});
  const banner = formatBanner(config, { url: 'http://127.0.0.1:8650', store });
  t.equal(blocks('text')[0]?.text, `${banner.trim()}\n\nListening on http://127.0.0.1:8650\n`);
});

t.test('every row of the answers is true', async (t) => {
  const app = build(t);
  const rows = table('See each answer');
  t.ok(rows.length >= 20);
  for (const [asked = '', key = '', expected = ''] of rows) {
    const target = /`([^`]+)`/.exec(asked)?.[1] as string;
    const presented = key === 'none' ? '' : (/`([^`]+)`/.exec(key)?.[1] ?? KEY);
    const answer = await ask(t, app, `/har/api/v1/registry/${target}`, { headers: { 'x-api-key': presented } });
    const { message, status } = answer.body as { message?: string; status?: string };
    t.equal(`${answer.status} ${message ?? status}`, expected, target);
  }
});

t.test('the table of errors is the catalogue', async (t) => {
  const documented = table('Errors').map(([status, message]) => `${status} ${message}`);
  t.strictSame(
    documented,
    Object.values(catalogue).map(({ status, message }) => `${status} ${message}`),
  );
});

t.test('the table of operations is the admin API', async (t) => {
  const documented = table('Control it').map(([operation, summary]) => `${operation} ${summary}`);
  const known = Object.values(operations).map(
    ({ method, url, summary }) => `\`${method} ${url.replace(':id', '{id}')}\` ${summary}`,
  );
  t.strictSame(documented, known);
});

t.test('the table of flags is the options', async (t) => {
  const documented = table('Configure it').map(([flag, variable, , description]) => [flag, variable, description]);
  const options = OPTION_NAMES.map((name) => [
    `\`${flagOf(name)}\``,
    `\`${variableOf(name)}\``,
    OPTIONS[name].description,
  ]);
  t.strictSame(documented, [...options, ['`--config`', '`REGISTRY_MOCK_CONFIG`', 'file of options, YAML or JSON']]);
});

t.test('its commands are of package.json', async (t) => {
  const { scripts, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  for (const [, name] of README.matchAll(/npm (?:run )?(start|test|build|lint|openapi|dev|bench)\b/g))
    t.ok(scripts[name as string], `npm run ${name}`);
  t.match(README, `harness-registry-mock ${version}\n`);
});
