import type { CST, Document, Node, Range } from 'yaml';
import { Composer, isAlias, isCollection, isMap, isScalar, isSeq, Lexer, LineCounter, Parser, visit } from 'yaml';
import type { DocumentPath } from '../util/validate.js';
import { MAX_DOCUMENT_DEPTH } from './json.js';

// The library compares each key of a mapping with all keys before it; findBadKey takes linear time.
const OPTIONS = { uniqueKeys: false, prettyErrors: false, logLevel: 'error', version: '1.2' } as const;

/**
 * Parses YAML, or JSON with `isJson`. `placeOf` finds a value, or the key in front of it; for a missing value, the
 * nearest one around it. This module loads the YAML library, so it is loaded itself when it is needed.
 */
export function parseYaml(text: string, isJson: boolean) {
  const lines = new LineCounter();
  const locate = (offset: number) => {
    const { line, col: column } = lines.linePos(offset);
    return { line, column };
  };
  const syntax = isJson ? 'is not JSON' : 'is not YAML';
  const refuse = (message: string, offset: number) => ({
    problem: { message, ...locate(offset) },
    placeOf: undefined,
    content: undefined,
  });

  const tokens = readTokens(text, lines);
  if (!Array.isArray(tokens)) return refuse('is nested too deeply', tokens.offset);
  // Only the first two documents are composed; there is always one.
  const documents: Iterable<Document.Parsed> = new Composer(OPTIONS).compose(tokens, true, text.length);
  const [document, second] = documents as [Document.Parsed, Document.Parsed?];
  if (second !== undefined) return refuse(`${syntax}: Source contains multiple documents`, second.range[0]);
  const [error] = document.errors;
  if (error !== undefined) return refuse(`${syntax}: ${withoutSource(error)}`, error.pos[0]);
  const offset = isJson ? findForeignSyntax(document, text) : undefined;
  if (offset !== undefined) return refuse(`${syntax}: unexpected text; rename it to .yaml if it is YAML`, offset);
  const badKey = findBadKey(document);
  if (badKey !== undefined) return refuse(`${syntax}: ${badKey.message}`, badKey.offset);
  try {
    const placeOf = (path: DocumentPath) => locate(findOffset(document.contents, path));
    return { content: document.toJS() as unknown, placeOf, problem: undefined };
  } catch (error) {
    return refuse(`${syntax}: ${withoutSource(error as Error)}`, findNode(document, isAlias));
  }
}

/**
 * Reads the tokens of a text without recursion and stops at too deep a nesting: composing them is recursive, and V8 ends
 * the process if it compiles a regular expression near the end of the stack.
 */
function readTokens(text: string, lines: LineCounter): CST.Token[] | { offset: number } {
  lines.addNewLine(0);
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > MAX_DOCUMENT_DEPTH) return { offset: parser.offset };
  }
  return [...tokens, ...parser.end()];
}

/** The library's messages end in pieces of the text, which may be pieces of an API key. */
function withoutSource({ message }: Error): string {
  return message.replace(/(: |; | sequence \\).*$/s, '');
}

/** Finds where a YAML text stops being JSON: at a comment or a single quote, for example. */
function findForeignSyntax(document: Document, text: string): number | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const position = /position (\d+)/.exec((error as Error).message)?.[1];
    return Number(position ?? findNode(document, (node) => !isJsonNode(node)));
  }
}

function isJsonNode(node: unknown): boolean {
  if (isCollection(node)) return node.flow === true;
  return isScalar(node) && (node.type === 'QUOTE_DOUBLE' || typeof node.value !== 'string');
}

/**
 * Finds the first key that its mapping repeats, or that is a list or a mapping, in linear time; the library's own check
 * takes the square, and doubles with every mapping around a key.
 */
function findBadKey(document: Document): { message: string; offset: number } | undefined {
  let found: { message: string; offset: number } | undefined;
  visit(document, {
    Map(_key, { items }) {
      const known = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) found = { message: 'A key must be a text', offset: startOf(key) };
        else if (known.has(key.value)) found = { message: 'Map keys must be unique', offset: startOf(key) };
        else known.add(key.value);
        if (found !== undefined) return visit.BREAK;
      }
      return undefined;
    },
  });
  return found;
}

/** The offset of the first node of a kind; 0 if there is none. */
function findNode(document: Document, isWanted: (node: unknown) => boolean): number {
  let offset = 0;
  visit(document, {
    Node(_key, node) {
      if (!isWanted(node)) return undefined;
      offset = startOf(node);
      return visit.BREAK;
    },
  });
  return offset;
}

function findOffset(root: Node | null, path: DocumentPath): number {
  let node: unknown = root;
  let offset = 0;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => String(item.key) === String(key));
      if (pair === undefined) return offset;
      offset = startOf(pair.key);
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      offset = startOf(node);
    } else return offset;
  }
  return offset;
}

/** Where a parsed node starts; every parsed node has a range. */
function startOf(node: unknown): number {
  return ((node as Node).range as Range)[0];
}
