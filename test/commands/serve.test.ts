import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { bypassProxy } from '../../src/commands/exec.js';
import { type Io, loadServing } from '../../src/commands/io.js';
import { describeStart, formatBanner } from '../../src/commands/serve.js';
import { parseFlags } from '../../src/config/load.js';
import { OPTIONS } from '../../src/config/options.js';
import { startServer } from '../../src/server.js';
import { BUNDLED_FIXTURES, NAME, VERSION } from '../../src/util/package.js';
import { configure, KEY, NGINX, NGINX_BODY, seedStore } from '../helper.js';
import { Collector, HINT, run } from './run.js';

async function start(t: Test, ...args: string[]) {
  const config = configure(['--port', '0', ...args]);
  const server = await startServer(config, pino({ enabled: false }));
  t.teardown(() => server.close());
  return { url: server.url, port: server.port, banner: formatBanner(server), log: describeStart(server) };
}

/** Sends the request of a banner's curl command, with the given value of its variable; resolves with the status. */
async function tryCurl(banner: string, HARNESS_API_KEY = ''): Promise<number> {
  const pattern = /^ {2}try {5}curl (?:-H (?:'x-api-key: ([^']+)'|"x-api-key: (\$HARNESS_API_KEY)") )?'([^']+)'$/m;
  const curl = pattern.exec(banner);
  if (curl === null) throw new Error(`no curl in ${banner}`);
  const [, key, variable, url] = curl;
  const value = variable ? HARNESS_API_KEY : key;
  const { status } = await fetch(url as string, { headers: value ? { 'x-api-key': value } : {} });
  return status;
}

t.test('the banner shows counts, keys, pages and a curl command that gets a 200', async (t) => {
  const { url, banner } = await start(t);
  const [, title, serves, types, ...lines] = banner.split('\n');
  t.equal(title, `${NAME} ${VERSION}`);
  t.match(serves, /^ {2}serves {2}\d+ versions of \d+ artifacts in \d+ registries$/);
  t.match(types, /^ {10}[A-Z]+ \d+( · [A-Z]+ \d+)+$/);
  t.strictSame(lines, [
    '  auth    strict, 4 keys',
    `  docs    ${url}/docs`,
    `  admin   ${url}/__admin/docs`,
    `  try     curl -H 'x-api-key: ${KEY}' '${url}${NGINX}'`,
    '',
    '',
  ]);
  t.equal(await tryCurl(banner), 200);
});

t.test('the log line of the start says what is served, to whom, and from where', async (t) => {
  const { url, log } = await start(t);
  t.strictSame(log, {
    version: VERSION,
    url,
    registries: 14,
    artifacts: 24,
    versions: 40,
    auth: 'strict',
    usableKeys: 2,
    admin: 'on',
    adminReason: 'listening on loopback',
    fixtures: [BUNDLED_FIXTURES],
    store: 'memory',
  });
  const folder = t.testdir({ 'a.yaml': 'apiKeys: []', token: 'canary' });
  const db = join(folder, 'store.db');
  const file = join(folder, 'a.yaml');
  const beyond = ['--host', '0.0.0.0', '--fixtures', file];
  t.match((await start(t, ...beyond, '--db', db)).log, {
    versions: 0,
    usableKeys: 0,
    admin: 'off',
    adminReason: 'not listening on loopback',
    fixtures: [file],
    store: db,
  });
  const withToken = (await start(t, ...beyond, '--admin-token-file', join(folder, 'token'))).log;
  t.match(withToken, { admin: 'on', adminReason: 'token is set' });
  t.notMatch(JSON.stringify(withToken), 'canary');
  const server = await startServer(
    { ...configure(['--port', '0']), fixtures: [{ apiKeys: [] }] },
    pino({ enabled: false }),
  );
  t.teardown(() => server.close());
  t.match(describeStart(server), { fixtures: ['stdin'] });
});

t.test('the banner says whether the admin API is enabled', async (t) => {
  const off = await start(t, '--host', '0.0.0.0');
  t.match(off.banner, '\n  admin   off on an address beyond loopback; enable it with --admin-token\n');
  const { url, banner } = await start(t, '--host', '0.0.0.0', '--admin-token', 'canary');
  t.match(banner, `\n  admin   ${url}/__admin/docs (needs the token)\n`);
  t.notMatch(banner, 'canary');
});

t.test('the curl command of the banner fits the auth mode', async (t) => {
  const any = await start(t, '--auth', 'any');
  t.match(any.banner, '\n  auth    any\n');
  t.match(any.banner, `curl -H 'x-api-key: ${KEY}' '`);
  t.equal(await tryCurl(any.banner), 200);
  const off = await start(t, '--auth', 'off');
  t.match(off.banner, '\n  auth    off\n');
  t.match(off.banner, `curl '${off.url}`);
  t.equal(await tryCurl(off.banner), 200);
});

const OWN = `
registries:
  - { ref: a/m, packageType: MAVEN, artifacts: [{ name: "c:d", versions: [{ version: "1" }, { version: "2" }] }] }
  - { ref: a/n, packageType: NPM, artifacts: [{ name: "@x/y", versions: [{ version: "1" }] }] }
apiKeys:
  - { key: canary-key-text, name: canary-key-name, grants: [a] }
`;

t.test('the banner never shows a key that is not bundled', async (t) => {
  const folder = t.testdir({ 'own.yaml': OWN, 'more.yaml': 'apiKeys: []' });
  const own = ['--fixtures', join(folder, 'own.yaml')];
  const rows = [own, [...own, '--fixtures', join(folder, 'more.yaml')], [...own, '--db', join(folder, 'store.db')]];
  const counts =
    '  serves  3 versions of 2 artifacts in 2 registries\n          MAVEN 2 · NPM 1\n  auth    strict, 1 key\n';
  for (const args of rows) {
    const { url, banner } = await start(t, ...args);
    t.match(banner, counts);
    const path = '/har/api/v1/registry/a/n/+/artifact/%40x/y/+/version/1/details';
    t.match(banner, `curl -H "x-api-key: $HARNESS_API_KEY" '${url}${path}'`);
    t.equal(await tryCurl(banner, 'canary-key-text'), 200);
    t.equal(await tryCurl(banner, KEY), 401);
    t.notMatch(banner, /canary/);
  }
  const any = await start(t, ...own, '--auth', 'any');
  t.equal(await tryCurl(any.banner), 200);
  t.notMatch(any.banner, /canary/);
});

t.test('the banner does not assume the bundled key for a store in a file', async (t) => {
  const { banner } = await start(t, '--db', join(t.testdir(), 'store.db'));
  t.match(banner, 'curl -H "x-api-key: $HARNESS_API_KEY" \'');
  t.equal(await tryCurl(banner, KEY), 200);
});

t.test('without a version the banner has no curl command', async (t) => {
  const file = join(t.testdir({ 'a.yaml': 'apiKeys: []' }), 'a.yaml');
  const { url, banner } = await start(t, '--fixtures', file);
  t.match(banner, '\n  serves  0 versions of 0 artifacts in 0 registries\n');
  const auth = 'strict, no key: every request gets 401; add apiKeys to a fixture, or use --auth any';
  t.ok(banner.endsWith(`  auth    ${auth}\n  docs    ${url}/docs\n  admin   ${url}/__admin/docs\n\n`));
});

t.test('a URL of the banner is on one line and ends at a space, a quote or the end of the line', async (t) => {
  const { url, banner } = await start(t, '--host', '0.0.0.0', '--admin-token', 'x');
  const urls = banner.match(/https?:[^\s']*/g) ?? [];
  t.strictSame(urls, [`${url}/docs`, `${url}/__admin/docs`, url + NGINX]);
  for (const found of urls) t.ok(URL.canParse(found) && /[\w/]$/.test(found), found);
});

const APP = '{ "ref": "a/b", "packageType": "NPM", "artifacts": [{ "name": "c", "versions": [{ "version": "1" }] }] }';
const APP_KEY = '{ "key": "k", "name": "k", "grants": ["a"] }';
const APP_LINE = '{"registry":"a/b","packageType":"NPM","artifact":"c","version":"1"}';

t.test('words that are no flags are fixtures, and - is stdin', async (t) => {
  const folder = t.testdir({ 'a.json': `{"registries":[${APP}]}`, 'keys.yaml': `apiKeys: [${APP_KEY}]` });
  const [app, keys] = [join(folder, 'a.json'), join(folder, 'keys.yaml')];
  const both = `{"registries":[${APP}],"apiKeys":[${APP_KEY}]}`;
  const second = APP_LINE.replace('"1"', '"2"');
  const rows: [args: string[], text: string, versions: number, keys: number][] = [
    [[app, keys], '', 1, 1],
    [[folder], '', 1, 1],
    [['--fixtures', app, keys], '', 1, 1],
    [['--auth', 'off', app], '', 1, 0],
    [['-'], both, 1, 1],
    [['-', '-'], both, 1, 1],
    [['--fixtures', '-'], both.replace(',"apiKeys"', ',\n\n"apiKeys"'), 1, 1],
    [['--fixtures', '-', keys], `registries:\n  - ${APP}\n`, 1, 1],
    [['-', keys], APP_LINE, 1, 1],
    [['-', keys], `\uFEFF${APP_LINE}\n${second}\n\n`, 2, 1],
    [['-', app], second, 2, 0],
  ];
  for (const [args, text, ...counts] of rows) {
    const [stdout, stderr] = [new Collector(), new Collector()];
    const io: Io = {
      env: {},
      stdin: Readable.from([text]),
      stdout,
      stderr,
      on: () => {},
      exit: () => {},
    };
    const { fixtures } = await loadServing(parseFlags(args, OPTIONS), io);
    const { versions, keys: found } = seedStore(t, fixtures).summarise();
    t.strictSame([versions, found], counts, `${args.join(' ')} ${text}`);
  }
});

t.test('the start uses the fixtures of stdin, also for its key', async (t) => {
  const script = 'process.exit(process.env.HARNESS_API_KEY === "k" ? 7 : 8)';
  const stdin = `apiKeys: [${APP_KEY}]`;
  t.strictSame(await run(['exec', '-', ...node(script).slice(1)], PATH, false, stdin), {
    code: 7,
    stdout: '',
    stderr: '',
  });
});

const node = (script: string, ...args: string[]) => ['exec', '--', process.execPath, '-e', script, ...args];

const PATH = { PATH: process.env.PATH };

t.test('exec runs a command with the URL and a key in its environment', async (t) => {
  const file = `${t.testdir()}/answer.json`;
  const script = `
    const { HARNESS_BASE_URL: url, HARNESS_API_KEY: key, OWN: own } = process.env;
    fetch(url + process.argv[1], { headers: { 'x-api-key': key } })
      .then(async (r) => [r.status, await r.json(), key, own])
      .then((answer) => fs.writeFileSync(process.argv[2], JSON.stringify(answer)));`;
  const environment = { ...PATH, OWN: 'kept', REGISTRY_MOCK_PORT: '1', HARNESS_API_KEY: 'of another server' };
  t.strictSame(await run(node(script, NGINX, file), environment), { code: 0, stdout: '', stderr: '' });
  t.strictSame(JSON.parse(readFileSync(file, 'utf8')), [200, NGINX_BODY, KEY, 'kept']);
});

t.test('exec adds its host to the hosts without a proxy, in both spellings', async (t) => {
  const v4 = '127.0.0.1';
  const rows: [given: Record<string, string>, host: string, upper: string, lower?: string][] = [
    [{}, v4, v4],
    [{}, '[::1]', '::1,[::1]'],
    [{ NO_PROXY: '' }, v4, v4],
    [{ NO_PROXY: 'a.example' }, v4, `a.example,${v4}`],
    [{ no_proxy: 'a.example' }, v4, `a.example,${v4}`],
    [{ NO_PROXY: 'a', no_proxy: 'b' }, v4, `a,${v4}`, `b,${v4}`],
    [{ NO_PROXY: 'a', no_proxy: '' }, v4, `a,${v4}`, v4],
    [{ NO_PROXY: 'a b,' }, v4, `a b,,${v4}`],
    [{ NO_PROXY: '127.0.0.10' }, v4, `127.0.0.10,${v4}`],
    [{ NO_PROXY: '*' }, v4, '*'],
  ];
  for (const [given, host, upper, lower = upper] of rows) {
    t.strictSame(bypassProxy(given, host), { NO_PROXY: upper, no_proxy: lower }, JSON.stringify(given));
  }
  const file = `${t.testdir()}/proxies`;
  const script =
    'const { NO_PROXY, no_proxy } = process.env; fs.writeFileSync(process.argv[1], [NO_PROXY, no_proxy].join(" "))';
  t.strictSame(await run(node(script, file), { ...PATH, NO_PROXY: 'a' }), { code: 0, stdout: '', stderr: '' });
  t.equal(readFileSync(file, 'utf8'), `a,${v4} a,${v4}`);
});

/** How Windows would start a command, by the package that exec uses. */
function parseOnWindows(t: Test, folder: string, ...args: string[]) {
  const script = `
    Object.defineProperty(process, 'platform', { value: 'win32' });
    const { command, args, options } = require('cross-spawn')._parse(process.argv[1], process.argv.slice(2), {});
    console.log(JSON.stringify({ command, args, isVerbatim: options.windowsVerbatimArguments }));`;
  const env = { PATH: folder, PATHEXT: '.EXE;.CMD', comspec: 'cmd.exe' };
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script, ...args], { env, encoding: 'utf8' });
  t.equal(stderr, '');
  return JSON.parse(stdout);
}

t.test('on Windows, exec runs npm.cmd in cmd.exe, with quoted arguments, and a program by itself', async (t) => {
  const folder = t.testdir({ 'npm.cmd': '', 'go.exe': '' });
  t.strictSame(parseOnWindows(t, folder, `${folder}/npm.cmd`, 'run', 'a b&c|"d"%E%'), {
    command: 'cmd.exe',
    args: ['/d', '/s', '/c', `"${folder}/npm.cmd ^"run^" ^"a^ b^&c^|\\^"d\\^"^%E^%^""`],
    isVerbatim: true,
  });
  t.strictSame(parseOnWindows(t, folder, `${folder}/go.exe`, 'a b'), { command: `${folder}/go.exe`, args: ['a b'] });
});

t.test("exec accepts the flags of serve, and hides the caller's key", async (t) => {
  const folder = t.testdir({ 'a.yaml': 'registries: []\n' });
  const file = `${folder}/key`;
  const write = `fs.writeFileSync(process.argv[1], String(process.env.HARNESS_API_KEY))`;
  for (const [auth, key] of [
    ['strict', 'undefined'],
    ['any', 'any-key'],
    ['off', 'undefined'],
  ] as const) {
    const args = ['exec', '--fixtures', folder, '--auth', auth, '--', process.execPath, '-e', write, file];
    // It is printed although nothing is logged, because the command would have nothing but errors.
    const warning = 'no key: every request gets 401; add apiKeys to a fixture, or use --auth any\n';
    const stderr = auth === 'strict' ? warning : '';
    t.strictSame(await run(args, { ...PATH, HARNESS_API_KEY: 'mine' }), { code: 0, stdout: '', stderr }, auth);
    t.equal(readFileSync(file, 'utf8'), key, auth);
  }
});

t.test('exec exits as the command does', async (t) => {
  t.equal((await run(node('process.exit(3)'), PATH)).code, 3);
  t.equal((await run(node(`process.kill(process.pid, 'SIGKILL')`), PATH)).code, 137);
});

t.test('exec serves a filled store without its fixtures, as serve does', async (t) => {
  const db = `${t.testdir()}/store.db`;
  const script = `process.exit(process.env.HARNESS_API_KEY === undefined ? 5 : 6)`;
  const args = (fixtures: string) => ['exec', '--db', db, '--fixtures', fixtures, ...node(script).slice(1)];
  t.strictSame(await run(args(BUNDLED_FIXTURES), PATH), { code: 6, stdout: '', stderr: '' });
  t.strictSame(await run(args('nowhere'), PATH), { code: 5, stdout: '', stderr: '' });
});

t.test('exec logs no requests, unless they are asked for', async (t) => {
  const script = 'fetch(process.env.HARNESS_BASE_URL + "/nope").then(() => process.exit(0))';
  const exec = (...flags: string[]) => run(['exec', ...flags, ...node(script).slice(1)], PATH, true);
  for (const flags of [[], ['--log-requests', 'auto'], ['--log-requests', 'off']])
    t.strictSame(await exec(...flags), { code: 0, stdout: '', stderr: '' }, flags.join(' '));
  t.match((await exec('--log-requests', 'on')).stderr, /^404 GET \/nope {2}unknownRoute: .* ms\n$/);
});

t.test('exec leaves the flags after -- to the command', async (t) => {
  const script = 'process.exit(process.argv.length)';
  t.strictSame(await run(node(script, '--', '--version', '--help'), PATH), { code: 3, stdout: '', stderr: '' });
});

t.test('exec reports a missing command and one that cannot be started', async (t) => {
  const stderr = `exec: expected a command after --, such as exec -- npm test\n${HINT}`;
  for (const args of [['exec'], ['exec', 'npm', 'test'], ['exec', '--'], ['exec', '--', '', 'test']]) {
    t.strictSame(await run(args), { code: 2, stdout: '', stderr }, args.join(' '));
  }
  t.strictSame(await run(['exec', '--', './nowhere'], PATH), {
    code: 127,
    stdout: '',
    stderr: 'exec: cannot start ./nowhere (ENOENT); check its name and your PATH\n',
  });
});

/** Starts an HTTP server that answers with a listener; resolves with its port. */
async function listenWith(t: Test, listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

t.test('healthcheck exits with 0 for a ready server, found by flag or variable', async (t) => {
  const { port } = await start(t);
  const ready = { code: 0, stdout: `http://127.0.0.1:${port}/readyz: ready\n`, stderr: '' };
  t.strictSame(await run(['healthcheck', '--port', String(port)]), ready, 'flag');
  t.strictSame(await run(['healthcheck', `--port=${port}`, '--host', '0.0.0.0']), ready, 'bound to all addresses');
  t.strictSame(await run(['healthcheck'], { REGISTRY_MOCK_PORT: String(port) }), ready, 'variable');
});

t.test('healthcheck exits with 1 for a server that is not ready', async (t) => {
  for (const status of [503, 404, 204, 301]) {
    const targets: string[] = [];
    const port = await listenWith(t, (request, response) => {
      targets.push(`${request.method} ${request.url}`);
      response.writeHead(status, { location: '/elsewhere' }).end();
    });
    const stderr = `http://127.0.0.1:${port}/readyz: answers ${status}, expected 200\n`;
    t.strictSame(await run(['healthcheck', `--port=${port}`]), { code: 1, stdout: '', stderr }, String(status));
    t.strictSame(targets, ['GET /readyz']);
  }
});

t.test('healthcheck exits with 1 without an answer', async (t) => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port: free } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const rows: [port: number, reason: string][] = [
    [free, `connect ECONNREFUSED 127.0.0.1:${free}`],
    [await listenWith(t, (request) => request.socket.destroy()), 'socket hang up'],
    [await listenWith(t, () => undefined), 'no answer within 2000 ms'],
  ];
  for (const [port, reason] of rows) {
    const stderr = `http://127.0.0.1:${port}/readyz: does not answer (${reason})\n`;
    t.strictSame(await run(['healthcheck', `--port=${port}`]), { code: 1, stdout: '', stderr }, reason);
  }
});

t.test('healthcheck rejects port 0 and invalid flags, exit code 2', async (t) => {
  const rows: [string[], string][] = [
    [['--port', '0'], '--port: found "0", expected the port that the server listens on'],
    [['--prot', '1'], 'unknown flag --prot; did you mean "--port"?'],
    [['localhost'], 'unexpected argument "localhost"; healthcheck accepts flags only'],
  ];
  for (const [args, message] of rows) {
    t.strictSame(await run(['healthcheck', ...args]), { code: 2, stdout: '', stderr: `${message}\n${HINT}` }, message);
  }
});
