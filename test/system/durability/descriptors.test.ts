import { connect, type Socket } from 'node:net';
import t from 'tap';
import { KEY, NGINX, NGINX_BODY } from '../../helper.js';
import { pollUntil, spawnProgram } from '../../spawn.js';

const OPEN_FILES = 128;

t.test('a server that ran out of file descriptors accepts connections again once there are free ones', async (t) => {
  const command = `unset NODE_OPTIONS; ulimit -n ${OPEN_FILES}; exec "$0" dist/cli.js --port 0`;
  const run = spawnProgram(t, 'sh', ['-c', command, process.execPath]);
  const [, port] = await run.until(/^Listening on http:\/\/.*:(\d+)\n/m);
  const clients = await Promise.all(Array.from({ length: 2 * OPEN_FILES }, () => open(Number(port))));
  t.teardown(() => clients.map((client) => client.destroy()));
  await pollUntil(
    async () => clients.filter((client) => !client.destroyed).length,
    (connected) => connected < OPEN_FILES,
  );
  for (const client of clients) client.destroy();
  const answer = await pollUntil(
    () => fetch(`http://127.0.0.1:${port}${NGINX}`, { headers: { 'x-api-key': KEY } }).catch(() => undefined),
    (answer) => answer !== undefined,
  );
  t.equal(answer?.status, 200);
  t.strictSame(await answer?.json(), NGINX_BODY);
  run.child.kill('SIGTERM');
  t.equal(await run.ended, 0);
  t.equal(run.stderr, '');
});

/** Connects a client; resolves once it is connected or refused. */
function open(port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', () => resolve(socket));
    socket.on('data', () => {});
  });
}
