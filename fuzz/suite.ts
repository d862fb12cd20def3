/** What a suite is run with. */
export interface Context {
  /** What all that is random starts from. */
  seed: number;
  /** How long a suite without an end of its own goes on, in milliseconds. */
  duration: number;
  /** Tells a person what the suite is at. */
  say(text: string): void;
}

/** One way of trying to make the server fail. */
export interface Suite {
  /** What it does, for the help. */
  summary: string;
  /** Whether it goes on for as long as it is given; another ends when it is done. */
  isEndless: boolean;
  /** Tries. Resolves with what it did, in a sentence; throws a Failure for what it finds, and any other Error for what it lacks. */
  run(context: Context): Promise<string>;
}
