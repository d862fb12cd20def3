import { FixtureError, MAX_PROBLEMS } from '../seed/document.js';
import { writeFixtures } from '../seed/write.js';
import { openStore, type Store } from '../store/store.js';
import { UserError } from '../util/errors.js';
import { count, escapeControls } from '../util/text.js';
import { readStdin } from './fixtures.js';
import { type Command, STDIN } from './io.js';

/** `validate PATH…`: loads fixtures into a temporary store, as a start does, and prints how much they contain. */
export const run: Command = async (paths, io) => {
  const flag = paths.find((path) => path.startsWith('-') && path !== STDIN);
  if (flag) throw new UserError(`unknown flag ${flag}; validate accepts only fixture files and folders`, 2);
  if (paths.length === 0) throw new UserError('validate: expected a fixture file or a folder of them', 2);
  const sources = await readStdin(paths, io);
  const store = openStore();
  try {
    const { skipped } = load(sources, store);
    const { registries, artifacts, versions, keys } = store.summarise();
    const data = [
      count(registries, 'registry', 'registries'),
      count(artifacts, 'artifact'),
      count(versions, 'version'),
    ];
    io.stdout.write(`valid: ${data.join(', ')}, ${count(keys, 'key')}\n`);
    for (const { path, reason } of skipped) io.stdout.write(`skipped: ${escapeControls(path)} (${reason})\n`);
    return 0;
  } finally {
    store.close();
  }
};

/** Throws a UserError that ends with the number of problems. */
function load(sources: Parameters<typeof writeFixtures>[0], store: Store) {
  try {
    return writeFixtures(sources, store.seed);
  } catch (error) {
    if (!(error instanceof FixtureError)) throw error;
    const { problems, message } = error;
    const more = problems.length >= MAX_PROBLEMS ? '; there may be more' : '';
    throw new UserError([...message.split('\n'), `${count(problems.length, 'problem')}${more}`]);
  }
}
