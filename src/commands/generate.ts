import { pipeline } from 'node:stream/promises';
import { parseFlags, readOption } from '../config/load.js';
import { between, OPTIONS } from '../config/options.js';
import { UserError } from '../util/errors.js';
import { NAME } from '../util/package.js';
import { generateFixtures } from './generate/fixtures.js';
import type { Command, Help } from './io.js';

const VERSIONS = { description: '', fallback: 0, ...between(1, 1_000_000_000) };

export const help: Help = {
  usage: 'generate --versions N',
  description: 'print N versions of a made-up company as an NDJSON fixture; --seed NUMBER',
  examples: [`${NAME} generate --versions 1000 > bulk.ndjson`, `${NAME} generate --versions 3 | ${NAME} --auth any -`],
  flags: [
    ['--versions N', `the number of versions, ${VERSIONS.expected}`],
    ['--seed NUMBER', `seed of the random generator, ${OPTIONS.seed.expected} (${OPTIONS.seed.fallback})`],
  ],
  notes: `It prints the same for the same N and seed. The data has no keys: serve it with --auth any, or with a fixture of
keys.`,
};

/**
 * `generate --versions N [--seed S]`: prints N versions of a made-up company as an NDJSON fixture. A reader that closes
 * the pipe early, as in `… | head -1`, ends it with exit code 0.
 */
export const run: Command = async (args, { stdout }) => {
  const { flags, positionals } = parseFlags(args, ['versions', 'seed']);
  const [argument] = positionals;
  if (argument !== undefined) {
    throw new UserError(`generate: unexpected argument "${argument}"; expected --versions and --seed only`, 2);
  }
  const versions = flags.get('versions');
  const seed = flags.get('seed');
  if (versions === undefined) throw new UserError(`generate: expected --versions, ${VERSIONS.expected}`, 2);
  const count = readOption(VERSIONS, versions);
  const seedNumber = seed === undefined ? OPTIONS.seed.fallback : readOption(OPTIONS.seed, seed);
  try {
    await pipeline(generateFixtures(count, seedNumber), stdout, { end: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EPIPE') throw new UserError(`generate: cannot write the output (${code})`, 1, { cause: error });
  }
  return 0;
};
