import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { readMemory } from '../../bench/process.js';
import { KEY, NGINX, NGINX_BODY } from '../helper.js';
import { pollUntil, type Served, spawnBuiltServer, spawnSmallServer } from '../spawn.js';

const CONNECTIONS = 1_000;

// A silent connection is closed after 5 seconds: kinds of them wait at the same time.
t.jobs = 5;

/** The maximum by which the memory of a server may grow over 1,000 connections, in bytes. */
const MAX_GROWTH = 60_000_000;

const request = (target: string, ...lines: string[]) =>
  `${[`GET ${target} HTTP/1.1`, 'Host: localhost', `x-api-key: ${KEY}`, ...lines].join('\r\n')}\r\n\r\n`;

const ASSET = '/docs/static/swagger-ui-bundle.js';
const BUNDLE = request(ASSET);
const WAIT = request('/__admin/journal/wait?count=10000&timeout=600000');
const DELAYED = request(NGINX, 'Prefer: delay=600000');
const STALLED = request(NGINX, 'Prefer: fault=stall');
const TUNNEL = 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n';
const HALF = 'GET /x HTTP/1.1\r\nHo';
const UPLOAD =
  'PUT /__admin/fixtures HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{';

const ASSET_BYTES = readFileSync(
  join(require.resolve('@fastify/swagger-ui/package.json'), '../static/swagger-ui-bundle.js'),
);

const listDescriptors = ({ run }: Served): string[] => readdirSync(`/proc/${run.child.pid}/fd`);

/** How a client ends its connection: with RST, with FIN and a close, or with FIN alone, until the server closes. */
type Ending = 'reset' | 'close' | 'half-close' | 'wait';

/** Sends bytes over a new connection and ends it; resolves with what came once the connection is closed. */
function converse(port: number, bytes: string, ending: Ending, isReading = true): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket: Socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => {
      if (ending === 'half-close') socket.end(bytes, 'latin1');
      else socket.write(bytes, 'latin1');
      if (ending === 'reset') setTimeout(() => socket.resetAndDestroy(), 30);
      if (ending === 'close') setTimeout(() => socket.destroy(), 30);
    });
    if (isReading) socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => socket.end());
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(chunks)));
  });
}

/** Checks that a server holds no wait, and that it answers. */
async function checkServing(t: Test, { url, run }: Served): Promise<void> {
  const askWait = async () => (await fetch(`${url}/__admin/journal/wait?count=10000&timeout=0`)).status;
  t.equal(await pollUntil(askWait, (status) => status === 409), 409, 'no wait is held');
  const answer = await fetch(url + NGINX, { headers: { 'x-api-key': KEY } });
  t.equal(answer.status, 200);
  t.strictSame(await answer.json(), NGINX_BODY);
  t.equal(run.stderr, '');
}

async function repeat(times: number, parallel: number, run: () => Promise<unknown>): Promise<void> {
  let left = times;
  const work = async () => {
    while (left-- > 0) await run();
  };
  await Promise.all(Array.from({ length: parallel }, work));
}

const kinds: [name: string, bytes: string, ending: Ending, isReading?: boolean][] = [
  ['assets that are not read', BUNDLE.repeat(3), 'reset', false],
  ['an asset that is not read, and half a request', BUNDLE + HALF, 'close', false],
  ['waits', WAIT.repeat(5), 'reset'],
  ['delays', DELAYED.repeat(5), 'reset'],
  ['stalls', STALLED.repeat(5), 'close'],
  ['a stall and CONNECT', STALLED + TUNNEL, 'wait'],
  ['a wait and CONNECT', WAIT + TUNNEL, 'half-close'],
  ['an asset and CONNECT', BUNDLE + TUNNEL, 'reset', false],
  ['a stall and half a request', STALLED + HALF, 'half-close'],
  ['a delay and half a request', DELAYED + HALF, 'half-close'],
  ['a stall and garbage', `${STALLED}\0`, 'wait'],
  ['a stall and half an upload', STALLED + UPLOAD, 'reset'],
  ['half an upload', UPLOAD, 'half-close'],
];

