import { parseFlags } from '../config/load.js';
import { UserError } from '../util/errors.js';
import { NAME, VERSION } from '../util/package.js';
import { COMMAND_NAMES, COMMANDS, type CommandName, formatHelp, requirePath } from './help.js';
import type { Command, Io } from './io.js';

/** Each module is loaded only when its command runs. */
const LOADERS: Record<CommandName, () => Promise<Command>> = {
  serve: async () => (await import('./serve.js')).run,
  exec: async () => (await import('./exec.js')).run,
  explain: async () => (await import('./explain.js')).run,
  init: async () => (await import('./print.js')).init,
  validate: async () => (await import('./validate.js')).run,
  generate: async () => (await import('./generate.js')).run,
  openapi: async () => (await import('./print.js')).openapi,
  schema: async () => (await import('./print.js')).schema,
  healthcheck: async () => (await import('./healthcheck.js')).run,
};

/** The commands that accept arguments other than flags. */
const WITH_WORDS: readonly CommandName[] = ['serve', 'exec', 'explain', 'validate'];

/** Runs the arguments after the program's name; resolves with the exit code. A UserError becomes a message on stderr. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(args, io);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const hint = error.exitCode === 2 ? `Try ${NAME} --help\n` : '';
    io.stderr.write(`${error.message}\n${hint}`);
    return error.exitCode;
  }
}

async function dispatch(all: readonly string[], io: Io): Promise<number> {
  const end = all.indexOf('--');
  const [args, rest] = end === -1 ? [all, []] : [all.slice(0, end), all.slice(end + 1)];
  const [first = 'serve', second] = args;
  const find = (word?: string) => COMMAND_NAMES.find((name) => name === word);
  if (args.includes('--help') || args.includes('-h') || first === 'help') {
    io.stdout.write(formatHelp(find(first === 'help' ? second : first)));
    return 0;
  }
  if (args.includes('--version') || args.includes('-v')) {
    io.stdout.write(`${VERSION}\n`);
    return 0;
  }
  const command = find(first);
  if (command === undefined && !first.startsWith('-')) requirePath(first);
  const name = command ?? 'serve';
  const { flags, words } = parseFlags(command === undefined ? args : args.slice(1), COMMANDS[name].flags ?? {});
  if (words[0] !== undefined && !WITH_WORDS.includes(name)) {
    throw new UserError(`unexpected argument "${words[0]}"; ${name} accepts flags only`, 2);
  }
  const run = await LOADERS[name]();
  return run({ flags, words: name === 'exec' ? words : [...words, ...rest], rest }, io);
}
