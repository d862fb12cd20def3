import type { Measurement } from '../measure/requests.js';
import type { Seeding } from '../measure/seeding.js';
import type { Starts } from '../measure/starts.js';
import type { StoreMeasurement } from '../measure/stores.js';
import type { Plan } from '../options.js';
import type { Absence, Server } from '../servers/server.js';
import type { Machine } from './machine.js';

/** What a run has measured. */
export interface Report {
  /** The day of the run, such as `2024-05-31`. */
  date: string;
  machine: Machine;
  /** The load generator. */
  load: string;
  plan: Plan;
  servers: readonly Pick<Server, 'name' | 'title' | 'version' | 'note'>[];
  absent: readonly Absence[];
  /** By the name of the server; empty if starts were not measured. */
  starts: ReadonlyMap<string, Starts>;
  measurements: readonly Measurement[];
  /** Memory after all requests, by the name of the server, in bytes. */
  memory: ReadonlyMap<string, number>;
  stores: { measurements: readonly Measurement[]; stores: readonly StoreMeasurement[] } | undefined;
  seedings: readonly Seeding[];
}
