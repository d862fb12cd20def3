/**
 * Whether a whole text matches a glob: `*` stands for any text, slashes included, and all else for itself. It goes back to
 * the last star only, so that no pattern takes longer than the product of both lengths.
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
