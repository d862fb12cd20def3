import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import t from 'tap';
import { loadConfig } from '../../src/config/load.js';
import type { Config } from '../../src/config/options.js';
import { startServer } from '../../src/server.js';
import { KEY, NGINX } from '../helper.js';

const logger = pino({ enabled: false });

const config = (changes: Partial<Config> = {}): Config => ({ ...loadConfig(['--port', '0'], {}), ...changes });

t.test('a server tells where it answers from its own machine', async (t) => {
  const rows: [string, RegExp][] = [
    ['127.0.0.1', /^http:\/\/127\.0\.0\.1:\d+$/],
    ['0.0.0.0', /^http:\/\/127\.0\.0\.1:\d+$/],
    ['localhost', /^http:\/\/localhost:\d+$/],
  ];
  for (const [host, expected] of rows) {
    const server = await startServer(config({ host }), logger);
    t.match(server.url, expected, host);
    t.equal((await fetch(server.url + NGINX, { headers: { 'x-api-key': KEY } })).status, 200, host);
    await server.close();
    await t.rejects(fetch(`${server.url}/healthz`), `${host}: nothing listens any more`);
    t.notOk(server.store.isReadable(), `${host}: the store is closed`);
  }
});

t.test('an address that cannot be used is told in one sentence, and nothing is left open', async (t) => {
  const rows: [Partial<Config>, string][] = [
    [
      { host: '203.0.113.1' },
      'port 0 on 203.0.113.1: the address is not one of this machine; choose another with --host',
    ],
    [{ host: 'a b' }, 'port 0 on a b: the host is not known; choose another with --host'],
    [{ port: 65_536 }, 'port 65536 on 127.0.0.1: cannot be listened on (ERR_SOCKET_BAD_PORT)'],
  ];
  for (const [changes, message] of rows) {
    const folder = t.testdir();
    const refused = config({ ...changes, db: join(folder, 'store.db'), watch: true });
    await t.rejects(startServer(refused, logger), { message, exitCode: 1 }, message);
    t.strictSame(readdirSync(folder), ['store.db'], 'the store is closed, its journal is gone');
  }
});

t.test('bad fixtures leave a new store empty, so that the next start seeds it', async (t) => {
  const folder = t.testdir({ 'bad.yaml': 'registries: 1' });
  const db = join(folder, 'store.db');
  const bad = startServer(config({ db, fixtures: [join(folder, 'bad.yaml')] }), logger);
  await t.rejects(bad, {
    message: /^.*bad\.yaml:1:1: registries: found 1, expected a list of registries$/,
    exitCode: 1,
  });
  const server = await startServer(config({ db }), logger);
  t.equal(server.store.summarise().versions, 40);
  await server.close();
});

t.test('a store that cannot be used is told, exit code 1', async (t) => {
  const folder = t.testdir({ 'text.db': 'this is no database, but long enough to be asked for a header'.repeat(20) });
  const broken = startServer(config({ db: join(folder, 'text.db') }), logger);
  await t.rejects(broken, { message: /text\.db: it is not a SQLite database/, exitCode: 1 });
});
