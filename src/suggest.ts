import leven from 'leven';

/** What is compared of a word at most: the comparison grows with the square of the length. */
const MOST_COMPARED = 255;

/**
 * Returns `; did you mean "…"?` for the candidate nearest to a word that is not one of them, or an empty string when
 * none is near (at most a third of its letters, and two at least, may differ).
 */
export function suggest(word: string, candidates: readonly string[]): string {
  const [nearest] = rank(word, candidates);
  const isNear = nearest !== undefined && nearest.distance <= Math.max(2, nearest.candidate.length / 3);
  return isNear ? `; did you mean "${nearest.candidate}"?` : '';
}

/** Returns the candidates nearest to a word, at most `most`, the nearest first, however far they are. */
export function listNearest(word: string, candidates: readonly string[], most: number): string[] {
  return rank(word, candidates)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

function rank(word: string, candidates: readonly string[]): { candidate: string; distance: number }[] {
  const comparable = (text: string) => text.slice(0, MOST_COMPARED).toLowerCase();
  const compared = comparable(word);
  return candidates
    .map((candidate) => ({ candidate, distance: leven(compared, comparable(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
}
