/** The parameters of a run. */
export interface Context {
  /** The seed of everything random. */
  seed: number;
  /** How long a timed suite runs, in milliseconds. */
  duration: number;
  /** Prints progress. */
  log(text: string): void;
}

/** One way to look for bugs in the server. */
export interface Suite {
  /** What it does, for the help. */
  summary: string;
  /** Whether it runs for a given time; another suite ends by itself. */
  isTimed: boolean;
  /** Resolves with a summary of the run. Throws a Failure for a bug, and another Error if it cannot run. */
  run(context: Context): Promise<string>;
}
