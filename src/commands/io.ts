import { existsSync } from 'node:fs';
import type { Environment } from '../config/load.js';
import type { Output } from '../journal/log.js';
import { UserError } from '../util/errors.js';
import { suggest } from '../util/text.js';
import { COMMAND_NAMES } from './help.js';

/** The parts of the process that a command uses. */
export interface Io {
  environment: Environment;
  /** Opened when it is first read: a command that `exec` starts may need it. */
  readonly stdin: AsyncIterable<Uint8Array | string> & { isTTY?: boolean };
  stdout: Output;
  stderr: Output;
  /** Registers a handler for SIGINT, SIGTERM and SIGHUP, which then no longer end the process by themselves. */
  onSignal(handle: (signal: NodeJS.Signals) => void): void;
  /** Ends the process at once. */
  exit(code: number): void;
}

/** A command: resolves with the exit code. Throws a UserError for a user's mistake. */
export type Command = (args: readonly string[], io: Io) => Promise<number>;

/** The path of stdin among fixtures. */
export const STDIN = '-';

/** Throws a UserError with exit code 2 for a word that is neither a command nor the path of a fixture. */
export function requirePath(word: string): void {
  if (word === STDIN || existsSync(word)) return;
  const hint = suggest(word, COMMAND_NAMES) || `; expected a fixture, a folder, or one of ${COMMAND_NAMES.join(', ')}`;
  throw new UserError(`unknown command or file "${word}"${hint}`, 2);
}

/** Throws a UserError with exit code 2 if a command without arguments got one. */
export function requireNoArguments(command: string, [argument]: readonly string[]): void {
  if (argument !== undefined) throw new UserError(`unexpected argument "${argument}"; ${command} takes none`, 2);
}
