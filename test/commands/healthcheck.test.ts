import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { build, listen } from '../helper.js';
import { run } from './run.js';

async function answerWith(t: Test, answer: RequestListener): Promise<number> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

t.test('exit code 0 for a server that is ready, found as the server finds its address', async (t) => {
  const port = await listen(build(t));
  const ready = (host = '127.0.0.1') => ({ code: 0, stdout: `http://${host}:${port}/readyz: ready\n`, stderr: '' });
  t.strictSame(await run(['healthcheck', '--port', String(port)]), ready(), 'by flag');
  t.strictSame(await run(['healthcheck', `--port=${port}`, '--host', '0.0.0.0']), ready(), 'bound to all addresses');
  t.strictSame(await run(['healthcheck'], { REGISTRY_MOCK_PORT: String(port) }), ready(), 'by variable');
  const file = `${t.testdir({ 'c.yaml': `port: ${port}\nhost: localhost\nauth: off\n` })}/c.yaml`;
  const environment = { REGISTRY_MOCK_CONFIG: file, REGISTRY_MOCK_HOST: '127.0.0.1' };
  t.strictSame(await run(['healthcheck'], environment), ready(), 'by config file');
});

t.test('exit code 1 for one that is not ready', async (t) => {
  for (const status of [503, 404, 204, 301]) {
    const targets: string[] = [];
    const port = await answerWith(t, (request, response) => {
      targets.push(`${request.method} ${request.url}`);
      response.writeHead(status, { location: '/elsewhere' }).end();
    });
    const stderr = `http://127.0.0.1:${port}/readyz: answers ${status}, expected 200\n`;
    t.strictSame(await run(['healthcheck', `--port=${port}`]), { code: 1, stdout: '', stderr }, String(status));
    t.strictSame(targets, ['GET /readyz']);
  }
});

t.test('exit code 1 where nothing listens', async (t) => {
  const app = build(t);
  const port = await listen(app);
  await app.close();
  const stderr = `http://127.0.0.1:${port}/readyz: does not answer (connect ECONNREFUSED 127.0.0.1:${port})\n`;
  t.strictSame(await run(['healthcheck', `--port=${port}`]), { code: 1, stdout: '', stderr });
});

t.test('exit code 1 for one that hangs up or speaks another protocol', async (t) => {
  const port = await answerWith(t, (request) => request.socket.destroy());
  const stderr = `http://127.0.0.1:${port}/readyz: does not answer (socket hang up)\n`;
  t.strictSame(await run(['healthcheck', `--port=${port}`]), { code: 1, stdout: '', stderr });
});

t.test('exit code 1 for one that stays silent past the limit', async (t) => {
  const port = await answerWith(t, () => undefined);
  const stderr = `http://127.0.0.1:${port}/readyz: does not answer (no answer within 2000 ms)\n`;
  t.strictSame(await run(['healthcheck', `--port=${port}`]), { code: 1, stdout: '', stderr });
});

t.test('exit code 2 for a port that says nothing, and for mistakes in the flags', async (t) => {
  const hint = 'Try harness-registry-mock --help\n';
  const rows: [string[], string][] = [
    [['--port', '0'], '--port: found "0", expected the port that the server listens on'],
    [['--prot', '1'], 'unknown flag --prot; did you mean "--port"?'],
    [['localhost'], 'unexpected argument "localhost"; expected flags only, see --help'],
  ];
  for (const [args, message] of rows) {
    t.strictSame(await run(['healthcheck', ...args]), { code: 2, stdout: '', stderr: `${message}\n${hint}` }, message);
  }
});
