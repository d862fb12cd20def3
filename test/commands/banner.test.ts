import { join } from 'node:path';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { formatBanner } from '../../src/commands/banner.js';
import { loadConfig } from '../../src/config/load.js';
import { NAME, VERSION } from '../../src/package.js';
import { startServer } from '../../src/server.js';
import { KEY, NGINX } from '../helper.js';

async function start(t: Test, ...args: string[]) {
  const config = loadConfig(['--port', '0', ...args], {});
  const server = await startServer(config, pino({ enabled: false }));
  t.teardown(() => server.close());
  return { url: server.url, banner: formatBanner(config, server) };
}

/** Asks as the curl of a banner would, with the given value of its variable; returns the status. */
async function tryCurl(banner: string, HARNESS_API_KEY = ''): Promise<number> {
  const curl = /^ {2}try {5}curl (?:-H (?:'x-api-key: ([^']+)'|"x-api-key: (\$HARNESS_API_KEY)") )?'([^']+)'$/m.exec(
    banner,
  );
  if (curl === null) throw new Error(`no curl in ${banner}`);
  const [, key, variable, url] = curl;
  const value = variable ? HARNESS_API_KEY : key;
  const { status } = await fetch(url as string, { headers: value ? { 'x-api-key': value } : {} });
  return status;
}

const OWN = `
registries:
  - { ref: a/m, packageType: MAVEN, artifacts: [{ name: "c:d", versions: [{ version: "1" }, { version: "2" }] }] }
  - { ref: a/n, packageType: NPM, artifacts: [{ name: "@x/y", versions: [{ version: "1" }] }] }
apiKeys:
  - { key: canary-key-text, name: canary-key-name, grants: [a] }
`;

t.test('tells the counts by package type, the keys, the page, and a curl that answers 200', async (t) => {
  const { url, banner } = await start(t);
  const types =
    'GENERIC 22 · DOCKER 5 · HUGGINGFACE 3 · MAVEN 2 · NPM 2 · CARGO 1 · GO 1 · HELM 1 · NUGET 1 · PYTHON 1 · RPM 1';
  t.strictSame(banner.split('\n'), [
    '',
    `${NAME} ${VERSION}`,
    '  serves  40 versions of 24 artifacts in 14 registries',
    `          ${types}`,
    '  auth    strict, 4 keys',
    `  docs    ${url}/docs`,
    `  admin   ${url}/__admin/docs`,
    `  try     curl -H 'x-api-key: ${KEY}' '${url}${NGINX}'`,
    '',
    '',
  ]);
  t.equal(await tryCurl(banner), 200);
});

t.test('tells who may use the admin API', async (t) => {
  const closed = await start(t, '--host', '0.0.0.0');
  t.match(closed.banner, '\n  admin   off beyond loopback; --admin-token opens it\n');
  const { url, banner } = await start(t, '--host', '0.0.0.0', '--admin-token', 'canary');
  t.match(banner, `\n  admin   ${url}/__admin/docs, with the token\n`);
  t.notMatch(banner, 'canary');
});

t.test('the curl asks as the auth mode wants', async (t) => {
  const any = await start(t, '--auth', 'any');
  t.match(any.banner, '\n  auth    any\n');
  t.match(any.banner, `curl -H 'x-api-key: ${KEY}' '`);
  t.equal(await tryCurl(any.banner), 200);
  const off = await start(t, '--auth', 'off');
  t.match(off.banner, '\n  auth    off\n');
  t.match(off.banner, `curl '${off.url}`);
  t.equal(await tryCurl(off.banner), 200);
});

t.test('keys that are not the bundled ones are asked of the person, and never printed', async (t) => {
  const folder = t.testdir({ 'own.yaml': OWN, 'more.yaml': 'apiKeys: []' });
  const own = ['--fixtures', join(folder, 'own.yaml')];
  const rows = [own, [...own, '--fixtures', join(folder, 'more.yaml')], [...own, '--db', join(folder, 'store.db')]];
  for (const args of rows) {
    const { url, banner } = await start(t, ...args);
    t.match(
      banner,
      '\n  serves  3 versions of 2 artifacts in 2 registries\n          MAVEN 2 · NPM 1\n  auth    strict, 1 key\n',
    );
    t.match(
      banner,
      `curl -H "x-api-key: $HARNESS_API_KEY" '${url}/har/api/v1/registry/a/m/+/artifact/c%3Ad/version/1/details'`,
    );
    t.equal(await tryCurl(banner, 'canary-key-text'), 200);
    t.equal(await tryCurl(banner, KEY), 401);
    t.notMatch(banner, /canary/);
  }
  const any = await start(t, ...own, '--auth', 'any');
  t.equal(await tryCurl(any.banner), 200);
  t.notMatch(any.banner, /canary/);
});

t.test('a store in a file may hold other keys than the bundled ones', async (t) => {
  const { banner } = await start(t, '--db', join(t.testdir(), 'store.db'));
  t.match(banner, 'curl -H "x-api-key: $HARNESS_API_KEY" \'');
  t.equal(await tryCurl(banner, KEY), 200);
});

t.test('without a version that one request can name there is no curl', async (t) => {
  const file = join(t.testdir({ 'a.yaml': 'apiKeys: []' }), 'a.yaml');
  const { url, banner } = await start(t, '--fixtures', file);
  t.match(banner, '\n  serves  0 versions of 0 artifacts in 0 registries\n');
  const auth = 'strict, no key: all requests get 401; give apiKeys in a fixture, or --auth any';
  t.ok(banner.endsWith(`  auth    ${auth}\n  docs    ${url}/docs\n  admin   ${url}/__admin/docs\n\n`));
});
