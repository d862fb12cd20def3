import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import fc from 'fast-check';
import t from 'tap';
import { PACKAGE_TYPES, type PackageType } from '../../src/api/schema.js';
import { formatName, generateFixtures } from '../../src/commands/generate.js';
import { main } from '../../src/commands/main.js';
import type { FixtureLine } from '../../src/seed/format.js';
import { Collector, generateText, HINT, run } from './run.js';

const groupBy = (lines: readonly FixtureLine[], keyOf: (line: FixtureLine) => string): FixtureLine[][] => {
  const groups = new Map<string, FixtureLine[]>();
  for (const line of lines) {
    const key = keyOf(line);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [line]);
    else group.push(line);
  }
  return [...groups.values()];
};

const LINES: FixtureLine[] = generateText(50_000)
  .split('\n')
  .slice(0, -1)
  .map((line) => JSON.parse(line));

const ARTIFACTS = groupBy(LINES, ({ registry, artifact, artifactType }) => `${registry} ${artifact} ${artifactType}`);

const linesOf = (type: PackageType) => LINES.filter(({ packageType }) => packageType === type);

const shareOf = (lines: readonly FixtureLine[], isWanted: (line: FixtureLine) => boolean): number =>
  lines.filter(isWanted).length / lines.length;

const SEEDS = fc.nat(2 ** 32 - 1);

t.test('the same seed gives the same bytes everywhere', async (t) => {
  const hash = (seed: number) => createHash('sha256').update(generateText(10_000, seed)).digest('hex');
  t.equal(hash(1), 'd6f2c9e8d211e13b885fa17aabb08b2e7dfea1d5f0a756b39f1aa28fa4d7698f');
  t.equal(hash(4_294_967_295), '2b405e3f911c63a2f11b1d42d23a174f46aca6a3d3d0d81664ed47243dadc8eb');
  t.not(generateText(100, 1), generateText(100, 2));
});

t.test('fewer versions are a prefix of more', async (t) => {
  const property = fc.property(fc.nat(2_000), fc.nat(2_000), SEEDS, (fewer, further, seed) =>
    generateText(fewer + further, seed).startsWith(generateText(fewer, seed)),
  );
  const { failed, counterexample } = fc.check(property, { numRuns: 20 });
  t.notOk(failed, JSON.stringify(counterexample));
});

t.test('comes in short pieces of whole lines', async (t) => {
  let lines = 0;
  for (const piece of generateFixtures(5_000, 1)) {
    t.ok(piece.length < 200_000, `${piece.length} characters`);
    t.ok(piece.endsWith('\n'));
    lines += piece.split('\n').length - 1;
  }
  t.equal(lines, 5_000);
});

t.test('any number of versions of any seed is a valid fixture, without duplicates', async (t) => {
  const file = `${t.testdir()}/a.ndjson`;
  const property = fc.asyncProperty(fc.integer({ min: 1, max: 2_000 }), SEEDS, async (versions, seed) => {
    writeFileSync(file, generateText(versions, seed));
    const { stdout } = await run(['validate', file]);
    return stdout.includes(` ${versions} version`);
  });
  const { failed, counterexample } = await fc.check(property, { numRuns: 20 });
  t.notOk(failed, JSON.stringify(counterexample));
});

t.test('many versions have many registries and artifacts', async (t) => {
  const registries = new Set(LINES.map(({ registry }) => registry));
  t.ok(registries.size > 80, `${registries.size} registries`);
  t.ok(ARTIFACTS.length > 2_000, `${ARTIFACTS.length} artifacts`);
});

t.test('the words of names are unique', async (t) => {
  const names = Array.from({ length: 20_000 }, (_, number) => formatName('D-T', number));
  t.equal(new Set(names).size, names.length);
  t.ok(names.every((name) => /^[a-z]+-[a-z]+(-\d+)?$/.test(name)));
});

t.test('a hundred lines have every package type', async (t) => {
  const types = new Set(LINES.slice(0, 100).map(({ packageType }) => packageType));
  t.strictSame([...types].sort(), [...PACKAGE_TYPES].sort());
});

t.test('registries are in an account, in organisations and in projects', async (t) => {
  const depths = new Set(LINES.map(({ registry }) => registry.split('/').length));
  t.strictSame([...depths].sort(), [2, 3, 4]);
  t.ok(LINES.every(({ registry }) => registry.startsWith('globex/')));
});

