import { existsSync } from 'node:fs';
import { variableOf } from '../config/load.js';
import { between, flagOf, OPTIONS, type Option, option } from '../config/options.js';
import { UserError } from '../util/errors.js';
import { NAME } from '../util/package.js';
import { suggest } from '../util/text.js';

interface CommandInfo {
  /** The command and its arguments, such as `explain URL`. */
  usage: string;
  description: string;
  examples: readonly [string, string];
  flags?: Record<string, Option>;
  notes?: string;
}

/** A short target of the bundled fixtures; its version is unknown. */
const TARGET = '/har/api/v1/registry/acme/pypi/+/artifact/acme-metrics/version/0.9/details';

const text = { expected: 'a text', read: (value: string) => value };

export const EXPLAIN_FLAGS = {
  key: option('KEY', undefined, 'the API key of the request; HARNESS_API_KEY if it is not given', text),
  method: option('METHOD', 'GET', 'the method of the request', text),
};

const versions = between(1, 1_000_000_000);

export const GENERATE_FLAGS = {
  versions: option('N', undefined, `the number of versions, ${versions.expected}`, versions),
  seed: { ...OPTIONS.seed, description: `seed of the random generator, ${OPTIONS.seed.expected}` },
};

const INFOS = {
  serve: {
    usage: 'serve',
    description: 'start the server (the default)',
    examples: ['shop.yaml more-fixtures/ --watch', '--auth any --port 0'],
    flags: OPTIONS,
    notes: 'Arguments other than flags are fixtures, as with --fixtures; - is stdin.',
  },
  exec: {
    usage: 'exec -- COMMAND…',
    description: 'serve on a free port while a command runs, such as npm test',
    examples: ['exec -- npm test', 'exec shop.yaml --auth any -- go test ./...'],
    flags: OPTIONS,
    notes: `The command gets the URL in HARNESS_BASE_URL and a key in HARNESS_API_KEY. The port variable is ignored, and
nothing is logged unless a log level or --log-requests on is set. It exits with the code of its command, or 127 if
that cannot be started.`,
  },
  explain: {
    usage: 'explain URL',
    description: 'show what a request would get and why; --key KEY, --method METHOD',
    examples: [`explain --key pat.acme.dev.local ${TARGET}`, `explain --spellings portable --auth off ${TARGET}`],
    flags: { ...EXPLAIN_FLAGS, ...OPTIONS },
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
    flags: GENERATE_FLAGS,
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
    flags: OPTIONS,
    notes: 'It exits with 0 if the server is ready, otherwise 1.',
  },
} satisfies Record<string, CommandInfo>;

export type CommandName = keyof typeof INFOS;

/** All commands, in the order of the help. */
export const COMMANDS: Record<CommandName, CommandInfo> = INFOS;

export const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[];

/** Throws a UserError with exit code 2 for a word that is neither a command nor a path. */
export function requirePath(word: string): void {
  if (existsSync(word)) return;
  const hint = suggest(word, COMMAND_NAMES) || `; expected a fixture, a folder, or one of ${COMMAND_NAMES.join(', ')}`;
  throw new UserError(`unknown command or file "${word}"${hint}`, 2);
}

/** Formats the help of a command, or of the program: all commands, and every option with its default. */
export function formatHelp(name?: CommandName): string {
  const sections = name === undefined ? describeProgram() : describeCommand(COMMANDS[name]);
  return `${sections.join('\n\n')}\n`;
}

const HELP_FLAG = '-h, --help';

const describeProgram = (): string[] => [
  `Usage: ${NAME} [command] [flags] [PATH…]`,
  table(
    'Commands',
    Object.values(COMMANDS).map(({ usage, description }) => [usage, description]),
  ),
  table('Flags of serve, exec, explain and healthcheck (defaults in parentheses)', describeOptions(OPTIONS)),
  table('Other flags', [
    [HELP_FLAG, 'print this help, or that of a command'],
    ['-v, --version', 'print the version'],
  ]),
  `Every flag of serve has a variable: --log-level is ${variableOf('logLevel')}. A flag wins over its variable.
A PATH is a fixture, as with --fixtures; - is stdin. ${NAME} COMMAND --help shows examples.`,
  'Exit codes: 1 for data that cannot be served or an address that cannot be used, 2 for a usage error.',
];

function describeCommand({ usage, description, examples, flags, notes }: CommandInfo): string[] {
  const sections = [
    `Usage: ${NAME} ${usage}${flags ? ' [flags]' : ''}`,
    `${description.charAt(0).toUpperCase()}${description.slice(1)}.`,
    `Examples:\n${examples.map((example) => `  ${NAME} ${example}`).join('\n')}`,
    table(`Flags${flags ? ' (defaults in parentheses)' : ''}`, [
      ...describeOptions(flags),
      [HELP_FLAG, 'print this help'],
    ]),
  ];
  return notes === undefined ? sections : [...sections, notes];
}

type Row = readonly [left: string, right: string];

const describeOptions = (options: Record<string, Option> = {}): Row[] =>
  Object.entries(options).map(([name, { argument, description, fallback }]) => {
    const byDefault = typeof fallback === 'string' || typeof fallback === 'number' ? ` (${fallback})` : '';
    return [`${flagOf(name)} ${argument}`.trim(), `${description}${byDefault}`];
  });

function table(title: string, rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return `${title}:\n${rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n')}`;
}
