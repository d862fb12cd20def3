/** The parameters of a query, decoded; a repeated one is a list. */
export type Query = Record<string, string | string[]>;

const NONE: Query = Object.freeze(Object.create(null));

/**
 * Parses a query, without its question mark. A pair that cannot be decoded, or that contains a semicolon, is ignored, as
 * Go's `url.ParseQuery` does (source: upstream, run). A plus is a space.
 */
export function parseQuery(text: string): Query {
  if (text === '') return NONE;
  const query: Query = Object.create(null);
  for (const pair of text.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const [name, value] = decodePair(pair) ?? [];
    if (name === undefined || value === undefined) continue;
    const known = query[name];
    query[name] = known === undefined ? value : [known, value].flat();
  }
  return query;
}

function decodePair(pair: string): [name: string, value: string] | undefined {
  const end = pair.indexOf('=');
  const [name, value] = end === -1 ? [pair, ''] : [pair.slice(0, end), pair.slice(end + 1)];
  try {
    return [decode(name), decode(value)];
  } catch {
    return undefined;
  }
}

const decode = (text: string) => decodeURIComponent(text.includes('+') ? text.replaceAll('+', ' ') : text);
