import { exec } from './commands/exec.js';
import { explain } from './commands/explain.js';
import { generate } from './commands/generate.js';
import { healthcheck } from './commands/healthcheck.js';
import { formatHelp } from './commands/help.js';
import type { Command, Io } from './commands/io.js';
import { openapi } from './commands/openapi.js';
import { schema } from './commands/schema.js';
import { serve } from './commands/serve.js';
import { validate } from './commands/validate.js';
import { Failure } from './failure.js';
import { NAME, VERSION } from './package.js';
import { suggest } from './suggest.js';

const commands: Record<string, Command> = { serve, exec, explain, validate, generate, openapi, schema, healthcheck };

/**
 * Runs the command line. Takes the arguments behind the program's name and what it may read and write; returns the
 * exit code. A Failure becomes one message on stderr; anything else is thrown on.
 */
export async function main(args: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(args, io);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const hint = error.exitCode === 2 ? `Try ${NAME} --help\n` : '';
    io.stderr.write(`${error.message}\n${hint}`);
    return error.exitCode;
  }
}

async function dispatch(args: readonly string[], io: Io): Promise<number> {
  const [first = 'serve'] = args;
  const end = args.indexOf('--');
  const asks = (...flags: string[]) => flags.some((flag) => args.slice(0, end === -1 ? undefined : end).includes(flag));
  if (asks('--help', '-h') || first === 'help') return print(io, formatHelp());
  if (asks('--version', '-v')) return print(io, `${VERSION}\n`);
  const command = Object.hasOwn(commands, first) ? commands[first] : undefined;
  if (command !== undefined) return command(args.slice(1), io);
  if (first.startsWith('-')) return serve(args, io);
  const names = Object.keys(commands);
  throw new Failure(`unknown command "${first}"${suggest(first, names) || `; expected one of ${names.join(', ')}`}`, 2);
}

function print(io: Io, text: string): number {
  io.stdout.write(text);
  return 0;
}
