/** Writes what a pattern finds in a text as escapes of JSON, such as `\u001b`, a character each. */
export function escapeCharacters(text: string, unsafe: RegExp): string {
  return text.replace(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
