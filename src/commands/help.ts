import type { Option } from '../config/options.js';
import { flagOf, OPTION_NAMES, OPTIONS, variableOf } from '../config/options.js';
import { NAME } from '../util/package.js';

const COMMANDS: [command: string, description: string][] = [
  ['serve', 'start the server (the default)'],
  ['exec -- COMMAND…', 'serve on a free port while a command runs, such as npm test'],
  ['explain URL', 'show what a request would get and why; --key KEY, --method METHOD'],
  ['validate PATH…', 'check fixture files and folders without serving them'],
  ['generate --versions N', 'print N versions of a made-up company as an NDJSON fixture; --seed NUMBER'],
  ['openapi', 'print the OpenAPI document of the contract'],
  ['schema', 'print the JSON Schema of fixture files'],
  ['healthcheck', 'check whether the server with this configuration is ready'],
];

/** Formats the help: the commands, and every flag with its default. */
export function formatHelp(): string {
  const flags = OPTION_NAMES.map((name): [string, string] => {
    const { argument, description, fallback, choices }: Option = OPTIONS[name];
    const values = choices ? `: ${choices.join(', ')}` : '';
    const byDefault = typeof fallback === 'string' || typeof fallback === 'number' ? ` (${fallback})` : '';
    return [`${flagOf(name)}${argument ? ` ${argument}` : ''}`, `${description}${values}${byDefault}`];
  });
  return `Usage: ${NAME} [command] [flags]

Commands:
${table(COMMANDS)}

Flags of serve, exec, explain and healthcheck (defaults in parentheses):
${table(flags)}

Other flags:
${table([
  ['-h, --help', 'print this help'],
  ['-v, --version', 'print the version'],
])}

Every flag of serve has a variable: --log-level is ${variableOf('logLevel')}. A flag wins over its variable.
exec ignores the port variable and logs nothing unless a log level is set. explain reads its key from
HARNESS_API_KEY if --key is not given. generate prints the same for the same N and seed; its data has no
keys, so serve it with --auth any or with a fixture of keys.

Exit codes: 1 for data that cannot be served or an address that cannot be used, 2 for a usage error. exec exits with
the code of its command, or 127 if it cannot be started. explain exits with 0 if the answer would be 200, otherwise 1.
`;
}

function table(rows: [string, string][]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}
