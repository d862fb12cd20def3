import type { Describe, Filter, RecordedRequest } from '../../src/journal/entry.js';
import { createJournal, type Journal } from '../../src/journal/journal.js';
import { runAtOnce } from '../../src/util/steps.js';

/** A target in the published spelling. */
export const targetOf = (artifact: string, version = '1') =>
  `/har/api/v1/registry/acme/images/+/artifact/${artifact}/version/${version}/details`;

/** A recorded request with a 200, unless given otherwise. */
export const requestOf = (other: Partial<RecordedRequest> = {}): RecordedRequest => ({
  time: 0,
  method: 'GET',
  target: targetOf('app'),
  requestId: 'r-1',
  traceId: undefined,
  headers: [],
  key: 'developer',
  session: undefined,
  status: 200,
  duration: 1.23456,
  fault: undefined,
  reason: undefined,
  ...other,
});

/** Keeps the reason, and repeats it as advice. */
export const describe: Describe = {
  reasonOf: (_, reason) => reason,
  adviceOn: (_, reason) => `because: ${reason}`,
};

/** Creates a journal for 100 entries, unless given otherwise. */
export const makeJournal = (entries = 100) => withList(createJournal(entries, describe));

/** Adds methods that list and count entries at once. */
export function withList(journal: Journal) {
  const list = (...args: Parameters<Journal['read']>) => runAtOnce(journal.read(...args)).entries;
  const count = (...filters: Filter[]) => runAtOnce(journal.search(filters))[0]?.length;
  return Object.assign(journal, { list, count });
}
