import t from 'tap';
import { judgeDetails } from '../../../fuzz/fixtures/judge.js';
import { fuzzFixtures, fuzzInvalidFixtures } from '../../../fuzz/fixtures/serve.js';
import { listServed, type Served } from '../../../fuzz/fixtures/versions.js';
import { findingOf } from './support.js';

const SEED = 1;

t.test(`any fixture is served as it is, with seed ${SEED}`, async (t) => {
  const tally = { documents: 0, answers: 0 };
  await fuzzFixtures(tally, { seed: SEED, runs: 10 });
  t.equal(tally.documents, 10);
  t.ok(tally.answers > 20, String(tally.answers));
});

t.test(`any invalid fixture is refused, with seed ${SEED}`, async () => {
  await fuzzInvalidFixtures({ seed: SEED, runs: 30 });
});

t.test('lists every version and child of a document', async (t) => {
  const served = listServed({
    registries: [
      {
        ref: 'a/b',
        packageType: 'DOCKER',
        artifacts: [
          { name: 'c', quarantineReason: 'q', versions: [{ version: '1', children: [{ version: 'x/y' }] }] },
          { name: 'd' },
        ],
      },
      { ref: 'a/c', packageType: 'GO' },
    ],
  });
  const path = { ref: 'a/b', artifact: 'c', version: '1' };
  t.match(served, [
    { path, query: '', quarantineReason: 'q', fixture: { version: '1' } },
    { path, query: '?childVersion=x%2Fy', quarantineReason: 'q', fixture: { version: 'x/y' } },
  ]);
});

const served: Served = {
  path: { ref: 'a/b', artifact: 'c', version: '1' },
  query: '',
  packageType: 'GO',
  artifactType: undefined,
  quarantineReason: undefined,
  fixture: { version: '1', size: 1, createdAt: '2024-01-01', downloadCount: 2, extra: { more: [1] } },
};

const DATA = {
  version: '1',
  packageType: 'GO',
  name: 'c',
  size: '1.00B',
  createdAt: '1704067200000',
  downloadCount: 2,
  isQuarantined: false,
  more: [1],
};

const answer = (data: object, status = 'SUCCESS') => ({
  status: 200,
  text: JSON.stringify({ status, data: { ...DATA, ...data } }),
});

t.test('a right answer is accepted', async () => {
  judgeDetails(served, answer({}));
  const failing: Served = { ...served, fixture: { version: '1', fault: { code: 503 } } };
  judgeDetails(failing, { status: 503, text: '{"code":"503","message":"m"}' });
});

t.test('every difference from the document is found', async (t) => {
  const rows: Record<string, [found: { status: number; text: string }, expected: RegExp]> = {
    'another status': [{ ...answer({}), status: 404 }, /^a 200$/],
    'a body that violates the contract': [answer({ packageType: 'DOKCER' }), /contract's schema/],
    'another status inside': [answer({}, 'ERROR'), /^the status SUCCESS$/],
    'another name': [answer({ name: 'd' }), /^data \{/],
    'a size without a unit': [answer({ size: '1' }), /^size of the form/],
    'a time that is not a number': [answer({ createdAt: '2024-01-01' }), /^createdAt of the form/],
    'a missing field': [answer({ downloadCount: undefined }), /^data \{/],
    'an additional field': [answer({ createdBy: 'me' }), /^data \{/],
    'a missing field of extra': [answer({ more: undefined }), /^data \{/],
    'another version': [answer({ version: 'no' }), /^data \{/],
  };
  for (const [name, [found, expected]] of Object.entries(rows))
    t.match((await findingOf(t, () => judgeDetails(served, found))).expected, expected, name);
  const failing: Served = { ...served, fixture: { version: '1', fault: { code: 503 } } };
  const bare = { status: 503, text: '{"message":"m"}' };
  t.match((await findingOf(t, () => judgeDetails(failing, bare))).expected, /contract's schema/);
});
