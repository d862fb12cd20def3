import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { pollUntil, spawnBuiltServer } from '../../spawn.js';
import { startLoad } from './load.js';

const CONNECTIONS = 256;
const ROUNDS = 5;

const target = (artifact: string) => `/har/api/v1/registry/a/b/+/artifact/${artifact}/version/1/details`;

/** Fixtures with an artifact that is always the same, another one of the given size, and 500 more. */
const fixture = (size: number) =>
  JSON.stringify({
    registries: [
      {
        ref: 'a/b',
        packageType: 'NPM',
        artifacts: ['same', 'other', ...Array.from({ length: 500 }, (_, index) => `more-${index}`)].map((name) => ({
          name,
          versions: [{ version: '1', size: name === 'other' ? size : 1_024 }],
        })),
      },
    ],
  });

const body = (name: string, size: string) =>
  JSON.stringify({
    status: 'SUCCESS',
    data: { version: '1', packageType: 'NPM', name, size, isQuarantined: false },
  });

const ASKED = [
  { target: target('same'), bodies: new Set([body('same', '1.00KB')]) },
  { target: target('other'), bodies: new Set([body('other', '1.00KB'), body('other', '2.00KB')]) },
];

t.test('no answer is wrong or missing while data is replaced and reset under load', async (t) => {
  const folder = t.testdir({ 'a.json': fixture(1_024) });
  const file = join(folder, 'a.json');
  const args = [
    '--auth',
    'off',
    '--fixtures',
    file,
    '--db',
    join(folder, 'store.db'),
    '--watch',
    '--log-level',
    'error',
  ];
  const { run, url, port } = await spawnBuiltServer(t, ...args);
  const load = startLoad(port, CONNECTIONS, ASKED);
  const isServed = (size: string) =>
    pollUntil(
      async () => (await fetch(url + target('other'))).text(),
      (text) => text === body('other', size),
    );
  const succeed = async (path: string, options: RequestInit) => {
    const headers = { 'content-type': 'application/json' };
    t.ok((await fetch(`${url}/__admin/${path}`, { headers, ...options })).ok, `${options.method} ${path}`);
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const size = (round % 2 === 0 ? 2 : 1) * 1_024;
    writeFileSync(join(folder, 'fresh'), fixture(size));
    renameSync(join(folder, 'fresh'), file);
    await isServed(`${size / 1_024}.00KB`);
    await succeed('fixtures', { method: 'PUT', body: fixture(3_072 - size) });
    await isServed(`${(3_072 - size) / 1_024}.00KB`);
    await succeed('reset', { method: 'POST' });
    await isServed(`${size / 1_024}.00KB`);
  }
  const { wrong, lost, answered } = await load.stop();
  t.strictSame({ wrong, lost }, { wrong: [], lost: 0 });
  t.ok(answered > CONNECTIONS);
  run.child.kill('SIGTERM');
  t.equal(await run.ended, 0);
  t.equal(run.stderr, '');
  t.equal(run.stdout, `Listening on ${url}\n`, 'nothing is logged as an error');
});
