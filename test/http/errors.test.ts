import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import t from 'tap';
import { ApiError, catalogue, type ErrorName } from '../../src/http/errors.js';
import type { Store } from '../../src/store/store.js';
import { ask, askRaw, build, KEY, listen, NGINX, seedStore, sendRaw } from '../helper.js';

const INTERNAL = { code: '500', message: 'Internal server error' };

t.test('every row of the catalogue makes an envelope', async (t) => {
  for (const name of Object.keys(catalogue) as ErrorName[]) {
    const { status, message } = catalogue[name];
    t.strictSame(new ApiError(name).envelope, { code: String(status), message }, name);
    t.strictSame(new ApiError(name, { a: 1 }).envelope, { code: String(status), message, details: { a: 1 } }, name);
  }
});

t.test('the unforeseen is 500 with a constant message, and its cause is logged only', async (t) => {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const broken: Store = {
    ...seedStore(t),
    findDetails() {
      throw new Error('canary: disk on fire');
    },
  };
  const answer = await ask(t, build(t, { store: broken, logger: pino(stream) }), NGINX);
  t.equal(answer.status, 500);
  t.strictSame(answer.body, INTERNAL);
  const [line] = lines.map((text) => JSON.parse(text));
  t.match(line, { level: 50, msg: 'request failed', reqId: /.+/, err: { message: 'canary: disk on fire' } });
  t.notMatch(lines.join(''), KEY);
});

t.test('requests are logged at debug, without their keys', async (t) => {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const port = await listen(build(t, { logger: pino({ level: 'debug' }, stream) }));
  const answer = await askRaw(port, NGINX);
  t.equal(answer.status, 200);
  const logged = lines.map((text) => JSON.parse(text)).filter(({ reqId }) => reqId !== undefined);
  t.match(logged, [{ req: { method: 'GET' } }, { res: { statusCode: 200 } }]);
  t.notMatch(lines.join(''), KEY);
});

t.test('a request that arrives while the server closes is served', async (t) => {
  const app = build(t);
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  app.get('/held', async () => {
    await held;
    return { status: 'held' };
  });
  const port = await listen(app);
  const nextRequest = () => new Promise((resolve) => app.server.once('request', resolve));
  const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`;

  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk;
  });
  const ended = new Promise((resolve) => socket.once('close', resolve));
  const first = nextRequest();
  socket.write(get('/held'));
  await first;
  const closed = app.close();
  const second = nextRequest();
  socket.write(get('/healthz'));
  await second;
  release();
  await closed;
  await ended;
  t.match(received, /^HTTP\/1\.1 200 OK\r\n.*\{"status":"held"\}HTTP\/1\.1 200 OK\r\n.*\{"status":"ok"\}$/s);
});

t.test('a client that sends too slowly is told so', async (t) => {
  const app = build(t);
  const port = await listen(app);
  const answered = sendRaw(port, 'GET / HTTP/1.1\r\nHost');
  const timeout = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
  app.server.emit('clientError', timeout, await connection(app));
  const [answer] = await answered;
  t.equal(answer?.status, 408);
  t.strictSame(answer?.body, { code: '408', message: 'Request timeout' });
});

/** The first connection that a server accepts. */
function connection(app: ReturnType<typeof build>): Promise<unknown> {
  return new Promise((resolve) => app.server.once('connection', resolve));
}
