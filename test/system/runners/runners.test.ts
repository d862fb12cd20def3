import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { formatPath } from '../../../src/api/spelling.js';
import { MANUAL, readFences } from '../../docs/page.js';
import { NGINX } from '../../helper.js';
import { install, NAME, run } from '../install.js';

const FOLDER = 'test/system/runners';

/** Creates a folder with the package, the runners, and the files of a page. */
function setUp(t: Test, page: string): string {
  const { dependencies } = JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8'));
  const folder = install(t, [...Object.keys(dependencies), '.bin'], FOLDER);
  for (const { file, text } of readFences(page)) if (file !== undefined) writeFileSync(join(folder, file), text);
  return folder;
}

const filesOf = (page: string) => readFences(page).flatMap(({ file = [] }) => file);

const NODE_TEST = /\.test\.[cm]?js$/;

for (const page of MANUAL.filter((page) => filesOf(page).some((file) => NODE_TEST.test(file)))) {
  t.test(`the tests of ${page} pass with node --test`, async (t) => {
    const folder = setUp(t, page);
    for (const file of filesOf(page).filter((file) => NODE_TEST.test(file)))
      t.match(
        run(t, folder, process.execPath, '--test', '--test-reporter=tap', file),
        /^# pass [1-9]\d*\n# fail 0$/m,
        file,
      );
  });
}

/** What the runners print for one test that passed. */
const REPORTS = { vitest: /Tests {2}1 passed/, playwright: /1 passed/, jest: /Tests: {7}1 passed/ };

t.test('the test of the manual passes in every runner that it names', async (t) => {
  const page = 'docs/test-runners.md';
  const folder = setUp(t, page);
  // As the manual says: the import is another one for Playwright, and Jest needs none.
  const test = readFileSync(join(folder, 'retry.vitest.mjs'), 'utf8');
  writeFileSync(join(folder, 'retry.playwright.mjs'), test.replace("'vitest'", "'@playwright/test'"));
  writeFileSync(join(folder, 'retry.jest.cjs'), test.replace(/^import .*/, ''));
  const commands = readFences(page).flatMap(({ language, text }) => (language === 'sh' ? text.trim().split('\n') : []));
  for (const [runner, report] of Object.entries(REPORTS)) {
    const [command = '', ...others] = commands.filter((command) => command.includes(runner));
    t.strictSame(others, [], `${runner} has one command`);
    t.match(run(t, folder, 'sh', '-c', `NO_COLOR=1 ${command}`), report, command);
  }
});

/** Finds a port that is free now. */
async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

t.test("Playwright's webServer.url and wait-on accept the base URL", async (t) => {
  const folder = install(t, ['@playwright/test', 'wait-on', '.bin'], FOLDER);
  const port = await findPort();
  const url = `http://127.0.0.1:${port}`;
  const command = `node node_modules/${NAME}/dist/cli.js --port ${port}`;
  const config = { testMatch: 'base.mjs', webServer: { command, url, timeout: 60_000 } };
  writeFileSync(join(folder, 'playwright.config.mjs'), `export default ${JSON.stringify(config)};`);
  const source = `
    import { execFileSync } from 'node:child_process';
    import { test } from '@playwright/test';
    test('waits', () => execFileSync('npx', ['wait-on', '--timeout', '20000', '${url}', '${url.replace('http', 'http-get')}']));`;
  writeFileSync(join(folder, 'base.mjs'), source);
  t.match(run(t, folder, 'npx', 'playwright', 'test'), /1 passed/);
});

t.test("Vite's proxy passes targets on as they are, and adds the key", async (t) => {
  const folder = setUp(t, 'docs/front-end.md');
  const source = `
    import { createServer } from 'vite';
    import { startMockServer } from '${NAME}';
    const mock = await startMockServer();
    process.env.HARNESS_BASE_URL = mock.url;
    const vite = await createServer({ server: { port: 0, host: '127.0.0.1' } });
    await vite.listen();
    const { port } = vite.httpServer.address();
    const encoded = ${JSON.stringify(formatPath({ ref: 'acme/platform/web/images', artifact: 'library/nginx', version: '1.25.3' }, 'encoded'))};
    for (const target of ['${NGINX}', encoded]) {
      const { status } = await fetch('http://127.0.0.1:' + port + target);
      console.log(status, mock.journal.list().at(-1).target === target);
    }
    await vite.close();
    await mock.close();`;
  writeFileSync(join(folder, 'proxy.mjs'), source);
  t.match(run(t, folder, process.execPath, 'proxy.mjs'), /200 true\n200 true\n/);
});

t.test("Jest's default setup can require the library, and use all of it", async (t) => {
  const folder = install(t, ['jest', '.bin'], FOLDER);
  writeFileSync(join(folder, 'a.yaml'), 'registries: [{ ref: a/b, packageType: NPM }]\n');
  const source = `
    const { startMockServer } = require('${NAME}');
    let server;
    beforeAll(async () => {
      server = await startMockServer({ watch: true, fixtures: ['node_modules/${NAME}/fixtures', 'a.yaml'] });
    });
    afterAll(() => server.close());
    test('serves', async () => {
      const headers = { 'x-api-key': server.apiKey };
      expect((await fetch(server.url + '${NGINX}', { headers })).status).toBe(200);
      expect((await server.inject('${NGINX}', { headers })).status).toBe(200);
    });
    test.each(['/openapi.yaml', '/docs', '/__admin/docs', '/__admin/metrics', '/__admin/explain?target=/a'])(
      'serves %s', async (path) => expect((await fetch(server.url + path)).status).toBe(200)
    );`;
  writeFileSync(join(folder, 'library.test.js'), source);
  t.match(run(t, folder, 'npx', 'jest'), /Tests: {7}6 passed/);
});
