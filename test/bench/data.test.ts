import { join } from 'node:path';
import t from 'tap';
import { writeVersions } from '../../bench/data.js';
import { seedStore } from '../helper.js';

t.test('as many versions are written as are asked for, and a store takes them', async (t) => {
  const file = join(t.testdir(), 'bulk.ndjson');
  await writeVersions(file, 12_345);
  t.equal(seedStore(t, [file]).summarise().versions, 12_345);
});
