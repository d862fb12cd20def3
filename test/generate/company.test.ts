import t from 'tap';
import { PACKAGE_TYPES } from '../../src/contract/values.js';
import type { FixtureLine } from '../../src/fixtures/format.js';
import { generateLines, groupBy } from './support.js';

const LINES = generateLines(50_000);

const ARTIFACTS = groupBy(LINES, ({ registry, artifact, artifactType }) => `${registry} ${artifact} ${artifactType}`);

const shareOf = (lines: readonly FixtureLine[], isWanted: (line: FixtureLine) => boolean): number =>
  lines.filter(isWanted).length / lines.length;

t.test('a hundred lines are of every package type', async (t) => {
  const types = new Set(LINES.slice(0, 100).map(({ packageType }) => packageType));
  t.strictSame([...types].sort(), [...PACKAGE_TYPES].sort());
});

t.test('registries are of an account, of organisations and of projects', async (t) => {
  const depths = new Set(LINES.map(({ registry }) => registry.split('/').length));
  t.strictSame([...depths].sort(), [2, 3, 4]);
  t.ok(LINES.every(({ registry }) => registry.startsWith('globex/')));
});

t.test('names and versions are fit for their package type', async (t) => {
  const numbers = '\\d+\\.\\d+\\.\\d+';
  const semantic = `${numbers}(-rc\\.1)?(\\+build\\.\\d+)?`;
  const word = '[a-z]+(-\\d+)?';
  const rows: Record<string, [name: string, version: string]> = {
    DOCKER: [`[a-z]+[-/]${word}`, `${numbers}(-rc\\.1)?`],
    MAVEN: [`com\\.globex\\.[a-z]+:[a-z]+-${word}`, `${numbers}(-RC1)?`],
    PYTHON: [`globex-[a-z]+-${word}`, `${numbers}(rc1)?(\\+local\\.\\d+)?`],
    GENERIC: [`[a-z]+(-${word}|/${word}/bundle)`, semantic],
    HELM: [`[a-z]+-${word}`, semantic],
    NUGET: ['Globex\\.[A-Z][a-z]+\\.[A-Z][a-z]+\\d*', semantic],
    NPM: [`(@globex/)?[a-z]+-${word}`, semantic],
    RPM: [`[a-z]+-${word}`, `${numbers}-(1|0\\.rc1)\\.el9`],
    CARGO: ['[a-z]+_[a-z]+(_\\d+)?', semantic],
    GO: [
      `go\\.globex\\.example/[a-z]+/${word}`,
      `v(${numbers}(-rc\\.1)?|([2-9]|\\d\\d)\\.\\d+\\.\\d+(-rc\\.1)?\\+incompatible)`,
    ],
    HUGGINGFACE: [`globex/[a-z]+-${word}`, `v${numbers}(-rc\\.1)?`],
  };
  for (const [type, [name, version]] of Object.entries(rows)) {
    const lines = LINES.filter(({ packageType }) => packageType === type);
    t.ok(lines.length > 500, `${lines.length} versions of ${type}`);
    const odd = lines.find(
      (line) => !new RegExp(`^${name}$`).test(line.artifact) || !new RegExp(`^${version}$`).test(line.version),
    );
    t.equal(odd, undefined, type);
  }
  for (const [name, pattern] of Object.entries({ flat: /^[a-z]+-/, namespaced: /^[a-z]+\//, scoped: /^@/ })) {
    t.ok(shareOf(LINES, ({ artifact }) => pattern.test(artifact)) > 0.01, name);
  }
  t.ok(shareOf(LINES, ({ version }) => version.includes('+')) > 0.01, 'some versions have a build');
});

/** The numbers of a version; a candidate is below its release. */
const rankOf = ({ version }: FixtureLine): number => {
  const [major = 0, minor = 0, patch = 0] = (/\d+\.\d+\.\d+/.exec(version)?.[0] ?? '').split('.').map(Number);
  return major * 1e9 + minor * 1e6 + patch * 10 + (/rc/i.test(version) ? 0 : 1);
};

t.test('versions and dates of an artifact rise, up to the end of 2024', async (t) => {
  const isRising = (lines: FixtureLine[], read: (line: FixtureLine) => number) =>
    lines.every((line, index) => index === 0 || read(line) > read(lines[index - 1] as FixtureLine));
  t.strictSame(
    ARTIFACTS.filter((lines) => !isRising(lines, rankOf)),
    [],
    'versions',
  );
  t.strictSame(
    ARTIFACTS.filter((lines) => !isRising(lines, ({ createdAt }) => Number(createdAt))),
    [],
    'dates',
  );
  const [begin, end] = [Date.parse('2018-01-01'), Date.parse('2025-01-01')];
  const isOdd = ({ createdAt, modifiedAt }: FixtureLine) =>
    Number(createdAt) < begin || Number(modifiedAt) < Number(createdAt) || Number(modifiedAt) >= end;
  t.strictSame(LINES.filter(isOdd), []);
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

t.test('images have children now and then, and nothing else has any', async (t) => {
  const [images, others] = groupBy(LINES, ({ packageType }) => String(packageType === 'DOCKER')) as FixtureLine[][];
  const share = shareOf(images as FixtureLine[], ({ children }) => children !== undefined);
  t.ok(share > 0.1 && share < 0.3, `${share}`);
  t.equal(
    shareOf(others as FixtureLine[], ({ children }) => children !== undefined),
    0,
  );
  for (const { version, size } of LINES.flatMap(({ children = [] }) => children).slice(0, 100)) {
    t.match(version, /^sha256:[0-9a-f]{64}$/);
    t.ok(Number(size) > 0);
  }
});

t.test('models and data sets are told apart, and some share a name', async (t) => {
  const hub = ARTIFACTS.map(([line]) => line as FixtureLine).filter(({ packageType }) => packageType === 'HUGGINGFACE');
  const twins = groupBy(hub, ({ registry, artifact }) => `${registry} ${artifact}`).filter(({ length }) => length > 1);
  t.ok(twins.length > 0);
  for (const lines of twins) t.strictSame(lines.map(({ artifactType }) => artifactType).sort(), ['dataset', 'model']);
});
