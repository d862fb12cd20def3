import type { Alias, Document, Node, Pair, Range, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { isAlias, isCollection, isMap, isScalar, isSeq } from 'yaml';
import type { DocumentPath } from '../util/validate.js';
import { type ChangedText, describeChange, FREE_FORM, type ParsedText } from './json.js';
import { SyntaxProblem } from './json-walk.js';

/** How many values all aliases together may stand for. */
const MAX_ALIASED = 1_000_000;

/** Creates the error of a text that is not YAML. */
export const notYaml = (message: string, offset: number) => new SyntaxProblem(`is not YAML: ${message}`, offset);

/** What a node stands for. */
interface Value {
  value: unknown;
  /** How many values it has, with those behind aliases. */
  size: number;
  /** The first text in it that would change in free-form data. */
  changed: ChangedText | undefined;
}

/** A member of a mapping, and the node that shows where it is. */
interface Member {
  node: unknown;
  at: unknown;
  isMerged?: boolean;
}

/** Converts the nodes of a document, with merge keys, in linear time; the library takes the square of the number of keys and aliases. */
export class Converter {
  readonly #anchors = new Map<string, { node: Node; value: Value }>();
  readonly #targets = new Map<Alias, Node>();
  readonly #changed = new Set<ChangedText>();
  readonly #path: (string | number)[] = [];
  /** The mappings around the current node. */
  readonly #open = new Set<unknown>();
  #aliased = 0;

  constructor(readonly document: Document.Parsed) {}

  convert(): ParsedText {
    const { value: content } = this.#toValue(this.document.contents, false);
    return { content, changed: [...this.#changed], find: (path) => this.#find(path) };
  }

  #toValue(node: unknown, isFree: boolean): Value {
    if (isAlias(node)) return this.#follow(node, isFree);
    const value: Value = { value: null, size: 1, changed: undefined };
    const { anchor, tag } = (node ?? {}) as { anchor?: string; tag?: string };
    if (anchor !== undefined) this.#anchors.set(anchor, { node: node as Node, value });
    if (isScalar(node)) {
      value.value = node.value;
      if (typeof node.value === 'number') this.#checkText(node, value, isFree);
    } else if (isCollection(node) && tag !== undefined && Object.hasOwn(this.document.schema.knownTags, tag)) {
      throw notYaml(`the tag ${tag.replace(/^.*:/, '!!')} is not supported`, startOf(node));
    } else if (isSeq(node)) this.#addItems(node, value, isFree);
    else if (isMap(node)) this.#addMembers(node, value, isFree);
    return value;
  }

  #follow(alias: Alias, isFree: boolean): Value {
    const target = this.#anchors.get(alias.source);
    if (target === undefined) {
      throw notYaml('Unresolved alias (the anchor must be set before the alias)', startOf(alias));
    }
    this.#targets.set(alias, target.node);
    this.#aliased += target.value.size;
    if (this.#aliased > MAX_ALIASED) {
      throw notYaml('Excessive alias count indicates a resource exhaustion attack', startOf(alias));
    }
    if (isFree && target.value.changed !== undefined) this.#changed.add(target.value.changed);
    return target.value;
  }

  /** Notes a number or a key that JSON would write in another way. */
  #checkText(node: Scalar, value: Value, isFree: boolean): void {
    const { source = '' } = node;
    if (String(node.value) === source) return;
    const reason = describeChange(source, 'YAML', node.value);
    const changed = { path: [...this.#path], offset: startOf(node), reason };
    value.changed ??= changed;
    if (isFree) this.#changed.add(changed);
  }

  #addItems({ items }: YAMLSeq, value: Value, isFree: boolean): void {
    const list: unknown[] = [];
    value.value = list;
    for (const [index, item] of items.entries()) {
      this.#path.push(index);
      list.push(this.#addPart(value, item, isFree));
      this.#path.pop();
    }
  }

  #addMembers({ items }: YAMLMap, value: Value, isFree: boolean): void {
    const members = {};
    value.value = members;
    this.#open.add(members);
    const own = readKeys(items);
    for (const { key, value: node } of items) {
      if (isMergeKey(key)) {
        const merged = this.#addPart(value, node, isFree);
        for (const source of Array.isArray(merged) ? merged : [merged]) {
          this.#requireMergeable(source, node);
          for (const [name, member] of Object.entries(source)) {
            if (!own.has(name) && !Object.hasOwn(members, name)) define(members, name, member);
          }
        }
        continue;
      }
      const name = String((key as Scalar).value);
      this.#path.push(name);
      this.#addPart(value, key, isFree);
      if (typeof (key as Scalar).value === 'boolean') this.#checkText(key as Scalar, value, isFree);
      define(members, name, this.#addPart(value, node, isFree || FREE_FORM.includes(name)));
      this.#path.pop();
    }
    this.#open.delete(members);
  }

  /** Converts a part of a value. */
  #addPart(value: Value, node: unknown, isFree: boolean): unknown {
    const part = this.#toValue(node, isFree);
    value.size += part.size;
    value.changed ??= part.changed;
    return part.value;
  }

  #requireMergeable(source: unknown, node: unknown): asserts source is object {
    const isMapping = typeof source === 'object' && source !== null && !Array.isArray(source);
    if (isMapping && !this.#open.has(source)) return;
    throw notYaml('Merge sources must be maps or map aliases', startOf(node));
  }

  /** A value behind an alias or a merge key has the place of the alias or of that key. */
  #find(path: DocumentPath): { offset: number; source?: string | undefined } {
    let node: unknown = this.document.contents;
    let offset = 0;
    let isBehind = false;
    for (const key of path) {
      isBehind ||= isAlias(node);
      const found = this.#findPart(node, key);
      if (found === undefined) return { offset };
      if (!isBehind) offset = startOf(found.at);
      isBehind ||= found.isMerged === true;
      node = found.node;
    }
    const { source } = (this.#resolve(node) ?? {}) as Partial<Scalar>;
    return { offset, source };
  }

  #findPart(parent: unknown, key: string | number): Member | undefined {
    const node = this.#resolve(parent);
    if (isSeq(node)) return { node: node.items[Number(key)], at: node.items[Number(key)] };
    if (!isMap(node)) return undefined;
    const own = node.items.find((item) => !isMergeKey(item.key) && String(item.key) === String(key));
    if (own !== undefined) return { node: own.value, at: own.key };
    const merging = node.items.find((item) => isMergeKey(item.key));
    const merged = this.#resolve(merging?.value);
    for (const source of isSeq(merged) ? merged.items : [merging?.value]) {
      const found = this.#findPart(source, key);
      if (found === undefined) continue;
      const isMerged = isAlias(merging?.value) || isAlias(source);
      return isMerged ? { node: found.node, at: merging?.key, isMerged } : found;
    }
    return undefined;
  }

  #resolve = (node: unknown): unknown => (isAlias(node) ? this.#targets.get(node) : node);
}

