import { distance } from 'fastest-levenshtein';

/** Formats a count, such as `1 registry` or `2 registries`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** Replaces every match of a pattern by its JSON escape, such as `\u001b`. */
export function escapeCharacters(text: string, pattern: RegExp): string {
  return text.replace(pattern, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Escapes control characters and changes of the writing direction, which could steer a terminal or forge a log line. */
export const escapeControls = (text: string): string =>
  escapeCharacters(text, /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu);

const MAX_QUOTED = 300;

/** Formats a value for a message: in quotes unless it is a plain word, shortened, control characters escaped. */
export function quote(value: unknown): string {
  const isPlain = typeof value === 'string' && /^[\w@:./+~%-]+$/.test(value);
  const text = isPlain ? value : escapeControls(JSON.stringify(value) ?? 'undefined');
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
}

/**
 * Tests whether a glob matches a whole text: `*` matches any text including slashes, everything else matches itself.
 * Backtracks to the last star only, so the time is at most the product of both lengths.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let inPattern = 0;
  let inText = 0;
  let star = -1;
  let resume = 0;
  while (inText < text.length) {
    if (pattern[inPattern] === '*') {
      star = inPattern++;
      resume = inText;
    } else if (pattern[inPattern] === text[inText]) {
      inPattern += 1;
      inText += 1;
    } else if (star !== -1) {
      inPattern = star + 1;
      inText = ++resume;
    } else return false;
  }
  while (pattern[inPattern] === '*') inPattern += 1;
  return inPattern === pattern.length;
}

/** Only this many characters are compared, because the comparison is quadratic. */
const MAX_COMPARED = 255;

/**
 * Returns `; did you mean "…"?` for the candidate nearest to an unknown word, or an empty string. A third of the
 * candidate's letters may differ, and always two.
 */
export function suggest(word: string, candidates: readonly string[]): string {
  const [nearest] = rank(word, candidates);
  const isNear = nearest !== undefined && nearest.distance <= Math.max(2, nearest.candidate.length / 3);
  return isNear ? `; did you mean "${nearest.candidate}"?` : '';
}

/** Lists the candidates nearest to a word, nearest first, however different they are. */
export function listNearest(word: string, candidates: readonly string[], max: number): string[] {
  const nearest = rank(word, candidates).slice(0, max);
  return nearest.map(({ candidate }) => candidate);
}

function rank(word: string, candidates: readonly string[]): { candidate: string; distance: number }[] {
  const comparable = (text: string) => text.slice(0, MAX_COMPARED).toLowerCase();
  const compared = comparable(word);
  return candidates
    .map((candidate) => ({ candidate, distance: distance(compared, comparable(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
}
