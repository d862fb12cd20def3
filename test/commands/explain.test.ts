import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadFixtures } from '../../src/fixtures/load.js';
import { openStore } from '../../src/store/store.js';
import { KEY, NGINX } from '../helper.js';
import { run } from './run.js';

const HINT = 'Try harness-registry-mock --help\n';

const USAGE = 'explain: expected one URL, or one target that starts with a slash such as /har/api/v1/…';

const explain = (args: string[], environment = {}) => run(['explain', ...args], environment);

t.test('prints the steps, the answer and the advice', async (t) => {
  const good = await explain([NGINX, '--key', KEY]);
  t.strictSame(
    { ...good, stdout: good.stdout.split('\n') },
    {
      code: 0,
      stderr: '',
      stdout: [
        'ok  target        can be decoded',
        'ok  route         registry_ref acme/platform/web/images (spelling: published), artifact library/nginx (spelling: published), version 1.25.3',
        'ok  method        GET',
        'ok  key           key developer',
        'ok  syntax        all parameters are well-formed',
        'ok  grant         acme covers acme/platform/web/images',
        'ok  registry      acme/platform/web/images, DOCKER',
        'ok  artifactType  none is asked for',
        'ok  artifact      library/nginx',
        'ok  version       1.25.3',
        'ok  child         none is asked for',
        'ok  fault         none: 200 SUCCESS',
        '',
        '200 SUCCESS',
        '',
      ],
    },
  );

  t.strictSame(await explain([`http://127.0.0.1:8650${NGINX}/`, `--key=${KEY}`]), {
    code: 1,
    stderr: '',
    stdout: [
      'ok  target  can be decoded',
      'no  route   is not a path of the API',
      '',
      '404 Route not found',
      `nothing follows details: ${NGINX}`,
      '',
    ].join('\n'),
  });
});

t.test('takes the key of the flag, or else of the variable', async (t) => {
  const key = { HARNESS_API_KEY: KEY };
  const rows: [args: string[], environment: object, code: number, line: RegExp][] = [
    [[NGINX], key, 0, /^ok {2}key +key developer$/m],
    [['--key', 'sat.acme.web.local', NGINX], key, 0, /^ok {2}key +key web-pipeline$/m],
    [[NGINX, `--key= ${KEY} `], {}, 0, /^ok {2}key +key developer$/m],
    [[NGINX], {}, 1, /^no {2}key +there is none$/m],
    [[NGINX, '--key', ''], key, 1, /^no {2}key +there is none$/m],
    [[NGINX, '--key', 'canary'], {}, 1, /^401 unauthorized$/m],
    [[NGINX, '--key', 'canary', '--auth', 'any'], {}, 0, /^200 SUCCESS$/m],
    [['--auth=off', NGINX], {}, 0, /^200 SUCCESS$/m],
    [[NGINX, '--method', 'post'], key, 1, /^405 Method not allowed$/m],
    [[NGINX], { ...key, REGISTRY_MOCK_AUTH: 'off' }, 0, /auth off/],
    [['/healthz'], key, 1, /^not explained$/m],
  ];
  for (const [args, environment, code, line] of rows) {
    const outcome = await explain(args, environment);
    t.equal(outcome.code, code, args.join(' '));
    t.match(outcome.stdout, line);
    t.notMatch(JSON.stringify(outcome), /canary|pat\.acme|sat\.acme/);
  }
});

t.test('a key beyond ASCII is found as a header brings it', async (t) => {
  const document = { apiKeys: [{ key: 'schlüssel', name: 'k', grants: ['acme'] }] };
  const folder = t.testdir({ 'k.json': JSON.stringify(document) });
  const { stdout } = await explain([NGINX, '--key', 'schlüssel', '--fixtures', folder]);
  t.match(stdout, /^ok {2}key +key k$/m);
  t.match(stdout, /^404 Registry not found\nthere are no registries to choose from$/m);
});

t.test('a terminal is not given control characters', async (t) => {
  const fault = { code: 503, message: 'down\u001b[31m\nok  key' };
  const registries = [
    { ref: 'a/b', packageType: 'NPM', artifacts: [{ name: 'x', versions: [{ version: '1', fault }] }] },
  ];
  const folder = t.testdir({ 'r.json': JSON.stringify({ registries }) });
  const target = '/har/api/v1/registry/a/b/+/artifact/x/version/1/details';
  const { stdout, code } = await explain([target, '--auth', 'off', '--fixtures', folder]);
  t.equal(code, 1);
  t.match(stdout, '\n503 down [31m ok  key\n');
  t.notMatch(stdout, '\u001b');
});

t.test('explains a store that holds data, and makes none', async (t) => {
  const folder = t.testdir({ 'empty.db': '' });
  const filled = join(folder, 'filled.db');
  const cleared = join(folder, 'cleared.db');
  const store = openStore(filled);
  const registries = [{ ref: 'a/b', packageType: 'NPM' as const }];
  loadFixtures(store, [{ registries }]);
  store.close();
  openStore(cleared).close();

  const target = '/har/api/v1/registry/a/x/+/artifact/x/version/1/details';
  const rows: [file: string, advice: RegExp][] = [
    [filled, /^nearest known registries: a\/b\n$/m],
    [cleared, /^nearest known registries: acme/m],
    [join(folder, 'empty.db'), /^nearest known registries: acme/m],
    [join(folder, 'none.db'), /^nearest known registries: acme/m],
  ];
  for (const [file, advice] of rows) {
    const { code, stdout } = await explain([target, '--auth', 'off', '--db', file]);
    t.equal(code, 1, file);
    t.match(stdout, advice);
  }
  t.notOk(existsSync(join(folder, 'none.db')));
});

t.test('tells a mistake in the usage, and never what may be a key', async (t) => {
  const rows: [args: string[], message: string][] = [
    [[], USAGE],
    [['canary'], USAGE],
    [[NGINX, 'canary'], USAGE],
    [['ftp://h/x'], USAGE],
    [['--kye', 'canary', NGINX], 'unknown flag --kye'],
    [['--kye=canary', NGINX], 'unknown flag --kye'],
    [['-k', 'canary', NGINX], 'unknown flag -k'],
    [[NGINX, '--key'], '--key: expected a value behind it'],
    [[NGINX, '--key', '--method', 'canary'], '--key: expected a value behind it'],
    [[NGINX, '--port', 'x'], '--port: found "x", expected a whole number from 0 to 65535'],
    [[NGINX, '--key', 'canary', '--watch', '--config', 'none.yaml'], 'config file none.yaml: does not exist'],
  ];
  for (const [args, message] of rows) {
    t.strictSame(await explain(args), { code: 2, stdout: '', stderr: `${message}\n${HINT}` }, args.join(' '));
  }
});

t.test('fixtures that cannot be served are told, exit code 1', async (t) => {
  const { code, stdout, stderr } = await explain([NGINX, '--key', 'canary', '--fixtures', 'none.yaml']);
  t.equal(code, 1);
  t.equal(stdout, '');
  t.equal(stderr, 'none.yaml: does not exist; expected a fixture file or a folder of them\n');
});
