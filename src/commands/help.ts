import { flagOf, OPTION_NAMES, OPTIONS, type Option, type OptionName, variableOf } from '../config/options.js';
import { NAME } from '../util/package.js';
import type { Help } from './io.js';

type Row = readonly [left: string, right: string];

const HELP_FLAG: Row = ['-h, --help', 'print this help, or that of a command'];

/** Formats the help of the program: all commands, and every option with its default. */
export function formatHelp(commands: readonly Help[]): string {
  return `Usage: ${NAME} [command] [flags] [PATH…]

Commands:
${table(commands.map(({ usage, description }) => [usage, description]))}

Flags of serve, exec, explain and healthcheck (defaults in parentheses):
${table(OPTION_NAMES.map(describeOption))}

Other flags:
${table([HELP_FLAG, ['-v, --version', 'print the version']])}

Every flag of serve has a variable: --log-level is ${variableOf('logLevel')}. A flag wins over its variable.
A PATH is a fixture, as with --fixtures; - is stdin. ${NAME} COMMAND --help shows examples.

Exit codes: 1 for data that cannot be served or an address that cannot be used, 2 for a usage error.
`;
}

/** Formats the help of one command. */
export function formatCommandHelp({ usage, description, examples, flags = [], options = [], notes }: Help): string {
  const rows = [...flags, ...options.map(describeOption), ['-h, --help', 'print this help'] as const];
  const sections = [
    `Usage: ${NAME} ${usage}${rows.length > 1 ? ' [flags]' : ''}`,
    `${description.charAt(0).toUpperCase()}${description.slice(1)}.`,
    `Examples:\n${examples.map((example) => `  ${example}`).join('\n')}`,
    `Flags${options.length > 0 ? ' (defaults in parentheses)' : ''}:\n${table(rows)}`,
  ];
  return `${[...sections, ...(notes === undefined ? [] : [notes])].join('\n\n')}\n`;
}

function describeOption(name: OptionName): Row {
  const { argument, description, fallback, choices }: Option = OPTIONS[name];
  const values = choices ? `: ${choices.join(', ')}` : '';
  const byDefault = typeof fallback === 'string' || typeof fallback === 'number' ? ` (${fallback})` : '';
  return [`${flagOf(name)}${argument ? ` ${argument}` : ''}`, `${description}${values}${byDefault}`];
}

function table(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}
