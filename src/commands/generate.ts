import { pipeline } from 'node:stream/promises';
import { parseFlags, readOption } from '../config/load.js';
import { OPTIONS } from '../config/options.js';
import { UserError } from '../util/errors.js';
import { generateFixtures } from './generate/fixtures.js';
import { VERSIONS } from './help.js';
import type { Command } from './io.js';

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
