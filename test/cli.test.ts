import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { loadCommand, loadLibrary } from '../src/bundle.js';
import { main } from '../src/commands/main.js';
import { startMockServer } from '../src/index.js';
import { KEY, NGINX } from './helper.js';
import { fromSource, requireBuild, spawnCli, spawnProgram, spawnServer } from './spawn.js';

requireBuild();

/** Spawns Node, which runs some code before the command. */
function spawnAfter(t: Test, code: string, command: string[]) {
  const preload = `data:text/javascript,${encodeURIComponent(code)}`;
  return spawnProgram(t, process.execPath, ['--import', preload, ...command]);
}

t.test('the command exits with the code of its main function, stderr has the message', async (t) => {
  const run = spawnCli(t, ['sevre']);
  t.equal(await run.ended, 2);
  t.match(run.stderr, 'did you mean "serve"?');
});

t.test('a command can read stdin', async (t) => {
  const run = spawnCli(t, ['validate', '-']);
  run.child.stdin?.end('registries:\n  - { ref: a/b, packageType: GO }\n');
  t.equal(await run.ended, 0);
  t.strictSame([run.stdout, run.stderr], ['valid: 1 registry, 0 artifacts, 0 versions, 0 keys\n', '']);
});

t.test('a command can handle signals', async (t) => {
  const wait = "process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1000); console.log('ready');";
  const run = spawnCli(t, ['exec', '--', process.execPath, '-e', wait]);
  await run.until(/ready\n/);
  run.child.kill('SIGTERM');
  t.equal(await run.ended, 7);
});

t.test('serve runs until SIGTERM, and an unexpected error ends it with exit code 1', async (t) => {
  const run = spawnCli(t, ['--port', '0']);
  await run.until(/^Listening on http:\/\/127\.0\.0\.1:\d+$/m);
  run.child.kill('SIGTERM');
  t.equal(await run.ended, 0);
  t.match(run.stdout, '"msg":"SIGTERM: closing"');
  const terminal = spawnAfter(t, 'process.stdout.isTTY = true', fromSource('--port', '0'));
  await terminal.until(/^ {2}try {5}curl .*\n\nListening on /m);
  const fail = `
    const { write } = process.stdout;
    process.stdout.write = (text, ...more) => {
      if (text.startsWith('Listening on ')) setImmediate(() => { throw new Error('of a timer'); });
      return write.call(process.stdout, text, ...more);
    };`;
  const failing = spawnAfter(t, fail, fromSource('--port', '0'));
  t.equal(await failing.ended, 1);
  t.match(failing.stdout, /"level":60.*of a timer/);
});

t.test('a second signal ends it at once, with 128 plus its number', async (t) => {
  for (const [first, second, code] of [
    ['SIGTERM', 'SIGINT', 130],
    ['SIGTERM', 'SIGTERM', 143],
  ] as const) {
    const { run, port } = await spawnServer(t);
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`GET ${NGINX} HTTP/1.1\r\nHost: x\r\nx-api-key: ${KEY}\r\nPrefer: delay=20000\r\n\r\n`);
    await new Promise((resolve) => socket.once('connect', resolve));
    run.child.kill(first);
    await run.until(new RegExp(`"msg":"${first}: closing"`));
    run.child.kill(second);
    t.equal(await run.ended, code, `${first} ${second}`);
    t.equal(run.stderr, '');
  }
});

t.test('an unsupported version of Node is refused in one sentence, exit code 1', async (t) => {
  const run = spawnAfter(t, "Object.defineProperty(process, 'version', { value: 'v18.20.8' })", fromSource());
  t.equal(await run.ended, 1);
  t.equal(run.stderr, 'harness-registry-mock needs Node 20 or later; this is Node v18.20.8\n');
  t.equal(run.stdout, '');
  t.match(JSON.parse(readFileSync('package.json', 'utf8')).engines.node, /^20 /);
});

t.test('a missing package is one sentence, exit code 1; other errors keep their stack', async (t) => {
  const fail = (code: string) => `
    import Module from 'node:module';
    const { _resolveFilename } = Module;
    Module._resolveFilename = (name, ...more) => {
      if (name !== 'better-sqlite3') return _resolveFilename(name, ...more);
      throw Object.assign(new Error("Cannot find module 'better-sqlite3'\\nRequire stack:\\n- here"), { code: '${code}' });
    };`;
  const missing = spawnAfter(t, fail('MODULE_NOT_FOUND'), fromSource());
  t.equal(await missing.ended, 1);
  t.equal(missing.stderr, "Cannot find module 'better-sqlite3'; install harness-registry-mock again\n");
  const other = spawnAfter(t, fail('EOTHER'), fromSource());
  t.equal(await other.ended, 1);
  t.match(other.stderr, /Error: Cannot find module.*\n {4}at /s);
});

t.test('the bundle has the command and the library', async (t) => {
  t.equal(loadCommand().main, main);
  t.equal(loadLibrary().startMockServer, startMockServer);
});
