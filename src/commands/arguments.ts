import { Failure } from '../failure.js';

/** Throws a Failure with exit code 2 when a command that takes no arguments is given one. */
export function requireNoArguments(command: string, args: readonly string[]): void {
  if (args.length > 0) throw new Failure(`${command}: unexpected argument "${args[0]}"; it takes none`, 2);
}
