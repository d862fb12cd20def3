import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { ENVIRONMENT_PREFIX, variableOf } from '../src/config/load.js';
import { flagOf, OPTION_NAMES, OPTIONS } from '../src/config/options.js';
import { MANUAL, PAGES, PROJECT, readFences, readPage, readSteps, readTable } from './docs/page.js';
import { hasCurl, openShell } from './docs/shell.js';

/** Whether an output is as documented; `…` stands for any text. */
function isLike(documented: string, output: string): boolean {
  const pattern = documented.split('…').map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${pattern.join('.*')}$`).test(output);
}

for (const page of MANUAL) {
  const steps = readSteps(page);
  const skip = !hasCurl && steps.some(({ command }) => command.includes('curl')) && 'curl is not installed';
  t.test(`the commands of ${page} print what it shows`, { skip, timeout: 60_000 }, async (t) => {
    const fences = readFences(page);
    const shell = openShell(t, fences);
    // Without a command that starts one, a page uses a server with the bundled fixtures.
    await shell.serve('harness-registry-mock');
    for (const { command, output } of steps) {
      if (/^Listening on \S+$/m.test(output)) {
        const shown = await shell.serve(command);
        t.ok(shown.endsWith(output), command, { found: shown, documented: output });
      } else {
        const found = await shell.run(command);
        t.ok(isLike(output, found), command, { found, documented: output } as object);
      }
    }
    for (const { file } of fences.filter(({ file }) => file?.endsWith('.test.mjs')))
      t.match(await shell.run(`node --test --test-reporter=tap ${file}`), /^# pass [1-9].*^# fail 0$/ms, String(file));
  });
}

t.test('every flag and variable that the docs name exists', async (t) => {
  const flags = [...OPTION_NAMES, 'versions', 'key', 'method', 'help', 'version'].map(flagOf);
  const variables = OPTION_NAMES.map(variableOf);
  for (const page of MANUAL) {
    for (const [, flag = ''] of readPage(page).matchAll(/`(--[\w-]+)/g)) t.ok(flags.includes(flag), `${page}: ${flag}`);
    const named = readPage(page).match(new RegExp(`${ENVIRONMENT_PREFIX}\\w+`, 'g')) ?? [];
    for (const variable of named) t.ok(variables.includes(variable), `${page}: ${variable}`);
  }
});

t.test('every script that a page names exists', async (t) => {
  const { scripts } = JSON.parse(readPage('package.json'));
  for (const page of PAGES) {
    for (const [command, run, name = run] of readPage(page).matchAll(/npm (?:run ([\w:-]+)|(start|test)\b)/g))
      t.ok(name && name in scripts, `${page}: ${command}`);
  }
});

t.test('every path that a page names exists', async (t) => {
  for (const page of PAGES) {
    for (const [path] of readPage(page).matchAll(/(?<!build\/)\b(?:src|test|deploy)\/[\w/.-]*\w/g))
      t.ok(existsSync(join(PROJECT, path)), `${page}: ${path}`);
  }
});

t.test('every link leads to a file and a heading', async (t) => {
  const toAnchor = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-');
  for (const page of PAGES) {
    for (const [, link = ''] of readPage(page).matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const [path = '', anchor] = link.split('#');
      const file = path === '' ? page : join(dirname(page), path);
      t.ok(existsSync(join(PROJECT, file)), `${page}: ${link}`);
      if (anchor === undefined) continue;
      const headings = [...readPage(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => toAnchor(heading));
      t.ok(headings.includes(anchor), `${page}: ${link}`);
    }
  }
});

t.test('the contract tools and clients are those that the suite runs', async (t) => {
  const page = 'docs/contract-tools.md';
  const results = [...readPage('contract-tests/results.md').matchAll(/^\| ([^|]+) \| [\d.]/gm)].map(([, tool]) => tool);
  t.strictSame(
    [...readTable('contract tools'), ...readTable('clients')].map(([tool]) => tool),
    results,
  );
  for (const { file = '', text } of readFences(page).filter((fence) => fence.file !== undefined)) {
    const path = new RegExp(`contract-tests/[\\w-]+/${file.replace('.', '\\.')}`).exec(readPage(page))?.[0] ?? '';
    t.equal(text, readPage(path), path);
  }
});

t.test('the files of the recipes fit the server and each other', async (t) => {
  const page = 'docs/recipes.md';
  const files = Object.fromEntries(readFences(page).map(({ file, text }) => [file, text]));
  const {
    'fixtures/shop.yaml': shop = '',
    '.github/workflows/test.yaml': workflow = '',
    'compose.yaml': compose = '',
    'registry.mjs': container,
  } = files;
  const port = String(OPTIONS.port.fallback);
  const [{ key }] = parse(shop).apiKeys;
  const { services, env, steps } = parse(workflow).jobs.test;
  t.strictSame(services.registry.ports, [`${port}:${port}`]);
  t.strictSame(env, { HARNESS_BASE_URL: `http://127.0.0.1:${port}`, HARNESS_API_KEY: key });
  t.match(steps[1].run, `'Authorization: Bearer ${services.registry.env[variableOf('adminToken')]}'`);
  t.match(steps[1].run, /-X PUT .* @fixtures\/shop\.yaml "\$HARNESS_BASE_URL\/__admin\/fixtures"/s);

  const { registry, app } = parse(compose).services;
  t.strictSame(registry.ports, [`127.0.0.1:${port}:${port}`]);
  t.strictSame(registry.volumes, [`./fixtures:${registry.environment[variableOf('fixtures')]}:ro`]);
  t.strictSame(app.environment, { HARNESS_BASE_URL: `http://registry:${port}`, HARNESS_API_KEY: key });
  t.strictSame(Object.keys(app.depends_on), ['registry']);
  t.match(container, `const PORT = ${port};`);
});

t.test('the README is short', async (t) => {
  t.ok(readPage('README.md').split('\n').length <= 251);
});
