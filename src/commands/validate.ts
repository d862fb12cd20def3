import { writeFixtures } from '../seed/write.js';
import { openStore } from '../store/store.js';
import { UserError } from '../util/errors.js';
import { count, escapeControls } from '../util/text.js';
import type { Command } from './io.js';

/** `validate PATH…`: loads fixtures into a temporary store, as a start does, and prints how much they contain. */
export const run: Command = async (paths, { stdout }) => {
  const flag = paths.find((path) => path.startsWith('-'));
  if (flag) throw new UserError(`unknown flag ${flag}; validate accepts only fixture files and folders`, 2);
  if (paths.length === 0) throw new UserError('validate: expected a fixture file or a folder of them', 2);
  const store = openStore();
  try {
    const { skipped } = writeFixtures(paths, store.seed);
    const { registries, artifacts, versions, keys } = store.summarise();
    const data = [
      count(registries, 'registry', 'registries'),
      count(artifacts, 'artifact'),
      count(versions, 'version'),
    ];
    stdout.write(`valid: ${data.join(', ')}, ${count(keys, 'key')}\n`);
    for (const { path, reason } of skipped) stdout.write(`skipped: ${escapeControls(path)} (${reason})\n`);
    return 0;
  } finally {
    store.close();
  }
};
