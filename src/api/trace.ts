import type { ChosenFault } from '../faults/fault.js';
import type { FoundDetails } from '../store/store.js';
import type { ApiKey } from '../store/types.js';
import type { LookupError, Reason } from './errors.js';

/** What the pipeline has decided about a request, for journal, log and explain. */
export interface Decisions {
  /** The key that was found by name, accepted or not. */
  apiKey?: ApiKey | undefined;
  found?: FoundDetails | LookupError | undefined;
  fault?: ChosenFault | undefined;
  /** Why the request got no 200. */
  reason?: Reason | undefined;
  /** The name of the hosted front's answer, if it replaces the error. */
  hosted?: string | undefined;
  /** The details of the error. */
  details?: Record<string, unknown> | undefined;
}

/** The decisions about the traced request of a connection: it is not recorded, waits for nothing and changes nothing. */
export const traces = new WeakMap<object, Decisions>();
