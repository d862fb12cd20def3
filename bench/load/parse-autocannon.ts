import type { Sample } from './sample.js';

/** The part that is used of what `autocannon --json` prints. */
interface Report {
  duration: number;
  errors: number;
  timeouts: number;
  requests: { total: number };
  latency: { p99: number };
  statusCodeStats: Record<string, { count: number }>;
}

/** Reads what `autocannon --json` prints. Throws an Error for a text that is no report. */
export function parseAutocannon(text: string, status: number): Sample {
  const { duration, errors, timeouts, requests, latency, statusCodeStats } = JSON.parse(text) as Report;
  return {
    requestsPerSecond: requests.total / duration,
    p99: latency.p99,
    answered: requests.total,
    expected: statusCodeStats[status]?.count ?? 0,
    failed: errors + timeouts,
  };
}
