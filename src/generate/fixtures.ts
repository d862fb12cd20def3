import { createRandom } from '../random.js';
import { createArtifacts } from './artifacts.js';
import { createDice } from './dice.js';
import { writeVersions } from './versions.js';

const PIECE_CHARACTERS = 1 << 16;

/**
 * Writes so many versions of a company that does not exist, as NDJSON fixtures in pieces of many lines. Takes their
 * number and a seed, a whole number. The same seed gives the same lines everywhere, and fewer versions are the first of
 * more; no version comes twice, and the memory that it takes does not grow.
 */
export function* generateFixtures(versions: number, seed: number): Generator<string> {
  const dice = createDice(createRandom(seed));
  const nextArtifact = createArtifacts(dice);
  let piece = '';
  let left = versions;
  while (left > 0) {
    for (const line of writeVersions(nextArtifact(), dice)) {
      if (left === 0) break;
      piece += line;
      left -= 1;
    }
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}
