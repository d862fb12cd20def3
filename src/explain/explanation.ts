import type { Reason } from '../reason.js';

/** The decisions about a request, in the order in which the server takes them. */
export const STEPS = [
  'target',
  'route',
  'method',
  'key',
  'syntax',
  'grant',
  'registry',
  'artifactType',
  'artifact',
  'version',
  'child',
  'fault',
] as const;

/** The name of a decision. */
export type StepName = (typeof STEPS)[number];

/** One decision: whether the request passed, and what was found, in words. */
export interface Step {
  step: StepName;
  passed: boolean;
  found: string;
}

/** What would be answered; no status where nothing is, or where another part of the server decides. */
export interface Outcome {
  status?: number | undefined;
  message: string;
  reason?: Reason | undefined;
}

/** What the server would decide about a request: the steps up to the first that fails, the answer, what to change. */
export interface Explanation extends Outcome {
  target: string;
  steps: Step[];
  advice?: string | undefined;
}

/** Notes a decision that a request has passed. */
export type Pass = (step: StepName, found: string) => void;

/** Thrown by the step at which a request fails, with what it found. */
export class Refused extends Error {
  /** What is answered; every refusal has its reason. */
  readonly outcome: Outcome & { reason: Reason };

  constructor(
    readonly step: StepName,
    readonly found: string,
    outcome: Outcome,
  ) {
    super(found);
    this.outcome = outcome as Outcome & { reason: Reason };
  }
}
