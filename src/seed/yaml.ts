import type { CST, Document, Node, Pair, Range, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { Composer, isAlias, isMap, isSeq, Lexer, Parser, visit as visitNodes } from 'yaml';
import type { DocumentPath } from '../util/validate.js';
import {
  addChanged,
  describeChange,
  MAX_DEPTH,
  type Mistake,
  type ParsedText,
  SyntaxProblem,
  type Value,
} from './text.js';

// The library would compare each key of a mapping with all keys before it, and search all nodes for each alias, which
// takes quadratic time.
const OPTIONS = { uniqueKeys: false, prettyErrors: false, logLevel: 'error', resolveKnownTags: false } as const;

/** How many values all aliases together may stand for. */
const MAX_ALIASED = 1_000_000;

/** A value of a document; an alias shares the content and the members of what it stands for. */
interface YamlValue extends Value {
  content: unknown;
  /** What a mapping or a list has. */
  members?: Map<string, YamlValue> | YamlValue[];
  /** How many values it has, itself included, and how deeply they are nested. */
  size: number;
  depth: number;
}

/** Parses YAML 1.2 with merge keys. Throws a SyntaxProblem. This module loads the YAML library, so it is loaded late. */
export function parseYaml(text: string): ParsedText {
  // A text has fewer values than characters.
  const root = readValues(composeDocument(text), text.length + MAX_ALIASED);
  return {
    content: root.content,
    changed: listChanged(root),
    find: (paths) => paths.map((path) => findValue(root, path)),
  };
}

function listChanged(root: YamlValue): Mistake[] {
  const changed: Mistake[] = [];
  const add = (value: YamlValue, path: DocumentPath) => {
    addChanged(changed, value, () => path);
    for (const [key, member] of value.members?.entries() ?? []) add(member, [...path, key]);
  };
  add(root, []);
  return changed;
}

function findValue(root: YamlValue, path: DocumentPath): YamlValue {
  return path.reduce((found: YamlValue, key) => {
    const { members } = found;
    return (Array.isArray(members) ? members[Number(key)] : members?.get(String(key))) ?? found;
  }, root);
}

const notYaml = (message: string, offset: number) => new SyntaxProblem(`is not YAML: ${message}`, offset);

function composeDocument(text: string): Document.Parsed {
  // Only the first two documents are composed; there is always one.
  const documents: Iterable<Document.Parsed> = new Composer(OPTIONS).compose(readTokens(text), true, text.length);
  const [document, second] = documents as [Document.Parsed, Document.Parsed?];
  if (second !== undefined) throw notYaml('Source contains multiple documents', second.range[0]);
  const [error] = document.errors;
  if (error === undefined) return document;
  const offset = error.pos[0];
  visitNodes(document, {
    // A quote that is not closed ends at the next one, or at the end of the text: say where it opens.
    Scalar(_key, { type, range }) {
      const [start, end] = range as Range;
      const source = text.slice(start, end);
      const isClosed = /^(.).*\1$/.test(source);
      const lineEnd = end + text.slice(end).search(/\n|$/);
      const isAround = start < offset && offset <= lineEnd;
      if (type?.startsWith('QUOTE') && isAround && !isClosed) throw notYaml(`Missing closing ${source[0]}quote`, start);
    },
  });
  // The library's messages end in pieces of the text, which may be pieces of an API key.
  throw notYaml(error.message.replace(/(: |; | sequence \\).*$/s, ''), offset);
}

/**
 * Reads the tokens of a text. It has no recursion and stops at too deep a nesting: composing is recursive, and V8 ends
 * the process if it compiles a regular expression near the end of the stack.
 */
function readTokens(text: string): CST.Token[] {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > MAX_DEPTH) throw new SyntaxProblem('is nested too deeply', parser.offset);
  }
  return [...tokens, ...parser.end()];
}

/** Reads the values of a document. Throws a SyntaxProblem for more than `max`: few aliases can make many. */
function readValues({ contents }: Document.Parsed, max: number): YamlValue {
  const anchors = new Map<string, YamlValue>();

  /** Reads a value, whose key may start at an offset. */
  const read = (node: Node | null, keyOffset?: number): YamlValue => {
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target !== undefined) return { ...target, offset: keyOffset ?? target.offset };
      throw notYaml('Unresolved alias (the anchor must be set before the alias)', startOf(node));
    }
    const offset = keyOffset ?? startOf(node);
    const { value: content = null, source = '', anchor } = (node ?? {}) as Partial<Scalar.Parsed>;
    const change = typeof content === 'number' ? describeChange(source, 'YAML', content) : undefined;
    const isCollection = isMap(node) || isSeq(node);
    const value = isCollection ? readMembers(node, offset) : { offset, source, change, content, size: 1, depth: 0 };
    if (anchor !== undefined) anchors.set(anchor, value);
    return value;
  };

  const readMembers = (node: YAMLMap | YAMLSeq, offset: number): YamlValue => {
    const members = isMap(node) ? readMap(node) : node.items.map((item) => read(item as Node));
    let size = 1;
    let depth = 0;
    for (const member of members.values()) {
      size += member.size;
      depth = Math.max(depth, member.depth + 1);
    }
    if (size > max) throw notYaml('Excessive alias count indicates a resource exhaustion attack', offset);
    if (depth > MAX_DEPTH) throw new SyntaxProblem('is nested too deeply', offset);
    const content = Array.isArray(members)
      ? members.map((member) => member.content)
      : Object.fromEntries([...members].map(([name, member]) => [name, member.content]));
    return { offset, content, members, size, depth };
  };

  /** Reads the members of a mapping, and then those of merged mappings, of which the first with a name counts. */
  const readMap = ({ items }: YAMLMap): Map<string, YamlValue> => {
    const members = new Map<string, YamlValue>();
    let merged: YamlValue | undefined;
    for (const { key, value } of items as Pair<Node, Node | null>[]) {
      const offset = startOf(key);
      const { content, source = '' } = read(key);
      if (!['string', 'number', 'boolean'].includes(typeof content)) throw notYaml('A key must be a text', offset);
      const name = String(content);
      // A quoted merge key is data.
      const isMerge = name === '<<' && (key as Scalar).type === 'PLAIN';
      const hint = isMerge ? '; merge several mappings with <<: [*a, *b]' : '';
      if (isMerge ? merged : members.has(name)) throw notYaml(`Map keys must be unique${hint}`, offset);
      const changeOfKey = typeof content === 'string' ? undefined : describeChange(source, 'YAML', content);
      const member = read(value, offset);
      if (isMerge) merged = member;
      else members.set(name, { ...member, change: changeOfKey ?? member.change });
    }
    for (const source of Array.isArray(merged?.members) ? merged.members : [merged ?? []].flat()) {
      if (source.members instanceof Map) {
        for (const [name, member] of source.members) members.set(name, members.get(name) ?? member);
      } else if (source.content !== null) {
        throw notYaml('Merge sources must be maps or map aliases', (merged as YamlValue).offset);
      }
    }
    return members;
  };

  return read(contents, 0);
}

/** Where a parsed node starts; every parsed node has a range. */
function startOf(node: unknown): number {
  return ((node as Node).range as Range)[0];
}
