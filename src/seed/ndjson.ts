import { closeSync, readSync } from 'node:fs';
import { listProblems } from '../util/validate.js';
import { FixtureText, MAX_PROBLEMS, type Place, type Problem } from './document.js';
import { callSystem } from './files.js';
import { type FixtureLine, LineSchema } from './format.js';
import { decodeText, estimateHeap, type Input, openFixture, requireHeap } from './sources.js';
import { findValue, parseJson, type SyntaxProblem } from './text.js';

/** Small, because a string that outlives the young generation of the heap makes all its lines slower. */
const CHUNK_BYTES = 1 << 16;

/** Reads the lines of an NDJSON fixture one at a time; invalid lines are added to `problems`. */
export function* readNdjson(
  { name: file, source }: Input,
  problems: Problem[],
): Generator<{ content: FixtureLine; place: Place }> {
  let line = 0;
  for (const text of source instanceof FixtureText ? source.text.split('\n') : readLines(file)) {
    if (problems.length >= MAX_PROBLEMS) return;
    line += 1;
    // This removes a byte order mark, too.
    const json = text.trim();
    if (json === '') continue;
    const add = (message: string, offset?: number) => {
      const column = offset === undefined ? undefined : text.indexOf(json) + offset + 1;
      problems.push({ place: { file, line, column }, message });
    };
    const content = readLine(json, add);
    if (content !== undefined) yield { content, place: { file, line } };
  }
}

/** Reads a line; for an invalid one, adds a message and, unless a value is invalid, its offset. */
function readLine(json: string, add: (message: string, offset?: number) => void): FixtureLine | undefined {
  try {
    const { content, changed, getRoot } = parseJson(json, '; expected one object on the line');
    const [problem] = listProblems(LineSchema, content, 1, (path) => findValue(getRoot(), path).source);
    const [change] = changed;
    if (problem !== undefined) add(problem.message);
    else if (change !== undefined) add(change.message, change.offset);
    else return content as FixtureLine;
  } catch (error) {
    const { message, offset } = error as SyntaxProblem;
    add(message, offset);
  }
  return undefined;
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
