import { constants } from 'node:buffer';
import { getHeapStatistics } from 'node:v8';
import { UserError } from '../util/errors.js';

/** How much heap a byte of text needs, in bytes: as a string, in the parsed value and in what is written. */
const PER_BYTE = 4;

/** How much heap a value needs; measured with the worst documents found, such as a million mappings with other keys. */
const PER_VALUE = { JSON: 100, YAML: 1_200 };

/** What a server without data needs, in bytes. */
const BASE = 64 << 20;

/** 1 for the bytes that come before or after a value. */
const SEPARATORS = Uint8Array.from({ length: 256 }, (_, byte) =>
  ',:[{\n'.includes(String.fromCharCode(byte)) ? 1 : 0,
);

/** Estimates how much heap the parsing of a text needs, in bytes. */
export function estimateHeap(kind: keyof typeof PER_VALUE, bytes: Buffer): number {
  let values = 0;
  for (const byte of bytes) values += SEPARATORS[byte] as number;
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
  const max = Math.min(getHeapStatistics().heap_size_limit - BASE, constants.MAX_STRING_LENGTH * PER_BYTE);
  if (needed <= max) return;
  const [needs, has] = [needed, max].map((bytes) => Math.ceil(bytes / (1 << 20)));
  throw new UserError(
    `${what} needs about ${needs} MiB of memory, and this process has ${has}; ` +
      'split it, use NDJSON, or set NODE_OPTIONS=--max-old-space-size=MEBIBYTES',
  );
}
