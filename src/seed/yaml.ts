import type { CST, Document } from 'yaml';
import { Composer, Lexer, Parser } from 'yaml';
import type { ParsedText } from './json.js';
import { SyntaxProblem } from './json-walk.js';
import { Converter, notYaml } from './yaml-values.js';

// The library compares each key of a mapping with all keys before it; the converter takes linear time.
const OPTIONS = { uniqueKeys: false, prettyErrors: false, logLevel: 'error', version: '1.2' } as const;

/** How deeply a document may be nested. */
const MAX_DEPTH = 500;

/** Parses YAML 1.2 with merge keys. Throws a SyntaxProblem. This module loads the YAML library, so it is loaded late. */
export function parseYaml(text: string): ParsedText {
  const { tokens, quotes } = readTokens(text);
  // Only the first two documents are composed; there is always one.
  const documents: Iterable<Document.Parsed> = new Composer(OPTIONS).compose(tokens, true, text.length);
  const [document, second] = documents as [Document.Parsed, Document.Parsed?];
  if (second !== undefined) throw notYaml('Source contains multiple documents', second.range[0]);
  const [error] = document.errors;
  if (error !== undefined) {
    const quote = quotes.find(({ start, end }) => start < error.pos[0] && error.pos[0] <= lineEnd(text, end));
    if (quote !== undefined) throw notYaml(`Missing closing ${text[quote.start]}quote`, quote.start);
    throw notYaml(withoutSource(error), error.pos[0]);
  }
  return new Converter(document).convert();
}

const lineEnd = (text: string, offset: number): number => (text.indexOf('\n', offset) + 1 || text.length + 1) - 1;

/**
 * Reads the tokens of a text, and where quoted texts of several lines, or without an end, are. It has no recursion and
 * stops at too deep a nesting: composing is recursive, and V8 ends the process if it compiles a regular expression near
 * the end of the stack.
 */
function readTokens(text: string): { tokens: CST.Token[]; quotes: { start: number; end: number }[] } {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  const quotes: { start: number; end: number }[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    const start = parser.offset;
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > MAX_DEPTH) throw new SyntaxProblem('is nested too deeply', parser.offset);
    const isClosed = lexeme.length > 1 && lexeme.at(-1) === lexeme[0];
    if (/^["']/.test(lexeme) && (!isClosed || lexeme.includes('\n'))) quotes.push({ start, end: parser.offset });
  }
  return { tokens: [...tokens, ...parser.end()], quotes };
}

/** The library's messages end in pieces of the text, which may be pieces of an API key. */
function withoutSource({ message }: Error): string {
  return message.replace(/(: |; | sequence \\).*$/s, '');
}
