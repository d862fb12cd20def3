import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { writeFixtures } from '../../src/seed/write.js';
import { openStore } from '../../src/store/store.js';
import { KEY, NGINX } from '../helper.js';
import { HINT, run } from './run.js';

const USAGE = 'explain: expected one URL, or one target that starts with a slash such as /har/api/v1/…';

const explain = (args: string[], environment = {}) => run(['explain', ...args], environment);

/** The marks and names of the steps in an output, such as `ok route`. */
const listSteps = (stdout: string) =>
  [...stdout.matchAll(/^(ok|no) {2}(\w+) {2,}\S/gm)].map(([, mark, step]) => `${mark} ${step}`);

t.test('prints the steps, the answer and the advice', async (t) => {
  const good = await explain([NGINX, '--key', KEY]);
  t.strictSame([good.code, good.stderr], [0, '']);
  t.match(good.stdout, /^ok {2}key +key developer$/m);
  t.ok(good.stdout.endsWith('\n\n200 SUCCESS\n'), good.stdout);
  t.ok(listSteps(good.stdout).length > 5);
  t.ok(listSteps(good.stdout).every((step) => step.startsWith('ok ')));

  const bad = await explain([`http://127.0.0.1:8650${NGINX}/`, `--key=${KEY}`]);
  t.strictSame([bad.code, bad.stderr], [1, '']);
  t.equal(listSteps(bad.stdout).at(-1), 'no route');
  t.match(bad.stdout, /\n\n404 Route not found\n.+\n$/);
});

t.test('reads the key from the flag, or else from the variable, and never prints it', async (t) => {
  const key = { HARNESS_API_KEY: KEY };
  const rows: [args: string[], environment: object, code: number, line: RegExp][] = [
    [[NGINX], key, 0, /^ok {2}key +key developer$/m],
    [['--key', 'sat.acme.web.local', NGINX], key, 0, /^ok {2}key +key web-pipeline$/m],
    [[NGINX, `--key= ${KEY} `], {}, 0, /^ok {2}key +key developer$/m],
    [[NGINX], {}, 1, /^no {2}key /m],
    [[NGINX, '--key', ''], key, 1, /^no {2}key /m],
    [[NGINX, '--key', 'canary'], {}, 1, /^401 unauthorized$/m],
    [[NGINX, '--key', 'canary', '--auth', 'any'], {}, 0, /^200 SUCCESS$/m],
    [['--auth=off', NGINX], {}, 0, /^200 SUCCESS$/m],
    [[NGINX, '--method', 'POST'], key, 1, /^405 Method not allowed$/m],
    [[NGINX], { REGISTRY_MOCK_AUTH: 'off' }, 0, /^200 SUCCESS$/m],
  ];
  for (const [args, environment, code, line] of rows) {
    const outcome = await explain(args, environment);
    t.equal(outcome.code, code, args.join(' '));
    t.match(outcome.stdout, line);
    t.notMatch(JSON.stringify(outcome), /canary|pat\.acme|sat\.acme/);
  }
});

t.test('finds a key beyond ASCII, in the encoding of a header', async (t) => {
  const document = { apiKeys: [{ key: 'schlüssel', name: 'k', grants: ['acme'] }] };
  const folder = t.testdir({ 'k.json': JSON.stringify(document) });
  const { stdout } = await explain([NGINX, '--key', 'schlüssel', '--fixtures', folder]);
  t.match(stdout, /^ok {2}key +key k$/m);
  t.match(stdout, /^404 Registry not found$/m);
});

t.test('escapes control characters', async (t) => {
  const fault = { code: 503, message: 'down\u001b[31m\nok  key' };
  const artifacts = [{ name: 'x', versions: [{ version: '1', fault }] }];
  const registries = [{ ref: 'a/b', packageType: 'NPM', artifacts }];
  const folder = t.testdir({ 'r.json': JSON.stringify({ registries }) });
  const target = '/har/api/v1/registry/a/b/+/artifact/x/version/1/details';
  const { stdout, code } = await explain([target, '--auth', 'off', '--fixtures', folder]);
  t.equal(code, 1);
  t.match(stdout, '\n503 down\\u001b[31m\\nok  key\n');
  t.notMatch(stdout, '\u001b');
});

t.test('reads a store file that has data, and creates none', async (t) => {
  const folder = t.testdir({ 'empty.db': '' });
  const filled = join(folder, 'filled.db');
  const cleared = join(folder, 'cleared.db');
  const store = openStore(filled);
  writeFixtures([{ registries: [{ ref: 'a/b', packageType: 'NPM' as const }] }], store.seed);
  store.close();
  openStore(cleared).close();

  const target = '/har/api/v1/registry/a/x/+/artifact/x/version/1/details';
  const rows: [file: string, nearest: RegExp][] = [
    [filled, /\ba\/b\n$/],
    [cleared, /\bacme\//],
    [join(folder, 'empty.db'), /\bacme\//],
    [join(folder, 'none.db'), /\bacme\//],
  ];
  for (const [file, nearest] of rows) {
    const { code, stdout } = await explain([target, '--auth', 'off', '--db', file]);
    t.equal(code, 1, file);
    t.match(stdout.split('\n\n')[1], nearest);
  }
  t.notOk(existsSync(join(folder, 'none.db')));
});

t.test('rejects a usage error without printing a possible key, exit code 2', async (t) => {
  const rows: [args: string[], message: string][] = [
    [[], USAGE],
    [['canary'], USAGE],
    [[NGINX, 'canary'], USAGE],
    [['ftp://h/x'], USAGE],
    [['--kye', 'canary', NGINX], 'unknown flag --kye; did you mean "--key"?'],
    [['--kye=canary', NGINX], 'unknown flag --kye; did you mean "--key"?'],
    [['-k', 'canary', NGINX], 'unknown flag -k'],
    [[NGINX, '--key'], '--key: expected a value after it'],
    [[NGINX, '--key', '--method', 'canary'], '--key: expected a value after it'],
    [[NGINX, '--port', 'x'], '--port: found "x", expected a whole number from 0 to 65535'],
  ];
  for (const [args, message] of rows) {
    t.strictSame(await explain(args), { code: 2, stdout: '', stderr: `${message}\n${HINT}` }, args.join(' '));
  }
});

t.test('reports fixtures that cannot be served, exit code 1', async (t) => {
  const { code, stdout, stderr } = await explain([NGINX, '--key', 'canary', '--fixtures', 'none.yaml']);
  t.strictSame([code, stdout], [1, '']);
  t.match(stderr, /^none\.yaml: does not exist/);
});
