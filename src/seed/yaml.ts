import type { CST, Document, Node, Pair, Range, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { Composer, isMap, isScalar, isSeq, Lexer, Parser, visit as visitNodes } from 'yaml';
import { describeChange, listChanged, type ParsedText, type Walk } from './json.js';
import { SyntaxProblem } from './json-walk.js';

// The library compares each key of a mapping with all keys before it, which takes quadratic time.
const OPTIONS = {
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'error',
  version: '1.2',
  resolveKnownTags: false,
} as const;

/** How deeply a document may be nested. */
const MAX_DEPTH = 500;

/** How many values all aliases together may stand for. */
const MAX_ALIASED = 1_000_000;

/** Parses YAML 1.2 with merge keys. Throws a SyntaxProblem. This module loads the YAML library, so it is loaded late. */
export function parseYaml(text: string): ParsedText {
  const document = composeDocument(text);
  replaceAliases(document);
  // A text has less values than characters.
  const walk: Walk = (visit) => walkNodes(document.contents, text.length + MAX_ALIASED, visit);
  const changed = listChanged(walk);
  return { content: document.toJS(), changed, walk };
}

const notYaml = (message: string, offset: number) => new SyntaxProblem(`is not YAML: ${message}`, offset);

function composeDocument(text: string): Document.Parsed {
  const { tokens, quotes } = readTokens(text);
  // Only the first two documents are composed; there is always one.
  const documents: Iterable<Document.Parsed> = new Composer(OPTIONS).compose(tokens, true, text.length);
  const [document, second] = documents as [Document.Parsed, Document.Parsed?];
  if (second !== undefined) throw notYaml('Source contains multiple documents', second.range[0]);
  const [error] = document.errors;
  if (error === undefined) return document;
  const quote = quotes.find(({ start, end }) => start < error.pos[0] && error.pos[0] <= lineEnd(text, end));
  if (quote !== undefined) throw notYaml(`Missing closing ${text[quote.start]}quote`, quote.start);
  throw notYaml(withoutSource(error), error.pos[0]);
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

/** Replaces aliases by what they stand for, in linear time; the library searches all nodes for each alias. */
function replaceAliases(document: Document.Parsed): void {
  const anchors = new Map<string, Node>();
  visitNodes(document, {
    Alias(key, alias, path) {
      const target = anchors.get(alias.source);
      if (target === undefined) {
        throw notYaml('Unresolved alias (the anchor must be set before the alias)', startOf(alias));
      }
      const parent = path.at(-1);
      if (key === 'value') (parent as Pair).value = target;
      else if (key !== 'key') (parent as YAMLSeq).items[key as number] = target;
    },
    Value(_key, node) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
}

/** Calls `visit` for each value of a node. Throws a SyntaxProblem for more than `max` values. */
function walkNodes(root: unknown, max: number, visit: Parameters<Walk>[0]): void {
  const path: (string | number)[] = [];
  let count = 0;
  const walk = (node: unknown, offset: number, changedKey?: string) => {
    const { source } = (isScalar(node) ? node : {}) as Partial<Scalar>;
    const isNumber = isScalar(node) && typeof node.value === 'number';
    visit({ path, offset, source, change: changedKey ?? (isNumber ? changeOf(node) : undefined) });
    count += 1;
    if (count > max) throw notYaml('Excessive alias count indicates a resource exhaustion attack', offset);
    if (path.length > MAX_DEPTH) throw new SyntaxProblem('is nested too deeply, or refers to itself', offset);
    const depth = path.length;
    if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) {
        path[depth] = index;
        walk(item, startOf(item));
      }
    } else if (isMap(node)) {
      merge(node);
      for (const { key, value } of node.items as Pair<Scalar>[]) {
        path[depth] = String(key.value);
        walk(value, startOf(key), typeof key.value === 'string' ? undefined : changeOf(key));
      }
    }
    path.length = depth;
  };
  walk(root, 0);
}

/** Says that JSON would write a scalar in another way. */
function changeOf({ value, source = '' }: Scalar): string | undefined {
  return String(value) === source ? undefined : describeChange(source, 'YAML', value);
}

/** Replaces the merge key of a mapping by the pairs that it stands for. */
function merge(map: YAMLMap): void {
  const keys = readKeys(map);
  const index = keys.indexOf(MERGE_KEY);
  if (index === -1) return;
  const [{ key, value }] = map.items.splice(index, 1) as [Pair];
  const known = new Set(keys);
  for (const source of isSeq(value) ? value.items : [value]) {
    if (!isMap(source)) throw notYaml('Merge sources must be maps or map aliases', startOf(key));
    merge(source);
    for (const pair of source.items) {
      const name = String((pair.key as Scalar).value);
      if (!known.has(name)) map.items.push(pair);
      known.add(name);
    }
  }
}

/** Stands for the merge key; a quoted one is data. */
const MERGE_KEY = Symbol('<<');

/** Returns the keys of a mapping. Throws a SyntaxProblem for a repeated key, or one that is a list, a mapping or null. */
function readKeys({ items }: YAMLMap): (string | symbol)[] {
  const keys = new Set<string | symbol>();
  for (const { key } of items) {
    if (!isScalar(key) || !['string', 'number', 'boolean'].includes(typeof key.value)) {
      throw notYaml('A key must be a text', startOf(key));
    }
    const name = key.value === '<<' && key.type === 'PLAIN' ? MERGE_KEY : String(key.value);
    const hint = name === MERGE_KEY ? '; merge several mappings with <<: [*a, *b]' : '';
    if (keys.has(name)) throw notYaml(`Map keys must be unique${hint}`, startOf(key));
    keys.add(name);
  }
  return [...keys];
}

/** Where a parsed node starts; every parsed node has a range. */
function startOf(node: unknown): number {
  return ((node as Node).range as Range)[0];
}
