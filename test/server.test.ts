import { EventEmitter, once } from 'node:events';
import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect, Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { startServer } from '../src/server.js';
import { configure, KEY, NGINX, NGINX_BODY, sendRaw } from './helper.js';

type Changes = Partial<Parameters<typeof startServer>[0]>;

interface LogLine {
  level: number;
  msg: string;
  err?: { message: string };
}

/** Creates a logger that keeps its lines; `until` resolves with the first line with a message, once it is there. */
function createLog() {
  const lines: LogLine[] = [];
  const added = new EventEmitter();
  const write = (text: string) => {
    lines.push(JSON.parse(text));
    added.emit('line');
  };
  const until = async (message: RegExp): Promise<LogLine> => {
    for (;;) {
      const line = lines.find(({ msg }) => message.test(msg));
      if (line !== undefined) return line;
      await once(added, 'line', { signal: AbortSignal.timeout(20_000) });
    }
  };
  return { lines, until, logger: pino({}, { write }) };
}

const configOf = (changes: Changes) => ({ ...configure(['--port', '0']), ...changes });

/** Starts a server that closes with the test. */
async function start(t: Test, changes: Changes = {}, { logger } = createLog()) {
  const server = await startServer(configOf(changes), logger);
  t.teardown(() => server.close());
  return server;
}

/** Fetches the version of the bundled fixtures. */
async function fetchNginx(url: string) {
  const response = await fetch(url + NGINX, { headers: { 'x-api-key': KEY, connection: 'close' } });
  return { status: response.status, body: await response.json() };
}

const OK = { status: 200, body: NGINX_BODY };

t.test('the URL reaches the server from its own machine, until it is closed', async (t) => {
  for (const [host, expected] of [
    ['127.0.0.1', /^http:\/\/127\.0\.0\.1:\d+$/],
    ['0.0.0.0', /^http:\/\/127\.0\.0\.1:\d+$/],
    ['localhost', /^http:\/\/localhost:\d+$/],
  ] as const) {
    const server = await start(t, { host });
    t.match(server.url, expected, host);
    t.strictSame(await fetchNginx(server.url), OK, host);
    await server.close();
    await t.rejects(fetch(server.url), { cause: { code: 'ECONNREFUSED' } }, host);
    t.notOk(server.store.isReadable(), `${host}: the store is closed`);
  }
});

t.test('an address that cannot be used is a message in one sentence, and nothing stays open', async (t) => {
  const taken = await start(t);
  const rows: [Changes, string][] = [
    [
      { port: taken.port },
      `port ${taken.port} on 127.0.0.1: is in use; stop the other server, or choose another port with --port (0 picks a free one)`,
    ],
    [{ host: '203.0.113.1' }, 'port 0 on 203.0.113.1: is not an address of this machine; choose another with --host'],
    [{ port: 65_536 }, 'port 65536 on 127.0.0.1: cannot listen (ERR_SOCKET_BAD_PORT)'],
  ];
  for (const [changes, message] of rows) {
    const folder = t.testdir();
    const config = configOf({ ...changes, db: join(folder, 'store.db'), watch: true });
    await t.rejects(startServer(config, createLog().logger), { message, exitCode: 1 }, message);
    t.strictSame(readdirSync(folder), ['store.db'], 'the store is closed');
  }
});

t.test('an error of the system on listening has a remedy if it is a usual one', async (t) => {
  const rows = {
    EACCES: 'is not allowed for this user; choose a port above 1023 with --port',
    ENOTFOUND: 'the host is unknown; choose another with --host',
    EMFILE: 'cannot listen (EMFILE)',
  };
  for (const [code, cause] of Object.entries(rows)) {
    await t.test(code, async (t) => {
      t.intercept(Server.prototype, 'listen', {
        value(this: Server) {
          process.nextTick(() => this.emit('error', Object.assign(new Error('refused'), { code })));
          return this;
        },
      });
      const started = startServer(configOf({ port: 80 }), createLog().logger);
      await t.rejects(started, { message: `port 80 on 127.0.0.1: ${cause}`, exitCode: 1, cause: { code } });
    });
  }
});

