import type { Store } from '../store/store.js';
import { ConflictError, type Writer } from '../store/writer.js';
import { messageAt, ValidationError } from '../util/validate.js';
import { FixtureError, formatPlace, MAX_PROBLEMS, type Place, type Problem } from './document.js';
import { type Counts, type Entry, readEntries } from './entries.js';
import type { SkippedFile } from './files.js';
import { type FixtureSource, type Input, isNdjson, listInputs, type ReceivedFixture, readInput } from './sources.js';

/**
 * Writes fixtures into a store, in one transaction. Returns the counts, the API keys and the files that were not read. Throws a FixtureError with all
 * problems, or a UserError for a path without fixtures; the store is then unchanged.
 */
export function writeFixtures(
  sources: readonly (FixtureSource | ReceivedFixture)[],
  change: Store['seed' | 'replace' | 'merge'],
): { counts: Counts; keys: string[]; skipped: SkippedFile[] } {
  const { inputs, skipped } = listInputs(sources);
  const counts: Counts = { registries: 0, artifacts: 0, versions: 0, keys: 0 };
  const keys: string[] = [];
  change((writer) => {
    const addKey: Writer['addKey'] = (key, apiKey) => {
      writer.addKey(key, apiKey);
      keys.push(key);
    };
    writeInputs(inputs, { ...writer, addKey }, counts);
  });
  return { counts, keys, skipped };
}

/** Reads the API keys of fixtures without loading them; none if a fixture cannot be read. */
export function readKeys(sources: readonly (FixtureSource | ReceivedFixture)[]): string[] {
  try {
    return listInputs(sources).inputs.flatMap((input) => {
      const { apiKeys = [] } = (!isNdjson(input) && readInput(input, [], 1)?.content) || {};
      return apiKeys.map(({ key }) => key);
    });
  } catch {
    return [];
  }
}

function writeInputs(inputs: readonly Input[], writer: Writer, counts: Counts): void {
  const problems: Problem[] = [];
  let failed: Entry | undefined;
  for (const entry of readEntries(inputs, problems)) {
    if (failed !== undefined && isPart(entry, failed)) continue;
    try {
      entry.write(writer);
      counts[entry.kind] += 1;
    } catch (error) {
      failed = entry;
      problems.push(toProblem(error, entry, inputs));
    }
    if (problems.length >= MAX_PROBLEMS) break;
  }
  if (problems.length > 0) throw new FixtureError(problems);
}

/** Whether an entry is a part of another; the parts of a failed entry are skipped. */
function isPart(entry: Entry, other: Entry): boolean {
  return entry.placeOf === other.placeOf && other.path.every((key, index) => entry.path[index] === key);
}

function toProblem(error: unknown, entry: Entry, inputs: readonly Input[]): Problem {
  if (error instanceof ValidationError) {
    const path = [...entry.path, ...error.path];
    return { place: entry.placeOf(path), message: messageAt(path, error.reason) };
  }
  if (!(error instanceof ConflictError)) throw error;
  const place = entry.placeOf(entry.path);
  if (error.remedy !== undefined) return { place, message: error.message };
  const { identity, contradiction } = error;
  const first = formatPlace(findFirst(identity, inputs, place));
  const found = contradiction ? `${contradiction}, at` : 'is already defined at';
  return { place, message: `${identity} ${found} ${first}` };
}

/**
 * Reads the inputs again for the first definition of an identity: remembering the places of millions would need too
 * much memory. Returns the place of the second definition if a file has changed meanwhile.
 */
function findFirst(identity: string, inputs: readonly Input[], second: Place): Place {
  for (const entry of readEntries(inputs, [])) {
    if (entry.identify().includes(identity)) return entry.placeOf(entry.path);
  }
  return second;
}
