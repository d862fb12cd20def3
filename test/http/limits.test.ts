import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { loadConfig } from '../../src/config/load.js';
import { type Limits, readDescriptorLimit } from '../../src/http/limits.js';
import { Collector } from '../commands/run.js';
import { ask, askRaw, build, listen, NGINX, NGINX_BODY, sendRaw } from '../helper.js';
import { pollUntil } from '../process/run.js';

/** Makes an app that listens with the default limits but for those that are given, and collects its log. */
async function serve(t: Test, limits: Partial<Limits>) {
  const log = new Collector();
  const app = build(t, { limits: { ...loadConfig([], {}), ...limits }, logger: pino(log) });
  return { app, log, port: await listen(app) };
}

/** Connects a client that sends what it is given; returns it with what it has received once it is closed. */
function start(t: Test, port: number, bytes = ''): { socket: Socket; received: Promise<string> } {
  const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
  t.teardown(() => socket.destroy());
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  return { socket, received: once(socket, 'close').then(() => text) };
}

const countConnections = (app: ReturnType<typeof build>) =>
  new Promise<number>((resolve) => app.server.getConnections((_error, count) => resolve(count)));

t.test('a connection beyond the limit is closed unanswered, and the log says so', async (t) => {
  const { app, log, port } = await serve(t, { maxConnections: 2 });
  const [first] = [start(t, port), start(t, port)];
  await pollUntil(
    () => countConnections(app),
    (count) => count === 2,
  );
  for (let more = 0; more < 3; more += 1) t.equal(await start(t, port).received, '');
  const [line = ''] = await pollUntil(
    async () => log.text.split('\n'),
    (lines) => lines.length > 2,
  ).then((lines) => lines.slice(1));
  t.match(JSON.parse(line), {
    level: 40,
    msg: 'connections closed unanswered: 3; 2 are open, --max-connections moves this limit',
  });
  first?.socket.destroy();
  await pollUntil(
    () => countConnections(app),
    (count) => count === 1,
  );
  const answer = await askRaw(port, NGINX);
  t.equal(answer.status, 200);
  t.strictSame(answer.body, NGINX_BODY);
});

t.test('no limit is that of the descriptors, where it is known', async (t) => {
  const { app } = await serve(t, { maxConnections: 0 });
  t.equal(app.server.maxConnections, readDescriptorLimit());
  const folder = t.testdir({
    limits:
      'Limit                     Soft Limit           Hard Limit           Units\nMax open files            1024                 4096                 files\n',
    few: 'Max open files            60                   60                   files\n',
    endless: 'Max open files            unlimited            unlimited            files\n',
  });
  t.equal(readDescriptorLimit(`${folder}/limits`), 960);
  t.equal(readDescriptorLimit(`${folder}/few`), 1);
  t.equal(readDescriptorLimit(`${folder}/endless`), Number.POSITIVE_INFINITY);
  t.equal(readDescriptorLimit(`${folder}/none`), Number.POSITIVE_INFINITY);
});

t.test('a connection that cannot be accepted is logged, and the server goes on', async (t) => {
  const { app, log, port } = await serve(t, {});
  app.server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
  app.server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
  const text = await pollUntil(
    async () => log.text,
    (text) => text.includes('EMFILE'),
  );
  t.match(JSON.parse(text.split('\n')[1] as string), {
    level: 50,
    msg: 'connections not accepted: 2; raise the limit of open files',
    err: { code: 'EMFILE' },
  });
  t.equal((await askRaw(port, NGINX)).status, 200);
});

t.test('the first line and the headers have the limit that is set, and explain knows it', async (t) => {
  const { app, port } = await serve(t, { maxHeaderBytes: 2_048 });
  const long = 'x'.repeat(2_048);
  const target = await askRaw(port, `/${long}`);
  t.equal(target.status, 414);
  t.strictSame(target.body, { code: '414', message: 'Target too long', details: { limit: 2_048 } });
  const [header] = await sendRaw(port, `GET / HTTP/1.1\r\nHost: x\r\nX: ${long}\r\n\r\n`);
  t.equal(header?.status, 431);
  t.strictSame(header?.body, {
    code: '431',
    message: 'Request header fields too large',
    details: { limit: 2_048 },
  });
  t.equal((await askRaw(port, `/${'x'.repeat(1_500)}`)).status, 404);
  const explained = await app.inject(`/__admin/explain?target=/${long}`);
  t.equal(explained.statusCode, 200);
  t.match(explained.json(), { status: 414, message: 'Target too long' });
});

t.test('a fixture has the limit that is set', async (t) => {
  const { app } = await serve(t, { maxBodyBytes: 60 });
  const put = (payload: string) =>
    ask(t, app, '/__admin/fixtures', {
      method: 'PUT',
      headers: { host: 'localhost', 'content-type': 'application/json' },
      payload,
    });
  const large = await put(`{"registries":[]${' '.repeat(60)}}`);
  t.equal(large.status, 413);
  t.strictSame(large.body, {
    code: '413',
    message: 'Body too large',
    details: {
      limit: 60,
      reason: 'the body has more bytes than the limit',
      hint: '--max-body-bytes moves this limit',
    },
  });
  const small = await app.inject({
    method: 'PUT',
    url: '/__admin/fixtures',
    headers: { 'content-type': 'application/json' },
    payload: '{"registries":[]}',
  });
  t.equal(small.statusCode, 200);
});

t.test('a request that does not come whole in time gets 408, wherever it stops', async (t) => {
  const { port } = await serve(t, { requestTimeout: 200 });
  const put = 'PUT /__admin/fixtures HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
  const rows = {
    nothing: '',
    'half a line': 'GET /heal',
    'half a head': put,
    'half a body': `${put}Content-Length: 9\r\n\r\n{`,
  };
  for (const [name, bytes] of Object.entries(rows)) {
    const answer = await start(t, port, bytes).received;
    t.match(answer, /^HTTP\/1\.1 408 Request Timeout\r\n/, name);
    t.match(answer, /\r\n\r\n\{"code":"408","message":"Request timeout"\}$/, name);
  }
  t.equal((await askRaw(port, NGINX)).status, 200);
});

t.test('a client that sends one byte at a time does not keep its connection by that', async (t) => {
  const { port } = await serve(t, { requestTimeout: 300 });
  const { socket, received } = start(t, port, 'GET / HTTP/1.1\r\nX: ');
  const drip = setInterval(() => socket.write('x'), 20);
  t.teardown(() => clearInterval(drip));
  socket.on('error', () => {});
  t.match(await received, /^HTTP\/1\.1 408 /);
});

t.test('no time is no limit, and headers have none either', async (t) => {
  const { app } = await serve(t, { requestTimeout: 0 });
  t.equal(app.server.requestTimeout, 0);
  t.equal(app.server.headersTimeout, 0);
});
