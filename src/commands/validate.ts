import { FixtureError, MAX_PROBLEMS } from '../seed/document.js';
import { writeFixtures } from '../seed/write.js';
import { openStore } from '../store/store.js';
import { UserError } from '../util/errors.js';
import { count, escapeControls } from '../util/text.js';
import { type Command, readStdin } from './io.js';

/** `validate PATH…`: loads fixtures into a temporary store, as a start does, and prints how much they contain. */
export const run: Command = async ({ words }, io) => {
  if (words.length === 0) throw new UserError('validate: expected a fixture file or a folder of them', 2);
  const sources = await readStdin(words, io);
  const store = openStore();
  try {
    const { skipped } = writeFixtures(sources, store.seed);
    const { registries, artifacts, versions, keys } = store.summarise();
    const data = [
      count(registries, 'registry', 'registries'),
      count(artifacts, 'artifact'),
      count(versions, 'version'),
    ];
    io.stdout.write(`valid: ${data.join(', ')}, ${count(keys, 'key')}\n`);
    for (const { path, reason } of skipped) io.stdout.write(`skipped: ${escapeControls(path)} (${reason})\n`);
  } catch (error) {
    if (!(error instanceof FixtureError)) throw error;
    const { problems, message } = error;
    const more = problems.length >= MAX_PROBLEMS ? '; there may be more' : '';
    throw new UserError([...message.split('\n'), `${count(problems.length, 'problem')}${more}`]);
  } finally {
    store.close();
  }
  return 0;
};
