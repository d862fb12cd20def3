/** How many results a memo holds; one more makes all others go. */
const MOST_RESULTS = 2_000;

/** The longest text whose result is kept, in characters. */
const LONGEST_TEXT = 1_000;

/** Makes a pure function of a text remember its results, as clients ask for the same few targets again and again. */
export function memoise<Result>(compute: (text: string) => Result): (text: string) => Result {
  const known = new Map<string, { result: Result }>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found.result;
    const result = compute(text);
    if (text.length > LONGEST_TEXT) return result;
    if (known.size >= MOST_RESULTS) known.clear();
    known.set(text, { result });
    return result;
  };
}
