import { UserError } from '../util/errors.js';
import { NAME, VERSION } from '../util/package.js';
import { COMMAND_NAMES, type CommandName, formatCommandHelp, formatHelp } from './help.js';
import { type Command, type Io, requirePath } from './io.js';

/** Each module is loaded only when its command runs. */
const COMMANDS: Record<CommandName, () => Promise<Command>> = {
  serve: async () => (await import('./serve.js')).run,
  exec: async () => (await import('./exec.js')).run,
  explain: async () => (await import('./explain.js')).run,
  init: async () => (await import('./init.js')).run,
  validate: async () => (await import('./validate.js')).run,
  generate: async () => (await import('./generate.js')).run,
  openapi: async () => (await import('./documents.js')).printOpenapi,
  schema: async () => (await import('./documents.js')).printSchema,
  healthcheck: async () => (await import('./healthcheck.js')).run,
};

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

async function dispatch(args: readonly string[], io: Io): Promise<number> {
  const [first = 'serve', second] = args;
  const end = args.indexOf('--');
  const flags = end === -1 ? args : args.slice(0, end);
  const find = (word?: string) => COMMAND_NAMES.find((name) => name === word);
  if (flags.includes('--help') || flags.includes('-h') || first === 'help') {
    const command = find(first === 'help' ? second : first);
    io.stdout.write(command === undefined ? formatHelp() : formatCommandHelp(command));
    return 0;
  }
  if (flags.includes('--version') || flags.includes('-v')) {
    io.stdout.write(`${VERSION}\n`);
    return 0;
  }
  const command = find(first);
  if (command === undefined && !first.startsWith('-')) requirePath(first);
  const run = await COMMANDS[command ?? 'serve']();
  return run(command === undefined ? args : args.slice(1), io);
}
