import { distance } from 'fastest-levenshtein';

/** A variation looks like a version, its numbers first: `v1.25.0-alpine` is `v1.25.0` and `-alpine`. */
const NUMBERS = /^(v?\d+(?:\.\d+)*)(.*)$/is;

const SEPARATORS = ['+', '-', '_'];

/** What is usually written in another way; each returns other spellings of a name. */
const VARIATIONS: ((name: string) => string[])[] = [
  (name) => [/^v/i.test(name) ? name.slice(1) : `v${name}`],
  (name) =>
    SEPARATORS.flatMap((to) => [name.replace(/[+_-]/g, to), ...SEPARATORS.map((from) => name.replaceAll(from, to))]),
  (name) => {
    const [, numbers, rest = ''] = NUMBERS.exec(name) ?? [];
    if (numbers === undefined) return [];
    return ['.0', '.0.0'].flatMap((zeros) => [
      `${numbers}${zeros}${rest}`,
      numbers.endsWith(zeros) ? numbers.slice(0, -zeros.length) + rest : name,
    ]);
  },
  (name) => [name.toLowerCase(), name.toUpperCase()],
  (name) => [name.normalize('NFC'), name.normalize('NFD')],
];

/** Longer names have no variations, of which there are some hundred. In characters. */
const MAX_VARIED = 1_000;

/** Lists a name and its usual variations, alone and combined, such as `v1.25` for `1.25.0`. */
export function listVariations(name: string): string[] {
  const names = new Set([name]);
  if (name.length > MAX_VARIED) return [name];
  for (const vary of VARIATIONS) for (const known of [...names]) for (const varied of vary(known)) names.add(varied);
  return [...names];
}

/** How many names of up to 32 characters are compared in a few milliseconds. */
const MAX_COMPARED = 5_000;

/** Only this many characters of a name are compared. */
const MAX_LENGTH = 255;

/** How many names to compare with a name: the time for one grows with the square of its length. */
export function limitFor({ length }: string): number {
  return Math.ceil(MAX_COMPARED / (1 + Math.floor(Math.min(length, MAX_LENGTH) / 33)) ** 2);
}

/** Lists the names nearest to a name regardless of case, nearest first, however different they are. */
export function listNearest(name: string, candidates: readonly string[], max: number): string[] {
  const comparable = (text: string) => text.slice(0, MAX_LENGTH).toLowerCase();
  const compared = comparable(name);
  return candidates
    .map((candidate) => ({ candidate, apart: distance(compared, comparable(candidate)) }))
    .sort((a, b) => a.apart - b.apart)
    .slice(0, max)
    .map(({ candidate }) => candidate);
}
