import { type Environment, parseFlags, toConfig } from '../config/load.js';
import { type Config, OPTION_NAMES } from '../config/options.js';
import { FixtureText } from '../seed/document.js';
import { estimateHeap, requireHeap, requireSize } from '../seed/memory.js';
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
  const { flags, positionals } = parseFlags(args, OPTION_NAMES);
  for (const word of positionals) requirePath(word);
  const config = toConfig(flags, environment, positionals);
  if (config.watch && config.fixtures.includes(STDIN)) {
    throw new UserError('--watch: cannot be combined with the fixture -, because stdin cannot be read again', 2);
  }
  return { config, fixtures: await readStdin(config.fixtures, io) };
}

/**
 * Replaces `-` among paths by the text of stdin. Throws a UserError for a stdin that cannot be read, is empty or needs
 * more memory than there is.
 */
export async function readStdin(paths: readonly string[], { stdin }: Io): Promise<readonly (string | FixtureText)[]> {
  if (!paths.includes(STDIN)) return paths;
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
  const bytes = Buffer.concat(chunks);
  const text = decodeText('stdin', bytes);
  if (text.trim() === '') throw new UserError('stdin: is empty; expected a fixture in YAML, JSON or NDJSON');
  const isNdjson = isNdjsonText(text);
  if (!isNdjson) requireHeap('stdin:', estimateHeap('YAML', bytes));
  return [...paths.filter((path) => path !== STDIN), new FixtureText('stdin', text, { isNdjson })];
}
