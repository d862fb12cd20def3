import { spellingOf } from '../api/spelling.js';
import { parseTarget } from '../api/target.js';
import type { RecordedRequest } from './entry.js';

/** The labels of the request metrics; `none` for what a request does not have. No names: there are only few combinations. */
export const LABELS = ['route', 'status', 'spelling', 'fault'] as const;

/** The requests with one combination of labels, and their total duration in milliseconds. */
export type Count = ReturnType<ReturnType<typeof createCounters>['list']>[number];

/** Creates counters of requests by their labels; a reset does not change them. */
export function createCounters() {
  // Labels are formatted when they are read: a request only adds to numbers.
  const counters: (Record<'status' | 'spelling' | 'trigger', string | number> &
    Record<'requests' | 'duration', number>)[] = [];
  return {
    add({ target, status: answered, fault, duration }: RecordedRequest): void {
      const status = answered ?? 'none';
      const { written } = parseTarget(target);
      const spelling = written === undefined ? 'none' : spellingOf(written.ref);
      const trigger = fault?.trigger ?? 'none';
      let counter = counters.find((known) => {
        return known.status === status && known.spelling === spelling && known.trigger === trigger;
      });
      if (counter === undefined) {
        counter = { status, spelling, trigger, requests: 0, duration: 0 };
        counters.push(counter);
      }
      counter.requests += 1;
      counter.duration += duration;
    },
    list: () =>
      counters.map(({ status, spelling, trigger, requests, duration }) => {
        const route = spelling === 'none' ? 'unknown' : 'details';
        const labels = { route, status: String(status), spelling: String(spelling), fault: String(trigger) };
        return { labels, requests, duration };
      }),
  };
}
