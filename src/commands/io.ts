import { type Environment, type Given, loadConfig } from '../config/load.js';
import type { Output } from '../journal/log.js';
import type { FixtureText } from '../seed/document.js';
import { requireSize, toFixtureText } from '../seed/sources.js';
import type { ServerConfig } from '../server.js';
import { UserError } from '../util/errors.js';
import { requirePath } from './help.js';

/** The parts of the process that a command uses. Stdin is opened when it is first read: a command of `exec` may need it. */
export interface Io {
  env: Environment;
  readonly stdin: AsyncIterable<Uint8Array | string> & { isTTY?: boolean };
  stdout: Output;
  stderr: Output;
  on(signal: NodeJS.Signals, handle: () => void): unknown;
  exit(code: number): void;
}

/** The arguments of a command: its flags, its words, and the command of `exec`. */
export interface Arguments {
  flags: Given;
  words: readonly string[];
  rest: readonly string[];
}

/** A command: resolves with the exit code. Throws a UserError for a user's mistake. */
export type Command = (args: Arguments, io: Io) => Promise<number>;

/** The path of stdin among fixtures. */
export const STDIN = '-';

/** Loads the configuration of a command that serves; its words are paths of fixtures. Stdin is read for `-` among them. */
export async function loadServing(
  { flags, words }: Omit<Arguments, 'rest'>,
  io: Io,
  environment = io.env,
): Promise<ServerConfig> {
  for (const word of words) if (word !== STDIN) requirePath(word);
  const config = loadConfig(flags, environment, words);
  if (config.watch && config.fixtures.includes(STDIN)) {
    throw new UserError('--watch: cannot be combined with the fixture -, because stdin cannot be read again', 2);
  }
  return { ...config, fixtures: await readStdin(config.fixtures, io) };
}

/**
 * Replaces `-` among paths by the text of stdin. Throws a UserError for a stdin that cannot be read, is empty or needs
 * more memory than there is.
 */
export async function readStdin(paths: readonly string[], io: Io): Promise<readonly (string | FixtureText)[]> {
  if (!paths.includes(STDIN)) return paths;
  const { stdin } = io;
  if (stdin.isTTY) throw new UserError('stdin: is a terminal; pipe a fixture into it, or name a file');
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stdin) {
      chunks.push(Buffer.from(chunk as Uint8Array));
      size += chunk.length;
      requireSize('stdin', size);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UserError(`stdin: cannot be read (${code ?? message})`);
  }
  return [...paths.filter((path) => path !== STDIN), toFixtureText('stdin', Buffer.concat(chunks))];
}
