import { parseArgs } from 'node:util';
import { Failure } from '../failure.js';
import { flagOf, OPTION_NAMES, OPTIONS } from './options.js';

/** The arguments of a command that has some of its own beside the flags of serve. */
export interface SeparateArguments<Name extends string> {
  positionals: string[];
  /** The values of its own flags, without their dashes. */
  own: Partial<Record<Name, string>>;
  /** What is left for `loadConfig`. */
  flags: string[];
}

/**
 * Separates the arguments of a command from the flags of serve. Takes the names of its own flags, each of which has a
 * value. Throws a Failure with exit code 2 for one without; no value is ever shown, since one may be a secret.
 */
export function separateArguments<Name extends string>(
  args: readonly string[],
  names: readonly Name[],
): SeparateArguments<Name> {
  const switches = OPTION_NAMES.filter((name) => OPTIONS[name].argument === undefined);
  const withValue = [...OPTION_NAMES.filter((name) => !switches.includes(name)).map(flagOf), '--config'];
  const ownFlags = names.map(flagOf);
  const options = Object.fromEntries(
    [...withValue, ...ownFlags].map((flag) => [flag.slice(2), { type: 'string' as const }]),
  );
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });

  const separate: SeparateArguments<Name> = { positionals: [], own: {}, flags: [] };
  const taken = new Set<number>();
  for (const token of tokens) {
    if (token.kind === 'positional') separate.positionals.push(token.value);
    const name = token.kind === 'option' ? names[ownFlags.indexOf(token.rawName)] : undefined;
    if (token.kind === 'option' && name !== undefined) {
      const isNextFlag = token.inlineValue === false && token.value.startsWith('--');
      if (token.value === undefined || isNextFlag) throw new Failure(`${token.rawName}: expected a value behind it`, 2);
      separate.own[name] = token.value;
      if (token.inlineValue === false) taken.add(token.index + 1);
    }
    if (token.kind !== 'option' || name !== undefined) taken.add(token.index);
  }
  separate.flags = args.filter((_, index) => !taken.has(index));
  return separate;
}
