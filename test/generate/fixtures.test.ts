import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { loadFixtures } from '../../src/fixtures/load.js';
import { generateFixtures } from '../../src/generate/fixtures.js';
import { seedStore } from '../helper.js';
import { generateText } from './support.js';

const SEEDS = fc.nat(2 ** 32 - 1);

t.test('the bytes are the same everywhere and in every release', async (t) => {
  const hash = (seed: number) => createHash('sha256').update(generateText(10_000, seed)).digest('hex');
  t.equal(hash(1), 'fe10daea7ff2b3dbc3a901d9b379265bc314dea4f33611c5b85306b6116ef909');
  t.equal(hash(4_294_967_295), 'b6ff55df29fb566a3ea39e628d87326fbfb45c5343545af4ec5a705cb787097a');
});

t.test('any number of versions of any seed can be loaded', async (t) => {
  const file = `${t.testdir()}/a.ndjson`;
  const store = seedStore(t, []);
  const property = fc.property(fc.integer({ min: 1, max: 3_000 }), SEEDS, (versions, seed) => {
    writeFileSync(file, generateText(versions, seed));
    loadFixtures(store, [file]);
    return store.summarise().versions === versions;
  });
  const { failed, counterexample } = fc.check(property, { numRuns: 50 });
  t.notOk(failed, JSON.stringify(counterexample));
});

t.test('many versions can be loaded', async (t) => {
  const versions = 200_000;
  const file = `${t.testdir()}/a.ndjson`;
  writeFileSync(file, generateText(versions));
  const { registries, artifacts, ...counts } = seedStore(t, [file]).summarise();
  t.equal(counts.versions, versions);
  t.ok(registries > 100, `${registries} registries`);
  t.ok(artifacts > 5_000, `${artifacts} artifacts`);
});

t.test('fewer versions are the first of more', async (t) => {
  const property = fc.property(fc.nat(2_000), fc.nat(2_000), SEEDS, (fewer, further, seed) =>
    generateText(fewer + further, seed).startsWith(generateText(fewer, seed)),
  );
  const { failed, counterexample } = fc.check(property, { numRuns: 50 });
  t.notOk(failed, JSON.stringify(counterexample));
});

t.test('another seed gives other versions', async (t) => {
  t.not(generateText(100, 1), generateText(100, 2));
});

t.test('comes in pieces of whole lines', async (t) => {
  let lines = 0;
  for (const piece of generateFixtures(5_000, 1)) {
    t.ok(piece.length < 200_000, `${piece.length} characters`);
    t.ok(piece.endsWith('\n'));
    lines += piece.split('\n').length - 1;
  }
  t.equal(lines, 5_000);
});
