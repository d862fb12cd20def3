import type { Option } from '../config/option.js';
import { flagOf, OPTION_NAMES, OPTIONS, variableOf } from '../config/options.js';
import { NAME } from '../package.js';

const COMMANDS = [
  ['serve', 'start the server (the default)'],
  ['exec -- COMMAND…', 'serve on a free port while a command runs, such as npm test'],
  ['explain URL', 'say what a request would get and why; --key KEY, --method METHOD'],
  ['validate PATH…', 'check fixture files and folders without serving them'],
  ['generate --versions N', 'print N versions that a company may have, as an NDJSON fixture; --seed NUMBER'],
  ['openapi', 'print the OpenAPI document of the contract'],
  ['schema', 'print the JSON Schema of fixture files'],
  ['healthcheck', 'ask the server of this configuration whether it is ready'],
] as const;

/** Writes the help: commands, and every flag with its variable and default. */
export function formatHelp(): string {
  const flags = OPTION_NAMES.map((name) => {
    const { argument, description, fallback, choices }: Option = OPTIONS[name];
    const values = choices ? `: ${choices.join(', ')}` : '';
    const byDefault = typeof fallback === 'string' || typeof fallback === 'number' ? ` (${fallback})` : '';
    return [`${flagOf(name)}${argument ? ` ${argument}` : ''}`, `${description}${values}${byDefault}`] as const;
  });
  const config = ['--config FILE', 'file of options, YAML or JSON, keyed by their names such as logLevel'] as const;
  const others = [
    ['-h, --help', 'print this help'],
    ['-v, --version', 'print the version'],
  ] as const;
  return [
    `Usage: ${NAME} [command] [flags]`,
    '',
    'Commands:',
    ...table(COMMANDS),
    '',
    'Flags of serve, exec, explain and healthcheck (defaults in parentheses):',
    ...table([...flags, config]),
    '',
    'Other flags:',
    ...table(others),
    '',
    `Every flag has a variable: --log-level is ${variableOf('logLevel')}. A flag wins over its variable,`,
    'a variable over the config file; exec takes its port from the flag only, or a free one, and logs only when told to.',
    'Exit codes: 1 for data that cannot be served, 2 for a mistake in the usage; exec exits as its command does, with 127',
    'where it cannot be started; explain with 0 where the answer would be 200. It takes the key of HARNESS_API_KEY, too.',
    'What generate prints depends on N and the seed alone, and has no keys: serve it with --auth any, or with a fixture of',
    'keys beside it.',
    '',
  ].join('\n');
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
