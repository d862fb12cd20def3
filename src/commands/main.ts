import { UserError } from '../util/errors.js';
import { NAME, VERSION } from '../util/package.js';
import { COMMAND_NAMES, type Command, type CommandName, type Help, type Io, requirePath } from './io.js';

/** Each module is loaded only when its command runs. */
const COMMANDS: Record<CommandName, () => Promise<{ run: Command; help: Help }>> = {
  serve: () => import('./serve.js'),
  exec: () => import('./exec.js'),
  explain: () => import('./explain.js'),
  init: () => import('./init.js'),
  validate: () => import('./validate.js'),
  generate: () => import('./generate.js'),
  openapi: () => import('./openapi.js'),
  schema: () => import('./schema.js'),
  healthcheck: () => import('./healthcheck.js'),
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
  if (flags.includes('--help') || flags.includes('-h') || first === 'help') {
    io.stdout.write(await showHelp(first === 'help' ? second : first));
    return 0;
  }
  if (flags.includes('--version') || flags.includes('-v')) {
    io.stdout.write(`${VERSION}\n`);
    return 0;
  }
  const command = findCommand(first);
  if (command === undefined && !first.startsWith('-')) requirePath(first);
  const { run } = await COMMANDS[command ?? 'serve']();
  return run(command === undefined ? args : args.slice(1), io);
}

const findCommand = (word?: string) => COMMAND_NAMES.find((name) => name === word);

async function showHelp(word?: string): Promise<string> {
  const { formatCommandHelp, formatHelp } = await import('./help.js');
  const command = findCommand(word);
  if (command !== undefined) return formatCommandHelp((await COMMANDS[command]()).help);
  const modules = await Promise.all(COMMAND_NAMES.map((name) => COMMANDS[name]()));
  return formatHelp(modules.map(({ help }) => help));
}
