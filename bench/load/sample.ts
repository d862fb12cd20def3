/** What a maker of load has counted. */
export interface Sample {
  requestsPerSecond: number;
  /** The time within which 99 of 100 requests were answered, in milliseconds. */
  p99: number;
  /** How many requests got an answer. */
  answered: number;
  /** How many of them got the status that was asked about. */
  expected: number;
  /** Connections and requests that failed. */
  failed: number;
}

/**
 * Throws an Error for a sample in which a request failed or got another status than the expected one; such a rate is
 * none of the answer that is measured.
 */
export function requireExpected(sample: Sample, status: number): void {
  const { answered, expected, failed } = sample;
  if (answered > 0 && answered === expected && failed === 0) return;
  throw new Error(`${expected} of ${answered} answers had status ${status}, and ${failed} requests failed`);
}
