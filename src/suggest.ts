import leven from 'leven';

/**
 * Returns `; did you mean "…"?` for the candidate nearest to a word that is not one of them, or an empty string when
 * none is near (at most a third of its letters, and two at least, may differ).
 */
export function suggest(word: string, candidates: readonly string[]): string {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: leven(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const nearest = ranked[0];
  const isNear = nearest !== undefined && nearest.distance <= Math.max(2, nearest.candidate.length / 3);
  return isNear ? `; did you mean "${nearest.candidate}"?` : '';
}
