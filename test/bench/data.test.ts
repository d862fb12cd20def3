import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { writeVersions } from '../../bench/data.js';
import { seedStore } from '../helper.js';

t.test('as many versions are written as are asked for, and a store takes them', async (t) => {
  const file = join(t.testdir(), 'bulk.ndjson');
  await writeVersions(file, 12_345);
  const store = seedStore(t, [file]);
  t.match(store.summarise(), { registries: 2, artifacts: 124, versions: 12_345 });
  const [first, second] = readFileSync(file, 'utf8').split('\n');
  t.equal(first, '{"registry":"acme/bulk/r0","packageType":"GENERIC","artifact":"a0","version":"1.0.0","size":0}');
  t.match(JSON.parse(second as string), { version: '1.0.1', size: 1 });
});
