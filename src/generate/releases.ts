import type { Dice } from './dice.js';

/** A semantic version; a candidate comes right before the release of its numbers, and a build of 0 is none. */
export interface Release {
  major: number;
  minor: number;
  patch: number;
  isCandidate: boolean;
  build: number;
}

/** Draws the first version of an artifact. */
export function firstRelease(dice: Dice): Release {
  const isStable = dice.oneIn(2);
  return { major: isStable ? 1 : 0, minor: isStable ? 0 : 1, patch: 0, isCandidate: false, build: 0 };
}

/** Draws the version that comes after another: its numbers are higher, or it is the release of a candidate. */
export function nextRelease({ major, minor, patch, isCandidate }: Release, dice: Dice): Release {
  const build = dice.oneIn(12) ? 1 + dice.below(900) : 0;
  if (isCandidate) return { major, minor, patch, isCandidate: false, build };
  const step = dice.below(40);
  if (step === 0) return { major: major + 1, minor: 0, patch: 0, isCandidate: dice.oneIn(2), build };
  if (step < 12) return { major, minor: minor + 1, patch: 0, isCandidate: dice.oneIn(4), build };
  return { major, minor, patch: patch + 1, isCandidate: false, build };
}
