import { writeFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import t from 'tap';
import { main } from '../../src/main.js';
import { generateText } from '../generate/support.js';
import { Collector, run } from './run.js';

const HINT = 'Try harness-registry-mock --help\n';

t.test('prints so many versions, which validate takes', async (t) => {
  const outcome = await run(['generate', '--versions', '1000']);
  t.strictSame(outcome, { code: 0, stdout: generateText(1_000, 1), stderr: '' });
  const file = `${t.testdir()}/a.ndjson`;
  writeFileSync(file, outcome.stdout);
  t.match((await run(['validate', file])).stdout, /^valid: \d+ registries, \d+ artifacts, 1000 versions, 0 keys\n$/);
});

t.test('starts from a seed, and from nothing else', async (t) => {
  const environment = { REGISTRY_MOCK_SEED: '5' };
  t.equal((await run(['generate', '--versions=10'], environment)).stdout, generateText(10, 1));
  t.equal((await run(['generate', '--seed', '0', '--versions', '10'])).stdout, generateText(10, 0));
});

t.test('tells a mistake in the usage, exit code 2', async (t) => {
  const versions = 'a whole number from 1 to 1000000000';
  const rows: [args: string[], message: string][] = [
    [[], `generate: expected --versions, ${versions}`],
    [['--seed', '1'], `generate: expected --versions, ${versions}`],
    [['--versions'], '--versions: expected a value behind it'],
    [['--versions', '--seed', '1'], '--versions: expected a value behind it'],
    ...['', '0', '-1', '1.5', '1e6', '10_000', 'ten', '1000000001', '99999999999'].map((text): [string[], string] => [
      [`--versions=${text}`],
      `--versions: found "${text}", expected ${versions}`,
    ]),
    ...['', '-1', 'x', '4294967296'].map((text): [string[], string] => [
      ['--versions', '1', `--seed=${text}`],
      `--seed: found "${text}", expected a whole number from 0 to 4294967295`,
    ]),
    [['--versoins', '10'], 'unknown flag --versoins; generate takes --versions and --seed'],
    [['--versions', '1', '--port', '1'], 'unknown flag --port; generate takes --versions and --seed'],
    [['10'], 'generate: unexpected argument "10"; it takes --versions and --seed'],
  ];
  for (const [args, message] of rows) {
    const stderr = `${message}\n${HINT}`;
    t.strictSame(await run(['generate', ...args]), { code: 2, stdout: '', stderr }, args.join(' '));
  }
});

t.test('writes no faster than it is read', async (t) => {
  let waiting = 0;
  let most = 0;
  const stdout = new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, done) {
      waiting += chunk.length;
      most = Math.max(most, waiting);
      setImmediate(() => {
        waiting -= chunk.length;
        done();
      });
    },
  });
  const io = { environment: {}, stdout, stderr: new Collector(), onSignal: () => {} };
  t.equal(await main(['generate', '--versions', '100000'], io), 0);
  t.ok(most < 300_000, `${most} bytes at once`);
  t.ok(stdout.writableLength < 300_000);
});

t.test('a reader that has gone ends it quietly, and a full disk does not', async (t) => {
  const rows: [cause: string, code: number, stderr: string][] = [
    ['EPIPE', 0, ''],
    ['ENOSPC', 1, 'generate: the output cannot be written (ENOSPC)\n'],
  ];
  for (const [cause, code, message] of rows) {
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('no'), { code: cause })),
    });
    const stderr = new Collector();
    const io = { environment: {}, stdout, stderr, onSignal: () => {} };
    t.equal(await main(['generate', '--versions', '10000'], io), code, cause);
    t.equal(stderr.text, message);
  }
});
