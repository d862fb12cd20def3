import { between, flagOf, OPTION_NAMES, OPTIONS, type Option, type OptionName, variableOf } from '../config/options.js';
import { NAME } from '../util/package.js';

/** What `--help` shows about a command. */
interface Help {
  /** The command and its arguments, such as `explain URL`. */
  usage: string;
  description: string;
  examples: readonly [string, string];
  /** Flags that only this command has, with their arguments. */
  flags?: readonly Row[];
  /** The options that it has as flags. */
  options?: readonly OptionName[];
  notes?: string;
}

type Row = readonly [left: string, right: string];

/** The number of versions to generate. */
export const VERSIONS: Option<number> = { description: '', fallback: 0, ...between(1, 1_000_000_000) };

/** A short target of the bundled fixtures; its version is unknown. */
const TARGET = '/har/api/v1/registry/acme/pypi/+/artifact/acme-metrics/version/0.9/details';

/** All commands, in the order of the help. */
const COMMANDS = {
  serve: {
    usage: 'serve',
    description: 'start the server (the default)',
    examples: ['shop.yaml more-fixtures/ --watch', '--auth any --port 0'],
    options: OPTION_NAMES,
    notes: 'Arguments other than flags are fixtures, as with --fixtures; - is stdin.',
  },
  exec: {
    usage: 'exec -- COMMAND…',
    description: 'serve on a free port while a command runs, such as npm test',
    examples: ['exec -- npm test', 'exec shop.yaml --auth any -- go test ./...'],
    options: OPTION_NAMES,
    notes: `The command gets the URL in HARNESS_BASE_URL and a key in HARNESS_API_KEY. The port variable is ignored, and
nothing is logged unless a log level or --log-requests on is set. It exits with the code of its command, or 127 if
that cannot be started.`,
  },
  explain: {
    usage: 'explain URL',
    description: 'show what a request would get and why; --key KEY, --method METHOD',
    examples: [`explain --key pat.acme.dev.local ${TARGET}`, `explain --spellings portable --auth off ${TARGET}`],
    flags: [
      ['--key KEY', 'the API key of the request; HARNESS_API_KEY if it is not given'],
      ['--method METHOD', 'the method of the request (GET)'],
    ],
    options: OPTION_NAMES,
    notes: 'It exits with 0 if the answer would be 200, otherwise 1.',
  },
  init: {
    usage: 'init',
    description: 'write a small fixture with a key, fixtures.yaml, into the current folder',
    examples: ['init', `init && ${NAME} fixtures.yaml --watch`],
    notes: 'It never overwrites a file.',
  },
  validate: {
    usage: 'validate PATH…',
    description: 'check fixture files and folders without serving them',
    examples: ['validate shop.yaml more-fixtures/', `generate --versions 3 | ${NAME} validate -`],
    notes: 'The path - is stdin. It exits with 1 if a fixture is invalid, and lists every mistake with its place.',
  },
  generate: {
    usage: 'generate --versions N',
    description: 'print N versions of a made-up company as an NDJSON fixture; --seed NUMBER',
    examples: ['generate --versions 1000 > bulk.ndjson', `generate --versions 3 | ${NAME} --auth any -`],
    flags: [
      ['--versions N', `the number of versions, ${VERSIONS.expected}`],
      ['--seed NUMBER', `seed of the random generator, ${OPTIONS.seed.expected} (${OPTIONS.seed.fallback})`],
    ],
    notes: `It prints the same for the same N and seed. The data has no keys: serve it with --auth any, or with a fixture of
keys.`,
  },
  openapi: {
    usage: 'openapi',
    description: 'print the OpenAPI document of the contract',
    examples: ['openapi > openapi.yaml', 'openapi | grep operationId'],
  },
  schema: {
    usage: 'schema',
    description: 'print the JSON Schema of fixture files',
    examples: ['schema > fixture.schema.json', 'schema | grep description'],
  },
  healthcheck: {
    usage: 'healthcheck',
    description: 'check whether the server with this configuration is ready',
    examples: ['healthcheck', 'healthcheck --host 0.0.0.0 --port 8080'],
    options: ['host', 'port'],
    notes: 'It accepts the other flags of serve too. It exits with 0 if the server is ready, otherwise 1.',
  },
} satisfies Record<string, Help>;

export type CommandName = keyof typeof COMMANDS;

export const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[];

const HELP_FLAG = '-h, --help';

/** Formats the help of the program: all commands, and every option with its default. */
export function formatHelp(): string {
  return `Usage: ${NAME} [command] [flags] [PATH…]

Commands:
${table(Object.values(COMMANDS).map(({ usage, description }) => [usage, description]))}

Flags of serve, exec, explain and healthcheck (defaults in parentheses):
${table(OPTION_NAMES.map(describeOption))}

Other flags:
${table([
  [HELP_FLAG, 'print this help, or that of a command'],
  ['-v, --version', 'print the version'],
])}

Every flag of serve has a variable: --log-level is ${variableOf('logLevel')}. A flag wins over its variable.
A PATH is a fixture, as with --fixtures; - is stdin. ${NAME} COMMAND --help shows examples.

Exit codes: 1 for data that cannot be served or an address that cannot be used, 2 for a usage error.
`;
}

/** Formats the help of one command. */
export function formatCommandHelp(name: CommandName): string {
  const { usage, description, examples, flags = [], options = [], notes }: Help = COMMANDS[name];
  const rows: Row[] = [...flags, ...options.map(describeOption), [HELP_FLAG, 'print this help']];
  const sections = [
    `Usage: ${NAME} ${usage}${rows.length > 1 ? ' [flags]' : ''}`,
    `${description.charAt(0).toUpperCase()}${description.slice(1)}.`,
    `Examples:\n${examples.map((example) => `  ${NAME} ${example}`).join('\n')}`,
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
