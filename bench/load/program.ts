import type { Workload } from '../workloads.js';

/** The load of one measurement. */
export interface Load {
  url: string;
  workload: Workload;
  connections: number;
  seconds: number;
}

/** What a load generator counted. */
export interface Sample {
  requestsPerSecond: number;
  /** In milliseconds. */
  p99: number;
  answered: number;
  /** How many answers had the expected status. */
  expected: number;
  /** How many connections and requests failed. */
  failed: number;
}

/** A load generator: a program that walks a list of targets. */
export interface Program {
  /** Name and version. */
  title: string;
  command(load: Load): string[];
  /** Parses the output of the command. Throws an Error. */
  parse(text: string, status: number): Sample;
}

/** How long an answer may take, in seconds; a slow peer is slow, not broken. */
export const TIMEOUT = 10;
