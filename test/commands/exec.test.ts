import { readFileSync } from 'node:fs';
import t from 'tap';
import { KEY, NGINX, NGINX_BODY } from '../helper.js';
import { run } from './run.js';

const node = (script: string, ...args: string[]) => ['exec', '--', process.execPath, '-e', script, ...args];

const PATH = { PATH: process.env.PATH };

t.test('runs a command that finds the server and a key in its environment', async (t) => {
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

t.test('takes the flags of serve, and keeps the key of the environment where the fixtures have none', async (t) => {
  const folder = t.testdir({ 'a.yaml': 'registries: []\n' });
  const script = `process.exit(process.env.HARNESS_API_KEY === 'mine' ? 5 : 6)`;
  const args = ['exec', '--fixtures', folder, '--', process.execPath, '-e', script];
  t.strictSame(await run(args, { ...PATH, HARNESS_API_KEY: 'mine' }), { code: 5, stdout: '', stderr: '' });
});

t.test('exits as the command does', async (t) => {
  t.equal((await run(node('process.exit(3)'), PATH)).code, 3);
  t.equal((await run(node(`process.kill(process.pid, 'SIGKILL')`), PATH)).code, 137);
});

t.test('closes the server when a kept store goes with fixtures that cannot be read', async (t) => {
  const db = `${t.testdir()}/store.db`;
  const args = ['exec', '--db', db, ...node('').slice(1)];
  t.equal((await run(args, PATH)).code, 0);
  t.strictSame(await run([...args.slice(0, 3), '--fixtures', 'nowhere', ...args.slice(3)], PATH), {
    code: 1,
    stdout: '',
    stderr: 'nowhere: does not exist; expected a fixture file or a folder of them\n',
  });
});

t.test('leaves the flags behind -- to the command', async (t) => {
  const script = 'process.exit(process.argv.length)';
  t.strictSame(await run(node(script, '--', '--version', '--help'), PATH), { code: 3, stdout: '', stderr: '' });
});

t.test('says what is wrong with its usage, and what cannot be started', async (t) => {
  const expected = 'exec: expected a command behind --, such as exec -- npm test\nTry harness-registry-mock --help\n';
  for (const args of [['exec'], ['exec', 'npm', 'test'], ['exec', '--']]) {
    t.strictSame(await run(args), { code: 2, stdout: '', stderr: expected }, args.join(' '));
  }
  t.strictSame(await run(['exec', '--', './nowhere'], PATH), {
    code: 127,
    stdout: '',
    stderr: 'exec: ./nowhere cannot be started (ENOENT); check its name and your PATH\n',
  });
});
