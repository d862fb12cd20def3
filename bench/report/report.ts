import type { Seeding } from '../measure/seeding.js';
import type { StoreMeasurement } from '../measure/stores.js';
import type { Plan } from '../options.js';
import type { Absence, Server } from '../servers/server.js';
import type { Machine } from './machine.js';
import type { Summary } from './summary.js';

/** A server with what was measured of it besides its rates. */
export interface Measured extends Pick<Server, 'name' | 'title' | 'version' | 'note'> {
  /** The time from its spawn to its first 200, in milliseconds. */
  ready: number;
  /** Its memory once it has started, in bytes. */
  rest: number;
  /** Its memory after the load, in bytes. */
  loaded: number;
}

/** This server on a store in a file, with the rate of its hits. */
export type MeasuredStore = StoreMeasurement & Pick<Summary, 'requestsPerSecond' | 'p99' | 'ratio'>;

/** All that a run has found out. */
export interface Report {
  /** The day of the run, such as `2024-05-31`. */
  date: string;
  machine: Machine;
  /** What made the load. */
  load: string;
  plan: Plan;
  servers: readonly Measured[];
  absent: readonly Absence[];
  summaries: readonly Summary[];
  stores: readonly MeasuredStore[];
  seedings: readonly Seeding[];
}
