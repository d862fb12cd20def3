import { connect, type Socket } from 'node:net';
import t from 'tap';
import { KEY, NGINX, NGINX_BODY } from '../helper.js';
import { pollUntil, spawnProgram } from '../process/run.js';

const OPEN_FILES = 128;

t.test('a server without a free descriptor serves on, and accepts again once there are some', async (t) => {
  const command = `unset NODE_OPTIONS; ulimit -n ${OPEN_FILES}; exec "$0" dist/cli.js --port 0`;
  const run = spawnProgram(t, 'sh', ['-c', command, process.execPath]);
  const [, port] = await run.until(/^Listening on http:\/\/.*:(\d+)\n/m);
  const clients = await Promise.all(Array.from({ length: 2 * OPEN_FILES }, () => open(Number(port))));
  t.teardown(() => clients.map((client) => client.destroy()));
  const isHeld = (client: Socket) => !client.destroyed;
  await pollUntil(
    async () => clients.filter(isHeld).length,
    (held) => held < OPEN_FILES,
  );
  t.match(JSON.parse((await run.until(/^.*closed unanswered.*$/m))[0]), {
    level: 40,
    msg: /^connections closed unanswered: \d+; 64 are open, raise the limit of open files$/,
  });

  // What is read from files for the first time now has its descriptors still.
  const held = clients.find(isHeld) as Socket;
  for (const path of ['/docs', '/__admin/metrics', '/healthz'])
    t.match(await askOver(held, path), /^HTTP\/1\.1 200 OK\r\n/, path);

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

/** Asks for a path over a connection that stays open; resolves with the head of the answer. */
async function askOver(socket: Socket, path: string): Promise<string> {
  let text = '';
  const collect = (chunk: Buffer) => {
    text += chunk;
  };
  socket.on('data', collect).write(`HEAD ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  await pollUntil(
    async () => text,
    (text) => text.includes('\r\n\r\n'),
  );
  socket.off('data', collect);
  return text;
}
