import { connect, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { KEY, NGINX, NGINX_BODY } from '../../helper.js';
import { pollUntil, spawnBuiltServer } from '../../spawn.js';

const IDLE = 1_000;

/** More than all buffers between a server and a client hold, in bytes. */
const UNREAD_BYTES = 60_000_000;

/** The maximum by which the memory of a server may grow, in bytes. */
const MAX_GROWTH = 45_000_000;

const REQUEST = `GET ${NGINX} HTTP/1.1\r\nHost: x\r\nx-api-key: ${KEY}\r\n\r\n`;

const open = (t: Test, port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', reject);
    t.teardown(() => socket.destroy());
  });

async function checkServed(t: Test, url: string): Promise<void> {
  const answer = await fetch(url + NGINX, { headers: { 'x-api-key': KEY } });
  t.equal(answer.status, 200);
  t.strictSame(await answer.json(), NGINX_BODY);
}

const readMemory = async (url: string): Promise<number> => {
  const text = await (await fetch(`${url}/__admin/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]);
};

t.test('idle connections stay open, can be reused, and are closed with the server', async (t) => {
  const { run, url, port } = await spawnBuiltServer(t, '--log-level', 'silent');
  const clients: Socket[] = [];
  for (let index = 0; index < IDLE; index += 1) clients.push(await open(t, port));
  const ask = (client: Socket) =>
    new Promise<string>((resolve) => client.once('data', (chunk) => resolve(String(chunk))).write(REQUEST));
  for (const round of [1, 2]) {
    const answers = await Promise.all(clients.map(ask));
    t.equal(answers.filter((answer) => answer.startsWith('HTTP/1.1 200 ')).length, IDLE, `round ${round}`);
    await checkServed(t, url);
  }
  const ends = clients.map((client) => new Promise((resolve) => client.on('error', resolve).on('close', resolve)));
  run.child.kill('SIGTERM');
  t.equal(await run.ended, 0);
  await Promise.all(ends);
});

t.test('a client that does not read costs no memory, and gets all answers once it reads', async (t) => {
  const { url, port } = await spawnBuiltServer(t, '--log-level', 'silent');
  await checkServed(t, url);
  const client = await open(t, port);
  const requests = Math.ceil(UNREAD_BYTES / JSON.stringify(NGINX_BODY).length);
  const before = await readMemory(url);
  client.pause();
  const isSent = client.write(REQUEST.repeat(requests));
  t.notOk(isSent, 'the buffers are full');
  let sent = -1;
  await pollUntil(
    async () => {
      const last = sent;
      sent = client.bytesWritten - client.writableLength;
      await checkServed(t, url);
      return last;
    },
    (last) => last === sent,
  );
  const growth = (await readMemory(url)) - before;
  t.ok(growth < MAX_GROWTH, `${growth} bytes more`);
  await checkServed(t, url);

  let answers = 0;
  let tail = '';
  client.on('data', (chunk) => {
    const text = tail + chunk;
    answers += text.split('HTTP/1.1 200 OK\r\n').length - 1;
    tail = text.slice(-16);
  });
  client.resume();
  await pollUntil(
    async () => answers,
    (count) => count >= requests,
  );
  t.equal(answers, requests);
});
