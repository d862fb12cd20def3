import { spellingOf } from '../api/spelling.js';
import { parseTarget } from '../api/target.js';
import type { RecordedRequest } from './entry.js';

/** The upper limits of the buckets of durations, in milliseconds. Most answers take less than the first. */
export const BUCKETS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000] as const;

/**
 * Creates counters of requests by their labels, of which there are only few combinations, and by bucket, the last without
 * a limit; a reset does not change them. A label is `none` for what a request does not have.
 */
export function createCounters() {
  // Labels are formatted when they are read: a request only adds to numbers.
  const counters: (Record<'status' | 'spelling' | 'trigger', string | number> & {
    buckets: Float64Array;
    duration: number;
  })[] = [];
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
        counter = { status, spelling, trigger, buckets: new Float64Array(BUCKETS.length + 1), duration: 0 };
        counters.push(counter);
      }
      let bucket = 0;
      while (duration > (BUCKETS[bucket] ?? Number.POSITIVE_INFINITY)) bucket += 1;
      counter.buckets[bucket] = (counter.buckets[bucket] as number) + 1;
      counter.duration += duration;
    },
    list: () =>
      counters.map(({ status, spelling, trigger, buckets, duration }) => {
        const route = spelling === 'none' ? 'unknown' : 'details';
        const labels = { route, status: String(status), spelling: String(spelling), fault: String(trigger) };
        return { labels, buckets, duration };
      }),
  };
}
