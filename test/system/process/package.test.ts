import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, resolve } from 'node:path';
import t from 'tap';
import { NGINX, NGINX_BODY } from '../../helper.js';
import { spawnProgram } from '../../spawn.js';
import { install, NAME, run } from '../install.js';

/** A program that prints the body of one answer; `load` loads the library. */
const program = (load: string) => `
  ${load}
  startMockServer().then(async (server) => {
    const response = await fetch(server.url + '${NGINX}', { headers: { 'x-api-key': server.apiKey } });
    console.log(await response.text());
    await server.close();
  });`;

t.test('the packed package can be imported and required, and has a command', async (t) => {
  const folder = install(t);
  writeFileSync(join(folder, 'use.mjs'), program(`import { startMockServer } from '${NAME}';`));
  writeFileSync(join(folder, 'use.cjs'), program(`const { startMockServer } = require('${NAME}');`));
  for (const file of ['use.mjs', 'use.cjs']) {
    t.strictSame(JSON.parse(run(t, folder, process.execPath, file)), NGINX_BODY, file);
  }
  const both = `
    import * as imported from '${NAME}';
    import { createRequire } from 'node:module';
    const required = createRequire(import.meta.url)('${NAME}');
    console.log(Object.keys(imported).join(), Object.keys(required).join(), imported.startMockServer === required.startMockServer);`;
  writeFileSync(join(folder, 'both.mjs'), both);
  t.equal(run(t, folder, process.execPath, 'both.mjs'), 'startMockServer startMockServer true\n', 'share one copy');

  const command = join(folder, 'node_modules', NAME, 'dist/cli.js');
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  t.equal(run(t, folder, process.execPath, command, '--version'), `${version}\n`);
  const fixtures = `node_modules/${NAME}/fixtures`;
  t.match(run(t, folder, process.execPath, command, 'validate', fixtures), /^valid: 14 registries/);
});

t.test('packages that a start does not need are not loaded', async (t) => {
  const folder = install(t);
  const list = `
    require('${NAME}').startMockServer().then(async (server) => {
      await server.close();
      const names = Object.keys(require.cache).map((file) => /.*node_modules.((?:@[^/]+.)?[^/]+)/.exec(file)?.[1]);
      console.log([...new Set(names)].join(' '));
    });`;
  writeFileSync(join(folder, 'list.cjs'), list);
  const loaded = run(t, folder, process.execPath, 'list.cjs').trim().split(' ');
  t.ok(loaded.includes('fastify'));
  for (const name of ['@fastify/swagger', '@fastify/swagger-ui', 'light-my-request', 'pino-pretty', 'prom-client'])
    t.notOk(loaded.includes(name), name);
});

/** Dependencies that are not imported, with the reason to depend on them. */
const PINNED = {
  'light-my-request': 'later versions need cookie 2, an ES module for Node 22, which Jest cannot require',
};

t.test('every dependency is used', async (t) => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const bundle = readFileSync('dist/bundle.js', 'utf8');
  const required = [...bundle.matchAll(/\brequire(?:\.resolve)?\("((?:@[^/"]+\/)?[^/"]+)[^"]*"\)/g)].map(
    ([, name = '']) => name,
  );
  const packages = new Set(required.filter((name) => !isBuiltin(name) && !name.startsWith('.')));
  t.strictSame([...packages, ...Object.keys(PINNED)].sort(), Object.keys(dependencies).sort());
});

const REMEDY = `better-sqlite3 does not load in Node ${process.version}; run "npm rebuild better-sqlite3"`;

for (const [damage, apply] of Object.entries({
  missing: (file: string) => rmSync(file),
  'built for another platform': (file: string) => writeFileSync(file, 'not a library'),
})) {
  t.test(`a native module that is ${damage} is one sentence, exit code 1`, async (t) => {
    const folder = install(t);
    const copy = join(folder, 'node_modules/better-sqlite3');
    rmSync(copy);
    cpSync(resolve('node_modules/better-sqlite3'), copy, {
      recursive: true,
      filter: (path) => !/better-sqlite3\/(deps|src|build\/Release\/obj)/.test(path),
    });
    cpSync(resolve('node_modules/bindings'), join(folder, 'node_modules/bindings'), { recursive: true });
    cpSync(resolve('node_modules/file-uri-to-path'), join(folder, 'node_modules/file-uri-to-path'), {
      recursive: true,
    });
    const file = join(copy, 'build/Release/better_sqlite3.node');
    t.ok(existsSync(file));
    apply(file);

    const command = join(folder, 'node_modules', NAME, 'dist/cli.js');
    const served = spawnProgram(t, process.execPath, [command, '--port', '0'], { NODE_OPTIONS: '' });
    t.equal(await served.ended, 1);
    t.equal(served.stderr, `${REMEDY}\n`);
    t.equal(served.stdout, '');
    writeFileSync(
      join(folder, 'use.cjs'),
      `require('${NAME}').startMockServer().catch((error) => console.log(error instanceof Error, error.message));`,
    );
    t.equal(run(t, folder, process.execPath, 'use.cjs'), `true ${REMEDY}\n`);
  });
}
