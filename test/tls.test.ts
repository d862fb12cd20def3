import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { startMockServer } from '../src/index.js';
import { startServer } from '../src/server.js';
import { run } from './commands/run.js';
import { configure, KEY, NGINX, NGINX_BODY } from './helper.js';

/** A certificate for this machine until 2120, made for these tests alone. */
const CERT = join(__dirname, 'tls/cert.pem');
const TLS = ['--tls-cert', CERT, '--tls-key', join(__dirname, 'tls/key.pem')];

/** Starts a server that closes with the test. */
async function start(t: Test, ...args: string[]) {
  const server = await startServer(configure(['--port', '0', ...args]), pino({ enabled: false }));
  t.teardown(() => server.close());
  return server;
}

interface Fetched {
  status: number | undefined;
  text: string;
}

/** Sends a GET that trusts the certificate; rejects as Node's client does. */
function fetchTls(url: string, headers: Record<string, string> = {}): Promise<Fetched> {
  return new Promise((resolve, reject) => {
    const options = { ca: readFileSync(CERT), headers: { 'x-api-key': KEY, ...headers }, agent: false };
    const sent = request(url, options, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, text })).on('error', reject);
    });
    sent.on('error', reject).end();
  });
}

t.test('the call, the documents and explain work over TLS', async (t) => {
  const { url } = await start(t, ...TLS);
  t.match(url, /^https:\/\/127\.0\.0\.1:\d+$/);
  const found = await fetchTls(url + NGINX);
  t.equal(found.status, 200);
  t.strictSame(JSON.parse(found.text), NGINX_BODY);
  const document = await fetchTls(`${url}/openapi.yaml`);
  t.equal(parse(document.text).servers[0].url, url);
  t.match((await fetchTls(`${url}/`)).text, `'${url}${NGINX}'`);
  for (const [method, status] of [
    ['GET', 200],
    ['POST', 405],
  ]) {
    const explained = await fetchTls(`${url}/__admin/explain?method=${method}&target=${encodeURIComponent(NGINX)}`);
    t.equal(JSON.parse(explained.text).status, status);
  }
});

t.test('every network fault works over TLS', async (t) => {
  const { url, port, app } = await start(t, ...TLS);
  const rows: [fault: string, error: Record<string, string | RegExp>][] = [
    ['reset', { code: 'ECONNRESET', syscall: 'read' }],
    ['empty', { message: 'socket hang up' }],
    ['truncated', { message: 'aborted' }],
    ['garbage', { code: /^HPE_/ }],
  ];
  for (const [fault, error] of rows) {
    await t.rejects(fetchTls(url + NGINX, { prefer: `fault=${fault}` }), error as unknown as Error, fault);
    t.equal((await fetchTls(url + NGINX)).status, 200, `after ${fault}`);
  }
  const client = connectTls({ port, host: '127.0.0.1', ca: readFileSync(CERT), servername: 'localhost' });
  const arrived = once(app.server, 'request');
  client.write(`GET ${NGINX} HTTP/1.1\r\nHost: x\r\nx-api-key: ${KEY}\r\nPrefer: fault=stall\r\n\r\n`);
  await arrived;
  client.destroy();
});

t.test('a client without TLS is refused, and a handshake that never ends does not hold up a close', async (t) => {
  const server = await start(t, ...TLS);
  const plain = connect(server.port, '127.0.0.1');
  plain.on('error', () => {});
  plain.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  plain.resume();
  await once(plain, 'close');
  t.equal((await fetchTls(`${server.url}/readyz`)).status, 200);

  const silent = connect(server.port, '127.0.0.1');
  const idle = connectTls({ port: server.port, host: '127.0.0.1', ca: readFileSync(CERT), servername: 'localhost' });
  await Promise.all([once(silent, 'connect'), once(idle, 'secureConnect')]);
  const closed = Promise.all([once(silent.resume(), 'close'), once(idle.resume(), 'close')]);
  await server.close({ drain: true });
  await closed;
});

