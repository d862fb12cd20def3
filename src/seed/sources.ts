import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import { UserError } from '../util/errors.js';
import { FixtureContent, FixtureText, type Problem, type ReadDocument, readDocument } from './document.js';
import { callSystem, describeSpecial, isNdjsonFile, listFixtureFiles, type SkippedFile } from './files.js';
import type { FixtureDocument } from './format.js';
import { estimateHeap, requireHeap, requireSize } from './memory.js';

/** Where fixtures come from: the path of a file or a folder, or a document of a program. */
export type FixtureSource = string | FixtureDocument;

/** A fixture that was sent to the server, which is never a path. */
export type ReceivedFixture = FixtureText | FixtureContent;

/** A fixture to read; a text is the path of a file. */
export type Input = string | ReceivedFixture;

/** Whether an input is NDJSON, which is read by lines. */
export const isNdjson = (input: Input): input is string | FixtureText =>
  typeof input === 'string' ? isNdjsonFile(input) : input instanceof FixtureText && input.options.isNdjson === true;

/**
 * Lists the inputs of sources, and the files of their folders that are not read. Documents of a program come first, and
 * NDJSON last, because its lines add to what documents declare. Throws a UserError for a path that is missing or has no
 * fixture.
 */
export function listInputs(sources: readonly (FixtureSource | ReceivedFixture)[]): {
  inputs: Input[];
  skipped: SkippedFile[];
} {
  const isReceived = (source: object) => source instanceof FixtureText || source instanceof FixtureContent;
  const documents = sources
    .filter((source) => typeof source !== 'string')
    .map((source, index) => (isReceived(source) ? source : new FixtureContent(`document ${index + 1}`, source)));
  const { files, skipped } = listFixtureFiles(sources.filter((source) => typeof source === 'string'));
  const inputs: Input[] = [...documents, ...files.map(({ path }) => path)];
  return { inputs: inputs.sort((a, b) => Number(isNdjson(a)) - Number(isNdjson(b))), skipped };
}

/** Reads a whole document; returns undefined for an invalid one and adds to `problems`, at most `max`. */
export function readInput(input: Input, problems: Problem[], max: number): ReadDocument | undefined {
  if (typeof input !== 'string') return readDocument(input, problems, max);
  const { descriptor, size } = openFixture(input);
  try {
    requireSize(input, size);
    const bytes = callSystem(input, () => readFileSync(descriptor));
    requireHeap(`${input}:`, estimateHeap(/\.json$/i.test(input) ? 'JSON' : 'YAML', bytes));
    return readDocument(new FixtureText(input, decodeText(input, bytes)), problems, max);
  } finally {
    closeSync(descriptor);
  }
}

/** Opens a regular file, without ever blocking. The caller closes it. Throws a UserError for anything else. */
export function openFixture(file: string): { descriptor: number; size: number } {
  const check = (stats: Stats) => {
    if (stats.isFile()) return stats.size;
    throw new UserError(`${file}: is ${describeSpecial(stats)}`);
  };
  // To open a device can already have an effect, so it is not opened; a pipe that takes the place of the file now does
  // not block.
  check(callSystem(file, () => statSync(file)));
  const descriptor = callSystem(file, () => openSync(file, constants.O_RDONLY | constants.O_NONBLOCK));
  try {
    return { descriptor, size: check(fstatSync(descriptor)) };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Decodes a part of a file. Throws a UserError for another encoding than UTF-8. */
export function decodeText(file: string, bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new UserError(`${file}: is not UTF-8; save it as UTF-8`);
  return bytes.toString('utf8');
}
