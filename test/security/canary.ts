/**
 * Returns the forms in which a text of ASCII letters and digits stands somewhere in bytes: as it is, cut in half, in
 * Base64 at any offset, percent-encoded, as JSON escapes, in hex or in UTF-16; empty where it does not stand there at all.
 */
export function findForms(bytes: Buffer | string, text: string): string[] {
  const haystack = Buffer.from(bytes).toString('latin1');
  const lower = haystack.toLowerCase();
  const found = formsOf(text).filter(([, form, inAnyCase]) =>
    inAnyCase ? lower.includes(form.toLowerCase()) : haystack.includes(form),
  );
  return found.map(([name]) => name);
}

type Form = [name: string, form: string, inAnyCase?: boolean];

function formsOf(text: string): Form[] {
  const half = Math.ceil(text.length / 2);
  const escaped = (prefix: string) => [...text].map((char) => prefix + char.charCodeAt(0).toString(16)).join('');
  return [
    ['as it is', text, true],
    ['its first half', text.slice(0, half), true],
    ['its second half', text.slice(half), true],
    ['in Base64', base64(text, 0)],
    ['in Base64, one byte later', base64(text, 1)],
    ['in Base64, two bytes later', base64(text, 2)],
    ['percent-encoded', escaped('%'), true],
    ['as JSON escapes', escaped('\\u00'), true],
    ['in hex', escaped(''), true],
    ['in UTF-16', [...text].join('\0')],
  ];
}

/** The part of a text's Base64 that stays the same whatever stands around it; letters and digits have no `+` nor `/` there. */
function base64(text: string, offset: number): string {
  const encoded = Buffer.from('\0'.repeat(offset) + text).toString('base64');
  return encoded.slice(offset === 0 ? 0 : offset + 1, Math.floor(((offset + text.length) * 8) / 6));
}
