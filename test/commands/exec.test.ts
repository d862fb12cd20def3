import { readFileSync } from 'node:fs';
import t from 'tap';
import { BUNDLED_FIXTURES } from '../../src/package.js';
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

t.test('takes the flags of serve, and leaves the command no key of another server', async (t) => {
  const folder = t.testdir({ 'a.yaml': 'registries: []\n' });
  const file = `${folder}/key`;
  const write = `fs.writeFileSync(process.argv[1], String(process.env.HARNESS_API_KEY))`;
  for (const [auth, key] of [
    ['strict', 'undefined'],
    ['any', 'any-key'],
    ['off', 'undefined'],
  ] as const) {
    const args = ['exec', '--fixtures', folder, '--auth', auth, '--', process.execPath, '-e', write, file];
    t.strictSame(await run(args, { ...PATH, HARNESS_API_KEY: 'mine' }), { code: 0, stdout: '', stderr: '' }, auth);
    t.equal(readFileSync(file, 'utf8'), key, auth);
  }
});

t.test('exits as the command does', async (t) => {
  t.equal((await run(node('process.exit(3)'), PATH)).code, 3);
  t.equal((await run(node(`process.kill(process.pid, 'SIGKILL')`), PATH)).code, 137);
});

t.test('serves a kept store without its fixtures, as serve does', async (t) => {
  const db = `${t.testdir()}/store.db`;
  const script = `process.exit(process.env.HARNESS_API_KEY === undefined ? 5 : 6)`;
  const args = (fixtures: string) => ['exec', '--db', db, '--fixtures', fixtures, ...node(script).slice(1)];
  t.strictSame(await run(args(BUNDLED_FIXTURES), PATH), { code: 6, stdout: '', stderr: '' });
  t.strictSame(await run(args('nowhere'), PATH), { code: 5, stdout: '', stderr: '' });
});

t.test('leaves the flags behind -- to the command', async (t) => {
  const script = 'process.exit(process.argv.length)';
  t.strictSame(await run(node(script, '--', '--version', '--help'), PATH), { code: 3, stdout: '', stderr: '' });
});

t.test('says what is wrong with its usage, and what cannot be started', async (t) => {
  const expected = 'exec: expected a command behind --, such as exec -- npm test\nTry harness-registry-mock --help\n';
  for (const args of [['exec'], ['exec', 'npm', 'test'], ['exec', '--'], ['exec', '--', '', 'test']]) {
    t.strictSame(await run(args), { code: 2, stdout: '', stderr: expected }, args.join(' '));
  }
  t.strictSame(await run(['exec', '--', './nowhere'], PATH), {
    code: 127,
    stdout: '',
    stderr: 'exec: ./nowhere cannot be started (ENOENT); check its name and your PATH\n',
  });
});
