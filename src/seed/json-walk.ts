import type { DocumentPath } from '../util/validate.js';

/** A text has a syntax error at an offset. The message shows nothing of the text, which may contain an API key. */
export class SyntaxProblem extends Error {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

/** Parses JSON; returns undefined for other text. */
export function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/**
 * Calls `visit` for each value of JSON text, with its path, which is valid until the next call, the offset of the key in
 * front of it, and the text of a scalar; it has no recursion. Throws a SyntaxProblem, also for a repeated key.
 */
export function walkJson(
  text: string,
  visit: (path: DocumentPath, offset: number, source: string | undefined) => void,
): void {
  const path: (string | number)[] = [];
  /** The keys of each open object; undefined for a list. */
  const scopes: (Set<string> | undefined)[] = [];
  let at = 0;
  const unexpected = () => new SyntaxProblem(`unexpected ${at < text.length ? 'text' : 'end'}`, at);
  const skipSpace = () => {
    while (at < text.length && ' \n\r\t'.includes(text[at] as string)) at += 1;
  };
  const skip = (character: string) => {
    if (text[at] !== character) throw unexpected();
    at += 1;
    skipSpace();
  };
  const readString = (): string => {
    const start = at;
    if (text[start] !== '"') throw unexpected();
    for (at += 1; text[at] !== '"'; at += 1) {
      if (text[at] === '\\') at += 1;
      if (at >= text.length || text[at] === '\n' || text[at] === '\r') {
        throw new SyntaxProblem('Missing closing "quote', start);
      }
      if ((text[at] as string) < ' ') throw new SyntaxProblem('a control character must be escaped', at);
    }
    at += 1;
    const source = text.slice(start, at);
    const content = source.includes('\\') ? tryJson(source) : source.slice(1, -1);
    if (content === undefined) throw new SyntaxProblem('a string has an invalid escape', start);
    return content as string;
  };

  let state: 'value' | 'first' | 'next' = 'value';
  skipSpace();
  do {
    let offset = at;
    if (state !== 'value') {
      const keys = scopes.at(-1);
      if (text[at] === (keys ? '}' : ']')) {
        at += 1;
        skipSpace();
        scopes.pop();
        path.pop();
        state = 'next';
        continue;
      }
      if (state === 'next') skip(',');
      offset = at;
      if (keys) {
        const key = readString();
        if (keys.size === keys.add(key).size) throw new SyntaxProblem('Map keys must be unique', offset);
        path[path.length - 1] = key;
        skipSpace();
        skip(':');
      } else path[path.length - 1] = (path.at(-1) as number) + 1;
    }
    if (text[at] === '{' || text[at] === '[') {
      scopes.push(text[at] === '{' ? new Set() : undefined);
      at += 1;
      visit(path, offset, undefined);
      path.push(-1);
      state = 'first';
    } else {
      const start = at;
      SCALAR.lastIndex = at;
      if (text[at] === '"') readString();
      else if (SCALAR.test(text)) at = SCALAR.lastIndex;
      else throw unexpected();
      visit(path, offset, text.slice(start, at));
      state = 'next';
    }
    skipSpace();
  } while (scopes.length > 0);
  if (at < text.length) throw unexpected();
}