const MERGE_KEY = '<<';

/** Whether a key is a merge key; a quoted one is data. */
const isMergeKey = (key: unknown): boolean => isScalar(key) && key.value === MERGE_KEY && key.type === 'PLAIN';

/** Returns the keys of a mapping without merge keys. Throws a SyntaxProblem for a repeated key, or one that is no text. */
function readKeys(items: readonly Pair[]): Set<string> {
  const keys = new Set<string>();
  let hasMergeKey = false;
  for (const { key } of items) {
    if (!isScalar(key) || !['string', 'number', 'boolean'].includes(typeof key.value)) {
      throw notYaml('A key must be a text', startOf(key));
    }
    if (isMergeKey(key)) {
      if (hasMergeKey) throw notYaml('Map keys must be unique; merge several mappings with <<: [*a, *b]', startOf(key));
      hasMergeKey = true;
    } else if (keys.size === keys.add(String(key.value)).size) {
      throw notYaml('Map keys must be unique', startOf(key));
    }
  }
  return keys;
}

/** Sets a member, also one with the name `__proto__`. */
function define(members: object, name: string, value: unknown): void {
  Object.defineProperty(members, name, { value, enumerable: true, writable: true, configurable: true });
}

/** Where a parsed node starts; every parsed node has a range. */
function startOf(node: unknown): number {
  return ((node as Node).range as Range)[0];
}
