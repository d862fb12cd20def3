import { pipeline } from 'node:stream/promises';
import { OPTIONS } from '../config/options.js';
import { separateArguments } from '../config/separate.js';
import { Failure } from '../failure.js';
import { generateFixtures } from '../generate/fixtures.js';
import type { Command } from './io.js';

const MOST_VERSIONS = 1_000_000_000;

const EXPECTED_VERSIONS = `a whole number from 1 to ${MOST_VERSIONS}`;

/**
 * `generate --versions N [--seed S]`: writes so many versions of a company that does not exist as an NDJSON fixture. A
 * reader that has enough, as in `… | head -1`, ends it with exit code 0.
 */
export const generate: Command = async (args, { stdout }) => {
  const { positionals, own, flags } = separateArguments(args, ['versions', 'seed']);
  const [flag] = flags;
  if (flag !== undefined) throw new Failure(`unknown flag ${flag}; generate takes --versions and --seed`, 2);
  const [argument] = positionals;
  if (argument !== undefined) {
    throw new Failure(`generate: unexpected argument "${argument}"; it takes --versions and --seed`, 2);
  }
  const pieces = generateFixtures(readVersions(own.versions), readSeed(own.seed));
  try {
    await pipeline(pieces, stdout, { end: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EPIPE') throw new Failure(`generate: the output cannot be written (${code})`, 1, { cause: error });
  }
  return 0;
};

function readVersions(text: string | undefined): number {
  if (text === undefined) throw new Failure(`generate: expected --versions, ${EXPECTED_VERSIONS}`, 2);
  const versions = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (versions >= 1 && versions <= MOST_VERSIONS) return versions;
  throw new Failure(`--versions: found "${text}", expected ${EXPECTED_VERSIONS}`, 2);
}

function readSeed(text: string | undefined): number {
  const { fallback, read, expected } = OPTIONS.seed;
  const seed = text === undefined ? fallback : read(text);
  if (seed === undefined) throw new Failure(`--seed: found "${text}", expected ${expected}`, 2);
  return seed;
}
