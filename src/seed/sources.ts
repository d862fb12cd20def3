import { constants as bufferConstants, isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import { UserError } from '../util/errors.js';
import { type Checked, checkDocument, FixtureText, type Report, readDocument } from './document.js';
import { callSystem, isNdjsonFile, listFixtureFiles, NOT_REGULAR, type SkippedFile } from './files.js';
import type { FixtureDocument } from './format.js';
import { tryJson } from './text.js';

/** Where fixtures come from: the path of a file or a folder, or a document of a program. */
export type FixtureSource = string | FixtureDocument;

/** A fixture to read, under a name for messages: a file with that path, a text, or a document of a program. */
export interface Input {
  name: string;
  source: FixtureSource | FixtureText;
  /** Whether it is read by lines. */
  isNdjson: boolean;
}

/**
 * Lists the inputs of sources, and the files of their folders that are not read. Documents and texts come first, and
 * NDJSON last, because its lines add to what documents declare. Throws a UserError for a path that is missing or has no
 * fixture.
 */
export function listInputs(sources: readonly (FixtureSource | FixtureText)[]): {
  inputs: Input[];
  skipped: SkippedFile[];
} {
  const inputs: Input[] = sources
    .filter((source) => typeof source !== 'string')
    .map((source, index) =>
      source instanceof FixtureText
        ? { name: source.name, source, isNdjson: source.options.isNdjson === true }
        : { name: `document ${index + 1}`, source, isNdjson: false },
    );
  const { files, skipped } = listFixtureFiles(sources.filter((source) => typeof source === 'string'));
  inputs.push(...files.map(({ path }) => ({ name: path, source: path, isNdjson: isNdjsonFile(path) })));
  return { inputs: inputs.sort((a, b) => Number(a.isNdjson) - Number(b.isNdjson)), skipped };
}

/** Reads a whole document; reports what is wrong with an invalid one, and returns undefined. */
export function readInput({ name, source }: Input, report: Report): Checked<FixtureDocument> | undefined {
  if (source instanceof FixtureText) return readDocument(source, report);
  if (typeof source !== 'string')
    return checkDocument(source, report, (paths) => paths.map(() => ({ place: { file: name } })));
  const { descriptor, size } = openFixture(source);
  try {
    requireSize(source, size);
    const bytes = callSystem(source, () => readFileSync(descriptor));
    const isJson = /\.json$/i.test(source);
    requireHeap(`${source}:`, estimateHeap(isJson ? 'JSON' : 'YAML', bytes));
    const options = isJson ? { jsonHint: 'rename it to .yaml if it is YAML' } : {};
    return readDocument(new FixtureText(source, decodeText(source, bytes), options), report);
  } finally {
    closeSync(descriptor);
  }
}

/** Opens a regular file, without ever blocking. The caller closes it. Throws a UserError for anything else. */
export function openFixture(file: string): { descriptor: number; size: number } {
  const descriptor = callSystem(file, () => openSync(file, constants.O_RDONLY | constants.O_NONBLOCK));
  const stats = fstatSync(descriptor);
  if (stats.isFile()) return { descriptor, size: stats.size };
  // Something else has taken the place of the file that was listed.
  closeSync(descriptor);
  throw new UserError(`${file}: is ${NOT_REGULAR}`);
}

/** Decodes a part of a file. Throws a UserError for another encoding than UTF-8. */
export function decodeText(file: string, bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new UserError(`${file}: is not UTF-8; save it as UTF-8`);
  return bytes.toString('utf8');
}

/** Decodes a fixture in YAML, JSON or NDJSON. Throws a UserError for one that is empty, not UTF-8 or needs too much memory. */
export function toFixtureText(name: string, bytes: Buffer): FixtureText {
  const text = decodeText(name, bytes);
  if (text.trim() === '') throw new UserError(`${name}: is empty; expected a fixture in YAML, JSON or NDJSON`);
  const lines = text.trim().split('\n');
  // It is no document if its first line is an object and not the last, or a line is a version.
  const isNdjson = lines.some((line, index) => {
    const value = line.trimStart().startsWith('{') ? tryJson(line) : undefined;
    return value !== undefined && ((index === 0 && lines.length > 1) || Object.hasOwn(value as object, 'registry'));
  });
  if (!isNdjson) requireHeap(`${name}:`, estimateHeap('YAML', bytes));
  return new FixtureText(name, text, { isNdjson });
}

/** How much heap a byte of text needs, in bytes: as a string, in the parsed value and in what is written. */
const PER_BYTE = 4;

/** How much heap a value needs; measured with the worst documents found, such as a million mappings with other keys. */
const PER_VALUE = { JSON: 100, YAML: 1_200 };

/** What a server without data needs, in bytes. */
const BASE = 64 << 20;

/** The bytes that come before or after a value. */
const SEPARATORS = new Set(Buffer.from(',:[{\n'));

/** Estimates how much heap the parsing of a text needs, in bytes. */
export function estimateHeap(kind: keyof typeof PER_VALUE, bytes: Buffer): number {
  let values = 0;
  for (const byte of bytes) if (SEPARATORS.has(byte)) values += 1;
  return bytes.length * PER_BYTE + values * PER_VALUE[kind];
}

/** Throws a UserError for a file whose size alone exceeds the memory, so that it need not be read. */
export const requireSize = (file: string, size: number): void => requireHeap(`${file}:`, size * PER_BYTE);

/**
 * Throws a UserError if something needs more heap than there is, which would end the process.
 *
 * @param what the subject of the message, such as `a.ndjson: a line`
 */
export function requireHeap(what: string, needed: number): void {
  const max = Math.min(getHeapStatistics().heap_size_limit - BASE, bufferConstants.MAX_STRING_LENGTH * PER_BYTE);
  if (needed <= max) return;
  const [needs, has] = [needed, max].map((bytes) => Math.ceil(bytes / (1 << 20)));
  throw new UserError(
    `${what} needs about ${needs} MiB of memory, and this process has ${has}; ` +
      'split it, use NDJSON, or set NODE_OPTIONS=--max-old-space-size=MEBIBYTES',
  );
}
