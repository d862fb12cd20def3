import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { formatTarget, writeDistinctTargets, writeKeys, writeTargets, writeVersions } from '../../../bench/data.js';
import { BUNDLED } from '../../../bench/servers/mock.js';
import { ERROR_ROWS, makeWorkload, makeWorkloads, ROWS } from '../../../bench/workloads.js';
import { build, seedStore } from '../../helper.js';

const readLines = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n');

t.test('a store accepts the generated versions, and every row gets its answer', async (t) => {
  const folder = t.testdir();
  const [fixture, keys] = [join(folder, 'versions.ndjson'), join(folder, 'keys.json')] as const;
  const versions = await writeVersions(fixture, 400);
  writeKeys(keys);
  const store = seedStore(t, [fixture, keys]);
  t.equal(store.summarise().versions, 400);
  const app = build(t, { store });
  for (const spelling of ['published', 'encoded'] as const) {
    const lists = writeTargets(join(folder, spelling), versions, spelling);
    for (const [row, { targets, path, headers, status, contains }] of Object.entries(makeWorkloads(ROWS, lists))) {
      const lines = readLines(targets);
      t.equal(lines[0], path);
      t.equal(new Set(lines).size, row === 'repeated' ? 1 : 400, `${row}: distinct targets`);
      const answers = await Promise.all(lines.map((url) => app.inject({ url, headers })));
      const wrong = answers.filter(({ statusCode, body }) => statusCode !== status || !body.includes(contains));
      t.strictSame(wrong, [], `${row}, ${spelling}`);
    }
  }
});

t.test('a target is that of its version', async (t) => {
  const version = { registry: 'globex/npm', artifact: '@globex/cart-api', version: '1.0.0+b' };
  for (const [more, spelling, target] of [
    [{}, 'published', 'globex/npm/+/artifact/%40globex/cart-api/+/version/1.0.0%2Bb/details'],
    [{}, 'encoded', 'globex%2Fnpm%2F%2B/artifact/%40globex%2Fcart-api%2F%2B/version/1.0.0%2Bb/details'],
    [
      { artifact: 'a', artifactType: 'model' },
      'published',
      'globex/npm/+/artifact/a/version/1.0.0%2Bb/details?artifact_type=model',
    ],
  ] as const)
    t.equal(formatTarget({ ...version, ...more }, spelling), `/har/api/v1/registry/${target}`);
});

t.test('lists of the same versions are the same', async (t) => {
  const versions = await writeVersions(join(t.testdir(), 'versions'), 1_234);
  const [one, two] = ['one', 'two'].map((name) => writeTargets(join(t.testdirName, name), versions, 'published'));
  t.strictSame(readLines(one?.found as string), readLines(two?.found as string));
  t.not(readLines(one?.found as string)[0], formatTarget(versions[0] as (typeof versions)[0], 'published'), 'shuffled');
});

t.test('a store of few versions has as many distinct targets', async (t) => {
  const file = join(t.testdir(), 'targets');
  const versions = await writeVersions(join(t.testdirName, 'versions'), 10);
  writeDistinctTargets(file, versions);
  const lines = readLines(file);
  t.equal(new Set(lines).size, 100_000);
  t.ok(lines.every((line) => /[?&]n=\d+$/.test(line)));
});

t.test('the sample of a large store is evenly distributed', async (t) => {
  const file = join(t.testdir(), 'versions');
  const sample = await writeVersions(file, 250_000);
  const lines = readLines(file);
  t.equal(lines.length, 250_000);
  t.match(sample[1], JSON.parse(lines[3] as string));
  t.equal(sample.length, Math.ceil(250_000 / 3));
});

t.test('the constant body is that of the bundled version, and errors have constant bodies', async (t) => {
  const { path, headers, contains } = BUNDLED;
  t.equal((await build(t).inject({ url: path, headers })).body, contains);
  const lists = { found: __filename, one: __filename, unknown: __filename, invalid: __filename };
  for (const row of ERROR_ROWS) t.match(JSON.parse(makeWorkload(row, lists).contains), { code: row });
});
