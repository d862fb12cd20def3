import type { Writable } from 'node:stream';
import type { Environment } from '../config/load.js';
import { UserError } from '../util/errors.js';

/** The parts of the process that a command uses. */
export interface Io {
  environment: Environment;
  stdout: Writable & { isTTY?: boolean };
  stderr: Writable & { isTTY?: boolean };
  /** Registers a handler for SIGINT, SIGTERM and SIGHUP, which then no longer end the process by themselves. */
  onSignal(handle: (signal: NodeJS.Signals) => void): void;
  /** Ends the process at once. */
  exit(code: number): void;
}

/** A command: resolves with the exit code. Throws a UserError for a user's mistake. */
export type Command = (args: readonly string[], io: Io) => Promise<number>;

/** Throws a UserError with exit code 2 if a command without arguments got one. */
export function requireNoArguments(command: string, [argument]: readonly string[]): void {
  if (argument !== undefined) throw new UserError(`unexpected argument "${argument}"; ${command} takes none`, 2);
}
