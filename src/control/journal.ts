import { type DescribeRefusal, type Entry, type Exchange, toEntry } from './exchange.js';
import { type Filter, matchesFilter } from './filter.js';
import { LimitReached } from './limit.js';

/** How many may wait for entries at once. */
export const MOST_WAITS = 1_000;

/** The longest that a timer of Node can wait, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** What an exchange takes besides its texts, in bytes; measured on 64-bit Node. */
const EXCHANGE_BYTES = 250;

/** How much a journal holds; it is off when it holds no entry. */
export interface JournalBounds {
  entries: number;
  /** An estimate of memory, in bytes. */
  bytes: number;
}

/** What a server was asked: the newest exchanges, within bounds. Where a session is named, only its own are meant. */
export interface Journal {
  record(exchange: Exchange): void;
  /** Counts the entries that a filter means. */
  count(filter: Filter): number;
  /** Lists the newest of the entries that a filter means, all unless it is told how many, in the order of their answers. */
  list(filter?: Filter, most?: number): Entry[];
  /**
   * Waits until so many entries are there that a filter means; returns whether they came within so many milliseconds.
   * or before the signal was aborted, with which whoever waits is gone. Throws a LimitReached when too many wait.
   */
  waitFor(filter: Filter, count: number, timeout: number, gone?: AbortSignal): Promise<boolean>;
  /** Whether it holds nothing, whatever comes. */
  readonly isOff: boolean;
  /** How many entries have made room for others since the journal was last cleared. */
  readonly dropped: number;
  /** Forgets entries; the room of a session's is free once those before them have made room. */
  clear(session?: string): void;
  /** Ends all waits, and those that begin later at once. */
  close(): void;
}

/** Somebody who waits for so many more entries. */
interface Wait {
  filter: Filter;
  count: number;
  missing: number;
  end(): void;
}

/** Makes an empty journal. */
export function createJournal(
  { entries: most, bytes: mostBytes }: JournalBounds,
  describeRefusal: DescribeRefusal,
): Journal {
  // A ring: the exchange of an id stands at the remainder of the id; ids from `first` on are held.
  const ring: (Exchange | undefined)[] = [];
  const waits = new Set<Wait>();
  let first = 1;
  let next = 1;
  let bytes = 0;
  let dropped = 0;
  let isClosed = false;

  const release = (id: number) => {
    const exchange = ring[id % most];
    ring[id % most] = undefined;
    if (exchange === undefined) return false;
    bytes -= sizeOf(exchange);
    return true;
  };

  const isMeant = (filter: Filter, exchange: Exchange | undefined) =>
    exchange !== undefined && matchesFilter(filter, exchange, describeRefusal);

  const find = (filter: Filter): number[] => {
    const ids: number[] = [];
    for (let id = Math.max(first, (filter.since ?? 0) + 1); id < next; id += 1) {
      if (isMeant(filter, ring[id % most])) ids.push(id);
    }
    return ids;
  };

  const tellWaits = (exchange: Exchange) => {
    for (const wait of waits) {
      if (isMeant(wait.filter, exchange)) wait.missing -= 1;
      if (wait.missing <= 0) wait.end();
    }
  };

  const journal: Journal = {
    record(exchange) {
      if (most === 0) return;
      if (next - first === most && release(first++)) dropped += 1;
      ring[next++ % most] = exchange;
      bytes += sizeOf(exchange);
      while (bytes > mostBytes) if (release(first++)) dropped += 1;
      tellWaits(exchange);
    },
    count: (filter) => find(filter).length,
    list: (filter = {}, newest = most) =>
      find(filter)
        .slice(-newest)
        .map((id) => toEntry(id, ring[id % most] as Exchange, describeRefusal)),
    waitFor(filter, count, timeout, gone) {
      if (waits.size >= MOST_WAITS) throw new LimitReached('waits', MOST_WAITS, 'wait for those to end');
      return new Promise((resolve) => {
        const wait: Wait = {
          filter,
          count,
          missing: count - journal.count(filter),
          end() {
            clearTimeout(timer);
            waits.delete(wait);
            resolve(wait.missing <= 0);
          },
        };
        const timer = setTimeout(wait.end, Math.min(timeout, LONGEST_TIMER));
        waits.add(wait);
        gone?.addEventListener('abort', wait.end, { once: true });
        if (wait.missing <= 0 || isClosed) wait.end();
      });
    },
    isOff: most === 0,
    get dropped() {
      return dropped;
    },
    clear(session) {
      for (let id = first; id < next; id += 1) {
        if (session === undefined || ring[id % most]?.session === session) release(id);
      }
      while (first < next && ring[first % most] === undefined) first += 1;
      if (session === undefined) dropped = 0;
      for (const wait of waits) wait.missing = wait.count - journal.count(wait.filter);
    },
    close() {
      isClosed = true;
      for (const wait of waits) wait.end();
    },
  };
  return journal;
}

function sizeOf({ target, session = '' }: Exchange): number {
  return EXCHANGE_BYTES + target.length + session.length;
}