for (const [name, bytes, ending, isReading] of kinds) {
  t.test(
    `${CONNECTIONS} connections with ${name}, then ${ending}, leave nothing behind`,
    { buffered: true },
    async (t) => {
      const server = await spawnSmallServer(t, 128, '--log-level', 'error');
      const send = () => converse(server.port, bytes, ending, isReading);
      await repeat(CONNECTIONS / 10, CONNECTIONS / 10, send);
      await pollUntil(
        async () => listDescriptors(server).length,
        (count) => count < 40,
      );
      const before = listDescriptors(server).length;
      const memory = [readMemory(server.run.child.pid as number)];
      for (let round = 0; round < 2; round += 1) {
        await repeat(CONNECTIONS / 2, CONNECTIONS / 2, send);
        const descriptors = await pollUntil(
          async () => listDescriptors(server).length,
          (count) => count <= before,
        );
        t.ok(descriptors <= before, `${descriptors} descriptors`);
        memory.push(readMemory(server.run.child.pid as number));
      }
      // What is left behind shows in each round, and the usual need of 500 connections at once only in the first.
      const [first = 0, second = 0, third = 0] = memory;
      const growth = 2 * Math.min(second - first, third - second);
      t.ok(growth < MAX_GROWTH, `${memory} bytes`);
      await checkServing(t, server);
    },
  );
}

/** Sends waits past the pause; resets the connection once the server has read them, which an answer before them shows. */
function abandonWaits(port: number): Promise<void> {
  return new Promise((resolve) => {
    const bytes = request('/healthz') + WAIT.repeat(150);
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.once('data', () => socket.resetAndDestroy());
    socket.on('error', () => {});
    socket.on('close', () => resolve());
  });
}

// Node parses what it has read, up to 64 KiB, before it stops reading, and learns late that the client is gone. 15,000 requests
// at once need some 100 MB.
t.test(
  `${CONNECTIONS} connections with waits past the pause, 100 at a time, then reset, leave nothing behind`,
  { buffered: true },
  async (t) => {
    const server = await spawnSmallServer(t, 256, '--log-level', 'error');
    const memory: number[] = [];
    for (let sent = 0; sent < CONNECTIONS; sent += 100) {
      await repeat(100, 100, () => abandonWaits(server.port));
      await pollUntil(
        async () => listDescriptors(server).length,
        (count) => count < 40,
      );
      memory.push(readMemory(server.run.child.pid as number));
    }
    // What is not collected yet makes single figures high.
    const median = (figures: number[]) => figures.sort((a, b) => a - b)[2] as number;
    const growth = median(memory.slice(5)) - median(memory.slice(0, 5));
    t.ok(growth < MAX_GROWTH, `${memory} bytes`);
    await checkServing(t, server);
  },
);

const whole: [name: string, bytes: string, ending: Ending][] = [
  ['CONNECT', TUNNEL, 'wait'],
  ['CONNECT and FIN', TUNNEL, 'half-close'],
  ['half a request and FIN', HALF, 'half-close'],
  ['garbage', '\0\r\n\r\n', 'wait'],
];

for (const [name, bytes, ending] of whole) {
  t.test(`an answer before ${name} is not cut`, async (t) => {
    const { port } = await spawnBuiltServer(t, '--log-level', 'error');
    for (const before of [
      BUNDLE,
      BUNDLE + BUNDLE,
      request(NGINX) + BUNDLE,
      request(NGINX, 'Prefer: delay=50') + BUNDLE,
    ]) {
      // A client that has sent FIN gets no delayed answer.
      if (before.includes('delay') && ending === 'half-close') continue;
      const received = await converse(port, before + bytes, ending);
      const at = received.lastIndexOf(ASSET_BYTES);
      t.ok(at > 0, `${received.length} bytes`);
    }
  });
}

t.test('past 100 unanswered requests a connection is not read', async (t) => {
  const server = await spawnBuiltServer(t, '--log-level', 'error');
  const clients = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const socket = connect(server.port, '127.0.0.1');
      t.teardown(() => socket.destroy());
      socket.on('error', () => {});
      socket.write(request(NGINX, 'Prefer: delay=600000', `x-filler: ${'x'.repeat(1_000)}`).repeat(20_000));
      return socket;
    }),
  );
  let last = -1;
  const sent = () => clients.reduce((sum, socket) => sum + socket.bytesWritten - socket.writableLength, 0);
  await pollUntil(
    async () => {
      last = sent();
      await new Promise((resolve) => setTimeout(resolve, 300));
      return sent();
    },
    (now) => now === last,
  );
  for (const client of clients) t.ok(client.writableLength > 5_000_000, `${client.writableLength} bytes are not sent`);
  for (const client of clients) client.destroy();
  const descriptors = listDescriptors(server).length;
  await pollUntil(
    async () => listDescriptors(server).length,
    (count) => count <= descriptors - 4,
  );
});
