import { findPackageFile, programFile, readPackageVersion } from '../files.js';
import { type Program, type Sample, TIMEOUT } from './program.js';

/** Finds autocannon; undefined if it is not installed. */
export function findAutocannon(): Program | undefined {
  if (findPackageFile('autocannon', 'package.json') === undefined) return undefined;
  return {
    title: `autocannon ${readPackageVersion('autocannon')}`,
    command: ({ url, workload: { targets, headers }, connections, seconds }) => [
      process.execPath,
      programFile('autocannon.mjs'),
      targets,
      JSON.stringify({ url, headers, connections, duration: seconds, timeout: TIMEOUT }),
    ],
    parse: parseAutocannon,
  };
}

/** The part of autocannon's result that is used. */
interface Result {
  duration: number;
  errors: number;
  timeouts: number;
  requests: { total: number };
  latency: { p99: number };
  statusCodeStats: Record<string, { count: number }>;
}

/** Parses autocannon's result. Throws an Error. */
export function parseAutocannon(text: string, status: number): Sample {
  const { duration, errors, timeouts, requests, latency, statusCodeStats } = JSON.parse(text) as Result;
  return {
    requestsPerSecond: requests.total / duration,
    p99: latency.p99,
    answered: requests.total,
    expected: statusCodeStats[status]?.count ?? 0,
    failed: errors + timeouts,
  };
}