t.test('invalid fixtures leave a new store empty, so that the next start seeds it', async (t) => {
  const folder = t.testdir({ 'bad.yaml': 'registries: 1' });
  const db = join(folder, 'store.db');
  await t.rejects(startServer(configOf({ db, fixtures: [join(folder, 'bad.yaml')] }), createLog().logger), {
    message: /^.*bad\.yaml:1:1: registries: found 1, expected a list of registries$/,
    exitCode: 1,
  });
  const log = createLog();
  const server = await start(t, { db }, log);
  t.strictSame(await fetchNginx(server.url), OK);
  t.strictSame(
    log.lines.filter(({ msg }) => msg.startsWith('store')),
    [],
  );
});

t.test('a store that cannot be used is a message', async (t) => {
  const folder = t.testdir({ 'text.db': 'not a database, but long enough to have a header'.repeat(20) });
  const started = startServer(configOf({ db: join(folder, 'text.db') }), createLog().logger);
  await t.rejects(started, { message: /text\.db: it is not a SQLite database/, exitCode: 1 });
});

t.test('a store that is not empty is served as it is, and the log says so', async (t) => {
  const folder = t.testdir();
  const db = join(folder, 'store.db');
  await (await start(t, { db })).close();
  const log = createLog();
  const server = await start(t, { db, fixtures: [join(folder, 'nowhere')] }, log);
  t.strictSame(await fetchNginx(server.url), OK);
  t.match(log.lines[0], {
    level: 30,
    msg: `store ${db} is not empty: its data is served, not that of the fixtures`,
  });
});

/** Saves like many editors do: a new file, renamed over the old one. */
function save(file: string, content: string): void {
  writeFileSync(`${file}.tmp~`, content);
  renameSync(`${file}.tmp~`, file);
}

const fixtureOf = (version: string) =>
  `registries: [{ ref: a/b, packageType: NPM, artifacts: [{ name: app, versions: [{ version: "${version}" }] }] }]\n`;

t.test('watched fixtures are reloaded; invalid ones are logged, and the old data is kept', async (t) => {
  const file = join(t.testdir({ 'a.yaml': fixtureOf('1') }), 'a.yaml');
  const log = createLog();
  const server = await start(t, { watch: true, auth: 'off', fixtures: [file, { registries: [] }] }, log);
  const fetchVersion = async (version: string) => {
    const response = await fetch(`${server.url}/har/api/v1/registry/a/b/+/artifact/app/version/${version}/details`);
    return { status: response.status, body: await response.json() };
  };
  const found = (version: string) => ({
    status: 200,
    body: { status: 'SUCCESS', data: { version, packageType: 'NPM', name: 'app', isQuarantined: false } },
  });
  t.strictSame(await fetchVersion('1'), found('1'));

  save(file, fixtureOf('2'));
  const reloaded = 'fixtures reloaded: 1 version (+1 -1), 0 keys';
  t.match(await log.until(/reloaded/), { level: 30, msg: reloaded });
  t.strictSame(await fetchVersion('2'), found('2'));
  t.strictSame(await fetchVersion('1'), {
    status: 404,
    body: { code: '404', message: 'Artifact version not found' },
  });

  save(file, 'registries: [{ ref: a/b, packageType: NPN }]\n');
  const { level, msg } = await log.until(/not reloaded/);
  t.equal(level, 50);
  const [head, problem = '', ...others] = msg.split('\n');
  t.equal(head, 'fixtures not reloaded, the old data is kept:');
  t.match(problem, `${file}:1:26: registries[0].packageType: found "NPN", expected one of `);
  t.ok(problem.endsWith('; did you mean "NPM"?'));
  t.strictSame(others, []);
  t.strictSame(await fetchVersion('2'), found('2'));

  const registries = [
    { ref: 'a/b', packageType: 'NPM' as const, artifacts: [{ name: 'app', versions: [{ version: '3' }] }] },
  ];
  server.control.fixtures.merge({ registries });
  server.control.fixtures.remove({ registryRef: 'a/b', artifact: 'app', version: '2' });
  rmSync(file);
  t.match(await log.until(/^no fixtures/), {
    level: 40,
    msg: `no fixtures to reload, the old data is kept until they are back:\n${file}: does not exist; expected a fixture file or a folder of them`,
  });
  t.strictSame(await fetchVersion('3'), found('3'));
  save(file, fixtureOf('2'));
  t.match(await log.until(/discarded/), {
    level: 30,
    msg: 'fixtures reloaded: 1 version (+1 -1), 0 keys; 2 merged changes discarded',
  });
  t.strictSame(await fetchVersion('2'), found('2'));
  server.control.fixtures.replace([{ registries }]);
  server.control.reset();
  save(file, fixtureOf('4'));
  await server.close();
  const last = log.lines.at(-1)?.msg;
  t.match(last, /discarded$/, 'closing stops watching, and a reset leaves nothing to discard');
});

