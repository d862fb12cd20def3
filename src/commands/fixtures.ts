import { constants } from 'node:buffer';
import { type Environment, loadConfig, parseFlags } from '../config/load.js';
import { type Config, OPTION_NAMES } from '../config/options.js';
import { FixtureText } from '../seed/document.js';
import { isNdjsonText } from '../seed/ndjson.js';
import { decodeText } from '../seed/sources.js';
import { UserError } from '../util/errors.js';
import { type Io, requirePath, STDIN } from './io.js';

/** A configuration, and its fixtures with the text of stdin in place of `-`. */
export interface Serving {
  config: Config;
  fixtures: readonly (string | FixtureText)[];
}

/** Loads the configuration of a command that serves; its arguments are paths of fixtures. */
export async function loadServing(
  args: readonly string[],
  io: Io,
  environment: Environment = io.environment,
): Promise<Serving> {
  const { positionals } = parseFlags(args, OPTION_NAMES);
  for (const word of positionals) requirePath(word);
  const config = loadConfig(args, environment);
  if (config.watch && config.fixtures.includes(STDIN)) {
    throw new UserError('--watch: cannot be combined with the fixture -, because stdin cannot be read again', 2);
  }
  return { config, fixtures: await readStdin(config.fixtures, io) };
}

/** Replaces `-` among paths by the text of stdin. Throws a UserError for a stdin that cannot be read or is empty. */
export async function readStdin(paths: readonly string[], io: Io): Promise<readonly (string | FixtureText)[]> {
  if (!paths.includes(STDIN)) return paths;
  const { stdin } = io;
  if (stdin.isTTY) throw new UserError('stdin: is a terminal; pipe a fixture into it, or name a file');
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stdin) {
      chunks.push(Buffer.from(chunk as Uint8Array));
      bytes += chunk.length;
      if (bytes > constants.MAX_STRING_LENGTH) break;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UserError(`stdin: cannot be read (${code ?? message})`);
  }
  if (bytes > constants.MAX_STRING_LENGTH) throw new UserError('stdin: is too large; save it as a file');
  const text = decodeText('stdin', Buffer.concat(chunks));
  if (text.trim() === '') throw new UserError('stdin: is empty; expected a fixture in YAML, JSON or NDJSON');
  return [...paths.filter((path) => path !== STDIN), new FixtureText('stdin', text, { isNdjson: isNdjsonText(text) })];
}
