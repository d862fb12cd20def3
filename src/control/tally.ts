import type { Spelling } from '../wire/path.js';
import type { Exchange } from './exchange.js';

/** What requests are counted by. None of it is a name, so that there are never many. */
export interface Labels {
  route: 'details' | 'unknown';
  /** The HTTP status, `none` for a request that got no whole answer. */
  status: string;
  /** How the registry_ref was spelled, `none` on an unknown route. */
  spelling: Spelling | 'none';
  /** What set off a fault, `none` where nothing did. */
  fault: string;
}

/** How many requests of the same labels there were, and how long they took in all, in milliseconds. */
export interface Count {
  labels: Labels;
  requests: number;
  duration: number;
}

/** Counts requests from the start of the server on; nothing sets it back. */
export interface Tally {
  add(exchange: Exchange, spelling: Spelling | undefined): void;
  list(): Count[];
}

/** Makes a tally of no requests. */
export function createTally(): Tally {
  const counts = new Map<string, Count>();
  return {
    add({ status, fault, duration }, spelling) {
      const key = `${status} ${spelling} ${fault?.trigger}`;
      let count = counts.get(key);
      if (count === undefined) {
        const route = spelling === undefined ? 'unknown' : 'details';
        const labels: Labels = {
          route,
          status: String(status ?? 'none'),
          spelling: spelling ?? 'none',
          fault: fault?.trigger ?? 'none',
        };
        count = { labels, requests: 0, duration: 0 };
        counts.set(key, count);
      }
      count.requests += 1;
      count.duration += duration;
    },
    list: () => [...counts.values()],
  };
}
