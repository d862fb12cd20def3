import { closeSync, readSync } from 'node:fs';
import { listProblems, messageAt } from '../util/validate.js';
import { type FixtureText, MAX_PROBLEMS, type Place, type Problem } from './document.js';
import { callSystem } from './files.js';
import { type FixtureLine, LineSchema } from './format.js';
import { findPart, parseJson } from './json.js';
import { type SyntaxProblem, tryJson } from './json-walk.js';
import { estimateHeap, requireHeap } from './memory.js';
import { decodeText, openFixture } from './sources.js';

/** Small, because a string that outlives the young generation of the heap makes all its lines slower. */
const CHUNK_BYTES = 1 << 16;

/** Whether a text is NDJSON and not a document: its first line is an object and not the last, or a line is a version. */
export function isNdjsonText(text: string): boolean {
  const lines = text.trim().split('\n');
  return lines.some((line, index) => {
    const value = line.trimStart().startsWith('{') ? tryJson(line) : undefined;
    return value !== undefined && ((index === 0 && lines.length > 1) || Object.hasOwn(value as object, 'registry'));
  });
}

/** Reads the lines of an NDJSON fixture one at a time; invalid lines are added to `problems`. */
export function* readNdjson(
  input: string | FixtureText,
  problems: Problem[],
): Generator<{ content: FixtureLine; place: Place }> {
  const file = typeof input === 'string' ? input : input.name;
  let line = 0;
  for (const text of typeof input === 'string' ? readLines(input) : input.text.split('\n')) {
    if (problems.length >= MAX_PROBLEMS) return;
    line += 1;
    // This removes a byte order mark, too.
    const json = text.trim();
    if (json === '') continue;
    const { content, message, offset } = readLine(json);
    if (content !== undefined) yield { content, place: { file, line } };
    else {
      const column = offset === undefined ? undefined : text.indexOf(json) + offset + 1;
      problems.push({ place: { file, line, column }, message });
    }
  }
}

type ReadLine =
  | { content: FixtureLine; message?: never; offset?: never }
  | { content?: never; message: string; offset?: number };

function readLine(json: string): ReadLine {
  try {
    const { content, changed, walk } = parseJson(json);
    const [problem] = listProblems(LineSchema, content, 1, (path) => findPart(walk, path).source);
    if (problem !== undefined) return { message: problem.message };
    const [change] = changed;
    if (change === undefined) return { content: content as FixtureLine };
    return { message: messageAt(change.path, change.reason), offset: change.offset };
  } catch (error) {
    const { message, offset } = error as SyntaxProblem;
    const hint = message.includes('unexpected') ? '; expected one object on the line' : '';
    return { message: message + hint, offset };
  }
}

/** Streams the lines of a file in chunks of fixed size, so that a longer file needs no more memory. */
function* readLines(file: string): Generator<string> {
  const { descriptor } = openFixture(file);
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const read = () => callSystem(file, () => readSync(descriptor, chunk));
    let rest: Buffer[] = [];
    let needed = 0;
    for (let bytes = read(); bytes > 0; bytes = read()) {
      const end = chunk.subarray(0, bytes).lastIndexOf('\n');
      if (end !== -1) {
        yield* decodeText(file, Buffer.concat([...rest, chunk.subarray(0, end)])).split('\n');
        rest = [];
      }
      rest.push(Buffer.from(chunk.subarray(end + 1, bytes)));
      needed = end === -1 ? needed + estimateHeap('JSON', chunk.subarray(0, bytes)) : 0;
      requireHeap(`${file}: a line`, needed);
    }
    yield* decodeText(file, Buffer.concat(rest)).split('\n');
  } finally {
    closeSync(descriptor);
  }
}
