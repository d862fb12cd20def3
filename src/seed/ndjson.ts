import { closeSync, readSync } from 'node:fs';
import { type Checked, checkContent, type Find, FixtureText, type Report } from './document.js';
import { callSystem } from './files.js';
import { type FixtureLine, LineSchema } from './format.js';
import { decodeText, estimateHeap, type Input, openFixture, requireHeap } from './sources.js';
import { type Mistake, parseJson, SyntaxProblem } from './text.js';

/** Small, because a string that outlives the young generation of the heap makes all its lines slower. */
const CHUNK_BYTES = 1 << 16;

/** Reads the lines of an NDJSON fixture one at a time; reports what is wrong with invalid ones. */
export function* readNdjson({ name: file, source }: Input, report: Report): Generator<Checked<FixtureLine>> {
  let line = 0;
  for (const text of source instanceof FixtureText ? source.text.split('\n') : readLines(file)) {
    line += 1;
    // This removes a byte order mark, too.
    const json = text.trim();
    if (json === '') continue;
    const place = { file, line };
    const add = ({ message, offset }: Mistake) =>
      report({ place: { ...place, column: text.indexOf(json) + offset + 1 }, message });
    try {
      const { content, changed, find } = parseJson(json, '; expected one object on the line');
      for (const change of changed) add(change);
      const findInLine: Find = (paths) => find(paths).map(({ source }) => ({ place, source }));
      const checked = checkContent(LineSchema, content, report, findInLine, 1);
      if (checked !== undefined && changed.length === 0) yield checked;
    } catch (error) {
      if (!(error instanceof SyntaxProblem)) throw error;
      add(error);
    }
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
