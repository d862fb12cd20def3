import type { ChosenFault } from '../faults/choose.js';
import type { FoundDetails } from '../store/store.js';
import type { ApiKey } from '../store/types.js';
import type { LookupError, Reason } from './errors.js';
import type { PackageType } from './schema.js';

/**
 * What the pipeline decided about one request, noted where it was decided; explain reads it. A traced request is not
 * recorded, waits for nothing and changes nothing.
 */
export interface Trace {
  /** The key that was found, accepted or not. */
  apiKey?: ApiKey;
  packageType?: PackageType | undefined;
  found?: FoundDetails | LookupError;
  fault?: ChosenFault;
  /** Why the request got no 200. */
  reason?: Reason;
  /** The details of the error. */
  details?: Record<string, unknown> | undefined;
}

const traces = new WeakMap<object, Trace>();

/** Traces every request of a connection. */
export function startTrace(socket: object): Trace {
  const trace: Trace = {};
  traces.set(socket, trace);
  return trace;
}

/** Returns the trace of a connection, or undefined for an ordinary one. */
export function traceOf(socket: object): Trace | undefined {
  return traces.get(socket);
}
