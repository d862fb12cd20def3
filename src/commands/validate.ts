import { Failure } from '../failure.js';
import { loadFixtures } from '../fixtures/load.js';
import { openStore } from '../store/store.js';
import { count } from './count.js';
import type { Command } from './io.js';

/** `validate PATH…`: loads fixtures into a scratch store, just as a start would, and says what they hold. */
export const validate: Command = async (paths, { stdout }) => {
  const flag = paths.find((path) => path.startsWith('-'));
  if (flag !== undefined) throw new Failure(`unknown flag ${flag}; validate takes fixture files and folders only`, 2);
  if (paths.length === 0) throw new Failure('validate: expected a fixture file or a folder of them', 2);
  const store = openStore();
  try {
    loadFixtures(store, paths);
    const { registries, artifacts, versions, keys } = store.summarise();
    const counts = [
      count(registries, 'registry', 'registries'),
      count(artifacts, 'artifact'),
      count(versions, 'version'),
      count(keys, 'key'),
    ];
    stdout.write(`valid: ${counts.join(', ')}\n`);
    return 0;
  } finally {
    store.close();
  }
};
