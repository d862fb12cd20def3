import type { Writable } from 'node:stream';
import type { Environment } from '../config/load.js';

/** What a command may read and write; a test hands in its own. */
export interface Io {
  environment: Environment;
  stdout: Writable & { isTTY?: boolean };
  stderr: Writable & { isTTY?: boolean };
  /** Calls back whenever SIGINT, SIGTERM or SIGHUP tell the process to end, which then no longer end it by themselves. */
  onSignal(handle: (signal: NodeJS.Signals) => void): void;
}

/** A command: takes its arguments, returns the exit code. Throws a Failure for a mistake of the person. */
export type Command = (args: readonly string[], io: Io) => Promise<number>;