t.test('without a path there is nothing to watch', async (t) => {
  const log = createLog();
  await start(t, { watch: true, auth: 'off', fixtures: [{ registries: [] }] }, log);
  t.strictSame(log.lines, []);
});

const KEYS = 'apiKeys: [{ key: k, name: k, grants: [a/b/c] }]\n';

t.test('a start and a reload warn of skipped files and of data that no key can read', async (t) => {
  const folder = t.testdir({ 'a.yaml': fixtureOf('1'), 'notes.md': '', 'x.schema.json': '{}' });
  const log = createLog();
  await start(t, { watch: true, fixtures: [folder] }, log);
  const warnings = () => log.lines.filter(({ level }) => level === 40).map(({ msg }) => msg);
  const skipped = `files skipped: ${folder}/notes.md (not a fixture)`;
  const noKey = 'no key: every request gets 401; add apiKeys to a fixture, or use --auth any';
  t.strictSame(warnings(), [skipped, noKey]);

  writeFileSync(join(folder, 'b.yaml'), KEYS);
  await log.until(/403$/);
  const noGrant = 'no usable key has a grant for a/b: every request for it gets 403';
  t.strictSame(warnings().slice(2), [skipped, noGrant]);

  writeFileSync(join(folder, 'b.yaml'), KEYS.replace('name', 'revoked: true, name'));
  await log.until(/all are revoked or expired/);
  t.strictSame(warnings().slice(4), [
    skipped,
    'no usable key, because all are revoked or expired: every request gets 401; add apiKeys to a fixture, or use --auth any',
  ]);
});

t.test('a connection that cannot be accepted is logged, and the server goes on', async (t) => {
  const log = createLog();
  const { app, url } = await start(t, {}, log);
  app.server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
  t.match(await log.until(/connection/), {
    level: 50,
    msg: 'connection not accepted',
    err: { message: 'accept EMFILE', code: 'EMFILE' },
  });
  t.strictSame(await fetchNginx(url), OK);
});

const requestOf = (target: string, ...headers: string[]) =>
  [`GET ${target} HTTP/1.1`, 'Host: localhost', `x-api-key: ${KEY}`, ...headers, '', ''].join('\r\n');

/** A client that keeps its connection. */
class Client {
  private received = '';
  readonly closed: Promise<unknown>;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk) => {
      this.received += chunk;
    });
    // A server may reset a connection that it closes.
    socket.on('error', () => {});
    this.closed = once(socket, 'close');
  }

  static async connect(t: Test, port: number): Promise<Client> {
    const socket = connect(port, '127.0.0.1');
    t.teardown(() => socket.destroy());
    await once(socket, 'connect');
    return new Client(socket);
  }

  send(request: string): void {
    this.received = '';
    this.socket.write(request);
  }

  /** Resolves with all bytes once the body of an answer is complete, or with what came until the connection was closed. */
  async read(): Promise<string> {
    while (!this.received.endsWith('}') && !this.socket.destroyed) {
      await Promise.race([once(this.socket, 'data'), this.closed]);
    }
    return this.received;
  }

  /** Sends a request and reads its answer; the connection is idle afterwards. */
  async ask(request: string): Promise<string> {
    this.send(request);
    return this.read();
  }
}