t.test('names and versions fit their package type', async (t) => {
  const numbers = '\\d+\\.\\d+\\.\\d+';
  const semantic = `${numbers}(\\+build\\.\\d+)?`;
  const word = '[a-z]+(-\\d+)?';
  const rows: Record<PackageType, [name: string, version: string]> = {
    DOCKER: [`[a-z]+/${word}`, numbers],
    MAVEN: [`com\\.globex\\.[a-z]+:[a-z]+-${word}`, numbers],
    PYTHON: [`globex-[a-z]+-${word}`, `${numbers}(\\+local\\.\\d+)?`],
    GENERIC: [`[a-z]+/${word}`, semantic],
    HELM: [`[a-z]+-${word}`, `${numbers}(_build\\.\\d+)?`],
    NUGET: [`globex\\.[a-z]+\\.${word}`, semantic],
    NPM: [`@globex/[a-z]+-${word}`, semantic],
    RPM: [`[a-z]+-${word}`, `${numbers}-1\\.noarch`],
    CARGO: [`[a-z]+_${word}`, semantic],
    GO: [`go\\.globex\\.example/[a-z]+/${word}`, `v${numbers}`],
    HUGGINGFACE: [`[a-z]+-${word}`, `v${numbers}`],
  };
  for (const type of PACKAGE_TYPES) {
    const [name, version] = rows[type].map((pattern) => new RegExp(`^${pattern}$`)) as [RegExp, RegExp];
    t.ok(linesOf(type).length > 500, `${linesOf(type).length} versions of ${type}`);
    t.equal(
      linesOf(type).find((line) => !name.test(line.artifact) || !version.test(line.version)),
      undefined,
      type,
    );
  }
  for (const [name, pattern] of Object.entries({ flat: /^[a-z]+-/, namespaced: /^[a-z]+\//, scoped: /^@/ })) {
    t.ok(shareOf(LINES, ({ artifact }) => pattern.test(artifact)) > 0.01, name);
  }
  t.ok(shareOf(LINES, ({ version }) => version.includes('+')) > 0.01, 'some versions have a build');
});

t.test('each package type has the fields that the vendor sends for it', async (t) => {
  const rows: Record<PackageType, [size: 'number' | 'string' | 'none', isCounted: boolean, extra: string[]]> = {
    DOCKER: ['number', true, ['pullCommand']],
    MAVEN: ['number', false, []],
    PYTHON: ['none', false, ['metadata']],
    GENERIC: ['none', false, ['description']],
    HELM: ['number', true, ['pullCommand']],
    NUGET: ['number', true, ['metadata']],
    NPM: ['string', true, ['metadata']],
    RPM: ['string', true, ['metadata']],
    CARGO: ['number', true, ['metadata']],
    GO: ['number', true, ['metadata']],
    HUGGINGFACE: ['number', true, ['metadata']],
  };
  for (const type of PACKAGE_TYPES) {
    const shapes = linesOf(type).map(({ size, downloadCount, extra = {} }) =>
      JSON.stringify([size === undefined ? 'none' : typeof size, downloadCount !== undefined, Object.keys(extra)]),
    );
    t.strictSame([...new Set(shapes)], [JSON.stringify(rows[type])], type);
  }
  t.ok(
    linesOf('NPM').every(({ size }) => /^\d+$/.test(String(size))),
    'a bare size',
  );
  t.ok(linesOf('GENERIC').every(({ extra }) => extra?.description === ''));
  const [crate, image] = [linesOf('CARGO')[0], linesOf('DOCKER')[0]] as [FixtureLine, FixtureLine];
  const { artifact, version, size } = crate;
  t.strictSame(crate.extra?.metadata, { name: artifact, version, size, file_count: 1 });
  const place = `pkg.globex.example/globex/images/${image.artifact}`;
  t.equal(image.extra?.pullCommand, `docker pull ${place}:${image.version}`);
});

/** The numbers of a version as one number. */
const rankOf = ({ version }: FixtureLine): number => {
  const [major = 0, minor = 0, patch = 0] = (/\d+\.\d+\.\d+/.exec(version)?.[0] ?? '').split('.').map(Number);
  return major * 1e9 + minor * 1e6 + patch;
};

t.test('versions and dates of an artifact rise, until the end of 2024', async (t) => {
  const isRising = (lines: FixtureLine[], read: (line: FixtureLine) => number) =>
    lines.every((line, index) => index === 0 || read(line) > read(lines[index - 1] as FixtureLine));
  t.ok(
    ARTIFACTS.every((lines) => isRising(lines, rankOf)),
    'versions',
  );
  t.ok(
    ARTIFACTS.every((lines) => isRising(lines, ({ createdAt }) => Number(createdAt))),
    'dates',
  );
  const [begin, end] = [Date.parse('2018-01-01'), Date.parse('2025-01-01')];
  const isOutside = ({ createdAt, modifiedAt }: FixtureLine) =>
    Number(createdAt) < begin || Number(modifiedAt) < Number(createdAt) || Number(modifiedAt) >= end;
  t.strictSame(LINES.filter(isOutside), []);
});

t.test('artifacts have few versions or many', async (t) => {
  const counts = ARTIFACTS.map((lines) => lines.length);
  t.ok(counts.includes(1));
  t.ok(Math.max(...counts) > 100);
});

t.test('some versions are quarantined', async (t) => {
  const share = shareOf(LINES, ({ quarantineReason }) => quarantineReason !== undefined);
  t.ok(share > 0.003 && share < 0.02, `${share}`);
});

t.test('some images have children, and nothing else has', async (t) => {
  const hasChildren = ({ children }: FixtureLine) => children !== undefined;
  const share = shareOf(linesOf('DOCKER'), hasChildren);
  t.ok(share > 0.1 && share < 0.3, `${share}`);
  t.ok(LINES.every((line) => line.packageType === 'DOCKER' || !hasChildren(line)));
  const children = LINES.flatMap(({ children = [] }) => children);
  t.ok(children.every(({ version, size }) => /^sha256:[0-9a-f]{64}$/.test(version) && Number(size) > 0));
});

t.test('the command prints N versions from the seed flag, not from its variable', async (t) => {
  const environment = { REGISTRY_MOCK_SEED: '5' };
  const expected = { code: 0, stdout: generateText(10, 1), stderr: '' };
  t.strictSame(await run(['generate', '--versions=10'], environment), expected);
  t.equal((await run(['generate', '--seed', '0', '--versions', '10'])).stdout, generateText(10, 0));
});

t.test('rejects a usage error, exit code 2', async (t) => {
  const versions = 'a whole number from 1 to 1000000000';
  const rows: [args: string[], message: string][] = [
    [[], `generate: expected --versions, ${versions}`],
    [['--seed', '1'], `generate: expected --versions, ${versions}`],
    [['--versions'], '--versions: expected a value after it'],
    [['--versions', '--seed', '1'], '--versions: expected a value after it'],
    ...['', '0', '-1', '1.5', '1e6', '10_000', 'ten', '1000000001', '99999999999'].map((text): [string[], string] => [
      [`--versions=${text}`],
      `--versions: found "${text}", expected ${versions}`,
    ]),
    ...['', '-1', 'x', '4294967296'].map((text): [string[], string] => [
      ['--versions', '1', `--seed=${text}`],
      `--seed: found "${text}", expected a whole number from 0 to 4294967295`,
    ]),
    [['--versoins', '10'], 'unknown flag --versoins; did you mean "--versions"?'],
    [['--versions', '1', '--port', '1'], 'unknown flag --port'],
    [['10'], 'unexpected argument "10"; generate accepts flags only'],
  ];
  for (const [args, message] of rows) {
    const stderr = `${message}\n${HINT}`;
    t.strictSame(await run(['generate', ...args]), { code: 2, stdout: '', stderr }, args.join(' '));
  }
});

t.test('writes no faster than its output is read', async (t) => {
  let waiting = 0;
  let max = 0;
  const stdout = new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, done) {
      waiting += chunk.length;
      max = Math.max(max, waiting);
      setImmediate(() => {
        waiting -= chunk.length;
        done();
      });
    },
  });
  const io = {
    env: {},
    stdin: Readable.from([]),
    stdout,
    stderr: new Collector(),
    on: () => {},
    exit: () => {},
  };
  t.equal(await main(['generate', '--versions', '20000'], io), 0);
  t.ok(max < 300_000, `${max} bytes at once`);
  t.ok(stdout.writableLength < 300_000);
});

t.test('a closed pipe ends it quietly, and a full disk is reported', async (t) => {
  const rows: [cause: string, code: number, stderr: string][] = [
    ['EPIPE', 0, ''],
    ['ENOSPC', 1, 'generate: cannot write the output (ENOSPC)\n'],
  ];
  for (const [cause, code, message] of rows) {
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('no'), { code: cause })),
    });
    const stderr = new Collector();
    const io = { env: {}, stdin: Readable.from([]), stdout, stderr, on: () => {}, exit: () => {} };
    t.equal(await main(['generate', '--versions', '10000'], io), code, cause);
    t.equal(stderr.text, message);
  }
});
