import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { LimitError } from '../util/errors.js';
import { runInTurns, type Steps } from '../util/steps.js';
import { type Describe, type Entry, type Filter, matchesFilter, type RecordedRequest, toEntry } from './entry.js';

/** The maximum number of callers that wait for entries at once. */
export const MAX_WAITS = 1_000;

/** The memory of an entry besides its texts, in bytes; estimated for 64-bit Node. */
const ENTRY_BYTES = 320;

/** The memory of a text besides its characters, in bytes. */
const TEXT_BYTES = 16;

/** The memory that a journal may use per entry that it may hold, in bytes. Long targets shorten it. */
const MAX_BYTES_PER_ENTRY = 1_024;

/** How long a list may look up advice, in milliseconds; later entries have none. */
const MAX_ADVICE_TIME = 100;

export type Journal = ReturnType<typeof createJournal>;

interface Wait {
  filter: Filter;
  wanted: number;
  missing: number;
  end(): void;
}

/** Creates an empty journal for up to `max` entries; 0 turns it off. */
export function createJournal(max: number, describe: Describe) {
  // A ring: an entry is at its id modulo the size; the entries from id `first` on are kept.
  const ring: (RecordedRequest | undefined)[] = [];
  const maxBytes = max * MAX_BYTES_PER_ENTRY;
  const waits = new Set<Wait>();
  let first = 1;
  let next = 1;
  let bytes = 0;
  let dropped = 0;
  let isClosed = false;

  /** Removes an entry; returns 1 if there was one, 0 if not. */
  const release = (id: number) => {
    const recorded = ring[id % max];
    if (recorded === undefined) return 0;
    ring[id % max] = undefined;
    bytes -= sizeOf(recorded);
    return 1;
  };

  /** Returns an entry unless newer ones have replaced it. */
  const get = (id: number) => (id < first ? undefined : ring[id % max]);

  /** Finds the ids of the current entries that match each filter; later ones are not searched. */
  function* search(filters: readonly Filter[], end = next): Steps<number[][]> {
    const found = filters.map((filter) => ({ filter, ids: [] as number[] }));
    for (let id = first; id < end; id += 1) {
      const recorded = get(id);
      const isMatch = (filter: Filter) =>
        recorded !== undefined && id > (filter.since ?? 0) && matchesFilter(filter, recorded, describe);
      for (const { filter, ids } of found) if (isMatch(filter)) ids.push(id);
      yield;
    }
    return found.map(({ ids }) => ids);
  }

  function* read(filter: Filter = {}, newest = max): Steps<{ entries: Entry[]; total: number }> {
    const entries: Entry[] = [];
    const [ids] = (yield* search([filter])) as [number[]];
    const deadline = performance.now() + MAX_ADVICE_TIME;
    for (const id of ids.slice(Math.max(0, ids.length - newest))) {
      const recorded = get(id);
      if (recorded !== undefined) entries.push(toEntry(id, recorded, describe, performance.now() < deadline));
      yield;
    }
    return { entries, total: ids.length };
  }

  return {
    record(recorded: RecordedRequest): void {
      if (max === 0) return;
      if (next - first === max) dropped += release(first++);
      ring[next++ % max] = recorded;
      bytes += sizeOf(recorded);
      while (bytes > maxBytes) dropped += release(first++);
      for (const wait of waits) {
        if (matchesFilter(wait.filter, recorded, describe)) wait.missing -= 1;
        if (wait.missing <= 0) wait.end();
      }
    },
    search,
    /** Lists the newest of the matching entries, oldest first, and counts all. */
    read,
    /** Waits (ms) until there are enough matching entries, the signal aborts or the journal closes; returns how many came. */
    async waitFor(filter: Filter, wanted: number, timeout: number, gone?: AbortSignal): Promise<number> {
      if (waits.size >= MAX_WAITS) throw new LimitError('waits', MAX_WAITS, 'let some of them end first');
      const deadline = performance.now() + timeout;
      const end = new AbortController();
      const wait: Wait = { filter, wanted, missing: wanted, end: () => end.abort() };
      waits.add(wait);
      gone?.addEventListener('abort', wait.end);
      const [ids = []] = await runInTurns(search([filter]));
      wait.missing -= ids.length;
      if (wait.missing > 0 && !isClosed && !gone?.aborted) {
        await sleep(Math.max(0, deadline - performance.now()), undefined, { signal: end.signal }).catch(() => {});
      }
      waits.delete(wait);
      return wanted - wait.missing;
    },
    /** Whether it never holds an entry. */
    isOff: max === 0,
    /** The number of entries dropped for newer ones since the journal was last cleared. */
    get dropped(): number {
      return dropped;
    },
    /** Removes all entries, or those of a session. */
    clear(session?: string): void {
      for (let id = first; id < next; id += 1) {
        if (session === undefined || ring[id % max]?.session === session) release(id);
      }
      while (first < next && ring[first % max] === undefined) first += 1;
      if (session === undefined) dropped = 0;
      // A wait for all sessions keeps its count, because counting again would take too long.
      for (const wait of waits) {
        if (session === undefined || wait.filter.session === session) wait.missing = wait.wanted;
      }
    },
    /** Ends all waits, and later ones at once. */
    close(): void {
      isClosed = true;
      for (const wait of waits) wait.end();
    },
  };
}

function sizeOf({ target, session = '', traceId = '', headers }: RecordedRequest): number {
  const ofHeaders = headers.reduce((sum, value) => sum + (value === undefined ? 0 : TEXT_BYTES + value.length), 0);
  return ENTRY_BYTES + target.length + session.length + traceId.length + ofHeaders;
}