/** Checks an answer: the status, then the whole body, then whether the connection ends with it. */
function checkAnswer(t: Test, answer: string, connection: 'close' | 'keep-alive', body: unknown = NGINX_BODY): void {
  const [head = '', text = ''] = answer.split('\r\n\r\n');
  t.match(head, /^HTTP\/1\.1 200 OK\r\n/);
  t.strictSame(JSON.parse(text), body);
  t.match(head, new RegExp(`\r\nConnection: ${connection}(\r\n|$)`, 'i'));
}

t.test('a close ends idle keep-alive connections at once, and finishes requests in flight', async (t) => {
  const server = await start(t);
  const idle = await Client.connect(t, server.port);
  checkAnswer(t, await idle.ask(requestOf(NGINX)), 'keep-alive');
  const busy = await Client.connect(t, server.port);
  const arrived = once(server.app.server, 'request');
  busy.send(requestOf(NGINX, 'Connection: close', 'Prefer: delay=300'));
  await arrived;
  let isAnswered = false;
  const answer = busy.read().then((text) => {
    isAnswered = true;
    return text;
  });

  const closing = server.close();
  await idle.closed;
  t.notOk(isAnswered, 'the idle connection does not wait for the busy one');
  t.ok(server.store.isReadable(), 'the store stays open meanwhile');
  checkAnswer(t, await answer, 'close');
  await closing;
  t.notOk(server.store.isReadable());
});

t.test('a close without drain does not wait for a request that has not arrived', async (t) => {
  const server = await start(t);
  const client = await Client.connect(t, server.port);
  checkAnswer(t, await client.ask(requestOf(NGINX)), 'keep-alive');
  const closing = server.close();
  await client.closed;
  await closing;
  t.equal(await client.ask(requestOf(NGINX)), '');
});

t.test('a close with drain answers requests that are on their way, on old and new connections', async (t) => {
  const server = await start(t);
  const idle = await Client.connect(t, server.port);
  checkAnswer(t, await idle.ask(requestOf(NGINX)), 'keep-alive');
  const admin = await Client.connect(t, server.port);
  const closing = server.close({ drain: true });
  idle.send(requestOf(NGINX));
  admin.send(requestOf('/__admin/journal/count?since=9'));
  const late = await Client.connect(t, server.port);
  late.send(requestOf(NGINX));
  const [ready] = await sendRaw(server.port, requestOf('/readyz'));
  t.equal(ready?.status, 503);
  t.strictSame(ready?.body, { code: '503', message: 'Not ready' });
  checkAnswer(t, await idle.read(), 'close');
  checkAnswer(t, await admin.read(), 'close', { count: 0 });
  checkAnswer(t, await late.read(), 'close');
  await closing;
  await t.rejects(fetch(server.url), { cause: { code: 'ECONNREFUSED' } });
});

t.test('a drain answers requests that change data, too', async (t) => {
  const server = await start(t);
  const idle = await Client.connect(t, server.port);
  const closing = server.close({ drain: true });
  const reset = 'POST /__admin/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n';
  const [answer] = await sendRaw(server.port, reset);
  t.equal(answer?.status, 204);
  t.equal(answer?.text, '');
  idle.send(requestOf(NGINX));
  await closing;
});

t.test('a close waits for requests in flight as long as it is configured to', async (t) => {
  const rows: [closeTimeout: number, delay: number, isAnswered: boolean][] = [
    [30_000, 1_200, true],
    [0, 60_000, false],
  ];
  for (const [closeTimeout, delay, isAnswered] of rows) {
    const server = await start(t, { closeTimeout });
    const client = await Client.connect(t, server.port);
    const arrived = once(server.app.server, 'request');
    client.send(requestOf(NGINX, `Prefer: delay=${delay}`));
    await arrived;
    await server.close({ drain: true });
    const answer = await client.read();
    if (isAnswered) checkAnswer(t, answer, 'keep-alive');
    else t.equal(answer, '');
  }
});

t.test('a request that takes too long does not hold up a close', async (t) => {
  const server = await start(t);
  const client = await Client.connect(t, server.port);
  const arrived = once(server.app.server, 'request');
  client.send(requestOf(NGINX, 'Prefer: fault=stall'));
  await arrived;
  await server.close();
  t.equal(await client.read(), '');
});

t.test('a server can be closed twice', async (t) => {
  const server = await start(t);
  await server.close({ drain: true });
  await t.resolves(server.close());
});
