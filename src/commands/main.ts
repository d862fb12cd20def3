import { UserError } from '../util/errors.js';
import { NAME, VERSION } from '../util/package.js';
import { suggest } from '../util/text.js';
import type { Command, Io } from './io.js';

/** Each module is loaded only when its command runs. */
const COMMANDS = new Map<string, () => Promise<{ run: Command }>>([
  ['serve', () => import('./serve.js')],
  ['exec', () => import('./exec.js')],
  ['explain', () => import('./explain.js')],
  ['validate', () => import('./validate.js')],
  ['generate', () => import('./generate.js')],
  ['openapi', () => import('./openapi.js')],
  ['schema', () => import('./schema.js')],
  ['healthcheck', () => import('./healthcheck.js')],
]);

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
  const [first = 'serve'] = args;
  const end = args.indexOf('--');
  const flags = end === -1 ? args : args.slice(0, end);
  if (flags.includes('--help') || flags.includes('-h') || first === 'help') {
    const { formatHelp } = await import('./help.js');
    io.stdout.write(formatHelp());
    return 0;
  }
  if (flags.includes('--version') || flags.includes('-v')) {
    io.stdout.write(`${VERSION}\n`);
    return 0;
  }
  const isFlag = first.startsWith('-');
  const load = COMMANDS.get(isFlag ? 'serve' : first);
  if (load === undefined) {
    const names = [...COMMANDS.keys()];
    const hint = suggest(first, names) || `; expected one of ${names.join(', ')}`;
    throw new UserError(`unknown command "${first}"${hint}`, 2);
  }
  const { run } = await load();
  return run(isFlag ? args : args.slice(1), io);
}
