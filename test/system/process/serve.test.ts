import { connect } from 'node:net';
import t from 'tap';
import { KEY, NGINX, NGINX_BODY } from '../../helper.js';
import { spawnBuild, spawnBuiltServer } from '../../spawn.js';

const get = (url: string) => fetch(url, { headers: { 'x-api-key': KEY } });

t.test('a silent server writes one line with its URL, and nothing else', async (t) => {
  const { run, url, port } = await spawnBuiltServer(t, '--log-level', 'silent');
  const response = await get(url + NGINX);
  t.equal(response.status, 200);
  t.strictSame(await response.json(), NGINX_BODY);
  t.equal((await get(`${url}/nowhere`)).status, 404);
  run.child.kill('SIGTERM');
  t.equal(await run.ended, 0);
  t.equal(run.stdout, `Listening on http://127.0.0.1:${port}\n`);
  t.equal(run.stderr, '');
});

t.test('logs are JSON lines; requests are logged if asked for, but never their keys', async (t) => {
  const { run, url } = await spawnBuiltServer(t, '--log-level', 'trace', '--log-requests', 'on');
  const canary = 'pat.canary.never.logged';
  t.equal(
    (await fetch(url + NGINX, { headers: { 'x-api-key': canary, authorization: `Bearer ${canary}` } })).status,
    401,
  );
  t.equal((await get(url + NGINX)).status, 200);
  run.child.kill('SIGTERM');
  t.equal(await run.ended, 0);
  const lines = run.stdout.trimEnd().split('\n');
  const logs = lines.filter((line) => !line.startsWith('Listening on ')).map((line) => JSON.parse(line));
  t.equal(logs.length, lines.length - 1);
  t.match(
    logs.find(({ msg }) => msg === 'started'),
    { level: 30, url },
  );
  t.match(logs.at(-1), { level: 30, msg: 'SIGTERM: closing' });
  t.match(
    logs.filter(({ msg }) => msg === 'request'),
    [
      { method: 'GET', target: NGINX, status: 401, reason: 'keyUnknown' },
      { method: 'GET', target: NGINX, status: 200, key: 'developer' },
    ],
  );
  t.notMatch(run.stdout, new RegExp(`${canary}|${KEY}`));
  t.equal(run.stderr, '');
});

t.test('a reader that closes the pipe does not stop the server', async (t) => {
  const { run, url } = await spawnBuiltServer(t, '--log-requests', 'on');
  run.child.stdout?.destroy();
  for (let request = 0; request < 3; request += 1) t.equal((await get(url + NGINX)).status, 200);
  run.child.kill('SIGTERM');
  t.equal(await run.ended, 0);
  t.equal(run.stderr, '');
});

t.test('by default no request is logged', async (t) => {
  const { run, url } = await spawnBuiltServer(t);
  t.equal((await get(url + NGINX)).status, 200);
  run.child.kill('SIGINT');
  t.equal(await run.ended, 0);
  const [first, second, third, ...more] = run.stdout.trimEnd().split('\n') as [string, string, string];
  t.match(JSON.parse(first), { msg: 'started', url, versions: 40 });
  t.equal(second, `Listening on ${url}`);
  t.equal(JSON.parse(third).msg, 'SIGINT: closing');
  t.strictSame(more, []);
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`${signal} ends it with exit code 0, even with open connections`, async (t) => {
    const { run, port } = await spawnBuiltServer(t, '--log-level', 'silent');
    const idle = connect(port, '127.0.0.1');
    const halfSent = connect(port, '127.0.0.1');
    const untouched = connect(port, '127.0.0.1');
    const ends = [idle, halfSent, untouched].map(
      (socket) => new Promise<void>((resolve) => socket.on('error', () => undefined).on('close', () => resolve())),
    );
    const answered = new Promise((resolve) => idle.once('data', resolve));
    idle.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    halfSent.write(`GET ${NGINX} HTTP/1.1\r\nHost: x\r\nx-api-`);
    t.match(String(await answered), /^HTTP\/1\.1 200 /);
    run.child.kill(signal);
    t.equal(await run.ended, 0);
    await Promise.all(ends);
    t.equal(run.stderr, '');
  });
}

t.test('a port in use is refused in one sentence, exit code 1', async (t) => {
  const { port } = await spawnBuiltServer(t, '--log-level', 'silent');
  for (const more of [[], ['--watch']]) {
    const second = spawnBuild(t, ['serve', '--port', String(port), '--log-level', 'silent', ...more]);
    t.equal(await second.ended, 1);
    const remedy = 'stop the other server, or choose another port with --port (0 picks a free one)';
    t.equal(second.stderr, `port ${port} on 127.0.0.1: is in use; ${remedy}\n`);
    t.equal(second.stdout, '');
  }
});

t.test('invalid fixtures stop the start with a message, exit code 1', async (t) => {
  const folder = t.testdir({ 'a.yaml': 'registries:\n  - ref: acme\n    packageType: NPM\n' });
  const run = spawnBuild(t, ['--port', '0', '--fixtures', folder]);
  t.equal(await run.ended, 1);
  t.equal(run.stdout, '');
  t.match(run.stderr, /^\S+\/a\.yaml:2:5: registries\[0\]\.ref: found "acme", expected account\[\/org.*\n$/);
});

t.test('an invalid flag has exit code 2', async (t) => {
  const run = spawnBuild(t, ['--auth', 'none'], { REGISTRY_MOCK_PORT: '0' });
  t.equal(await run.ended, 2);
  t.equal(run.stdout, '');
  t.equal(run.stderr, '--auth: found "none", expected one of strict, any, off\nTry harness-registry-mock --help\n');
});