t.test('the health check, exec and the library follow', async (t) => {
  const { port } = await start(t, ...TLS);
  const stdout = `https://127.0.0.1:${port}/readyz: ready\n`;
  t.strictSame(await run(['healthcheck', `--port=${port}`, ...TLS]), { code: 0, stdout, stderr: '' });
  const script = 'process.exit(process.env.HARNESS_BASE_URL.startsWith("https://127.0.0.1:") ? 5 : 6)';
  const exec = await run(['exec', ...TLS, '--', process.execPath, '-e', script], { PATH: process.env.PATH });
  t.equal(exec.code, 5);
  const server = await startMockServer({ tlsCert: CERT, tlsKey: join(__dirname, 'tls/key.pem') });
  t.teardown(server.close);
  t.match(server.urlFor({ ref: 'a/b', artifact: 'c', version: '1' }), /^https:\/\/127\.0\.0\.1:\d+\/har\//);
});

t.test('files that cannot be used stop the start with one sentence, exit code 1', async (t) => {
  const folder = t.testdir({ empty: ' \n', text: 'not PEM', blank: 'my secret', two: 'a\nb\n' });
  const key = join(__dirname, 'tls/key.pem');
  const other = join(__dirname, 'tls/other-key.pem');
  const at = (name: string) => join(folder, name);
  const noToken = 'must contain one line, of printable ASCII characters without a space';
  const rows: [args: string[], message: string][] = [
    [['--tls-cert', at('none'), '--tls-key', key], `--tls-cert: ${at('none')} cannot be read (ENOENT)`],
    [['--tls-cert', CERT, '--tls-key', at('none')], `--tls-key: ${at('none')} cannot be read (ENOENT)`],
    [['--tls-cert', at('empty'), '--tls-key', key], `--tls-cert: ${at('empty')} is empty, or not a regular file`],
    [['--tls-cert', at('text'), '--tls-key', key], `--tls-cert: ${at('text')} is not a certificate in PEM`],
    [['--tls-cert', key, '--tls-key', key], `--tls-cert: ${key} is not a certificate in PEM`],
    [['--tls-cert', CERT, '--tls-key', CERT], `--tls-key: ${CERT} is not a private key in PEM without a passphrase`],
    [['--tls-cert', CERT, '--tls-key', other], `--tls-key: ${other} is not the key of the certificate ${CERT}`],
    [['--admin-token-file', at('none')], `--admin-token-file: ${at('none')} cannot be read (ENOENT)`],
    [['--admin-token-file', at('empty')], `--admin-token-file: ${at('empty')} is empty, or not a regular file`],
    [['--admin-token-file', folder], `--admin-token-file: ${folder} is empty, or not a regular file`],
    [['--admin-token-file', at('blank')], `--admin-token-file: ${at('blank')} ${noToken}`],
    [['--admin-token-file', at('two')], `--admin-token-file: ${at('two')} ${noToken}`],
  ];
  for (const [args, message] of rows) {
    t.strictSame(await run(['--port', '0', ...args]), { code: 1, stdout: '', stderr: `${message}\n` }, message);
  }
  const encrypted = at('encrypted');
  const pkcs8 = ['pkcs8', '-topk8', '-in', key, '-passout', 'pass:x', '-out', encrypted];
  if (spawnSync('openssl', pkcs8).status !== 0) return t.comment('openssl is not installed');
  const outcome = await run(['--port', '0', '--tls-cert', CERT, '--tls-key', encrypted]);
  t.equal(outcome.stderr, `--tls-key: ${encrypted} is not a private key in PEM without a passphrase\n`);
});

t.test('the token of the admin API can be in a file', async (t) => {
  const folder = t.testdir({ lf: 'open-sesame\n', crlf: 'open-sesame\r\n', none: 'open-sesame' });
  for (const name of ['lf', 'crlf', 'none']) {
    const { url } = await start(t, '--admin-token-file', join(folder, name));
    const list = (token: string) => fetch(`${url}/__admin/faults`, { headers: { authorization: `Bearer ${token}` } });
    t.equal((await list('open-sesame')).status, 200, name);
    t.equal((await list('other')).status, 401, name);
  }
});
