import { distance } from 'fastest-levenshtein';

/** Formats a count, such as `1 registry` or `2 registries`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** Replaces every match of a pattern by its JSON escape, such as `\n` or `\u001b`. */
export function escapeCharacters(text: string, pattern: RegExp): string {
  return text.replace(pattern, (character) => {
    const escaped = JSON.stringify(character).slice(1, -1);
    return escaped === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : escaped;
  });
}

/** Escapes control characters and changes of the writing direction, which could steer a terminal or forge a log line. */
export const escapeControls = (text: string): string =>
  escapeCharacters(text, /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu);

/** Shortens a text to a maximum of characters, the last one an ellipsis. */
export const shorten = (text: string, max = 60): string => (text.length > max ? `${text.slice(0, max - 1)}…` : text);

const MAX_QUOTED = 300;

/** Formats a value for a message: in quotes unless it is a plain word, shortened, control characters escaped. */
export function quote(value: unknown): string {
  const isPlain = typeof value === 'string' && /^[\w@:./+~%-]+$/.test(value);
  const text = isPlain ? value : escapeControls(JSON.stringify(value) ?? 'undefined');
  return shorten(text, MAX_QUOTED);
}

/**
 * Tests whether a glob matches a whole text: `*` matches any text including slashes, everything else matches itself.
 * Each part between stars is searched once, so the time is at most the product of both lengths.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  if (!pattern.includes('*')) return pattern === text;
  const parts = pattern.split('*');
  const end = parts.pop() as string;
  if (!text.startsWith(parts[0] as string) || !text.endsWith(end)) return false;
  let at = 0;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= text.length - end.length;
}

/**
 * Returns `; did you mean "…"?` for the candidate of which a word is a misspelling, or an empty string. A quarter of
 * the letters and digits may differ; letters in another order count as one. `prefix` starts the word and all candidates,
 * and is not compared.
 */
export function suggest(word: string, candidates: readonly string[], prefix = ''): string {
  const lettersOf = (text: string) =>
    text
      .slice(prefix.length)
      .toLowerCase()
      .match(/[a-z\d]/g) ?? [];
  const written = lettersOf(word);
  const [nearest] = candidates
    .map((candidate) => ({ candidate, errors: countErrors(written, lettersOf(candidate)) }))
    .filter(({ errors }) => Number.isFinite(errors))
    .sort((a, b) => a.errors - b.errors);
  return nearest === undefined ? '' : `; did you mean "${nearest.candidate}"?`;
}

/** Counts the typing errors that make a word of another one; infinite if they are rather two different words. */
function countErrors(written: string[], meant: string[]): number {
  const [shorter = 0, longer = 0] = [written.length, meant.length].sort((a, b) => a - b);
  const max = Math.min(Math.round(longer / 4), shorter - 1);
  // The first letter is rarely mistyped for another: "cors" is not "port".
  const startsAlike = written[0] === meant[0] || written[1] === meant[0] || written[0] === meant[1];
  if (!startsAlike || longer - shorter > max) return Number.POSITIVE_INFINITY;
  const errors =
    [...written].sort().join() === [...meant].sort().join() ? 1 : distance(written.join(''), meant.join(''));
  return errors > max ? Number.POSITIVE_INFINITY : errors;
}
