import { AUTH_MODES, type AuthMode } from '../auth.js';
import { LOG_LEVELS, type LogLevel } from '../log-level.js';
import { BUNDLED_FIXTURES } from '../package.js';
import { between, choice, type Option, readHost, readSwitch, readText, readToken, upTo } from './option.js';

const PREFER_MODES = ['on', 'off'] as const;

/** What a process is run with; every value is checked, and the whole is frozen. */
export interface Config {
  host: string;
  port: number;
  fixtures: readonly string[];
  /** The file of the store; undefined keeps it in memory. */
  db?: string | undefined;
  auth: AuthMode;
  prefer: (typeof PREFER_MODES)[number];
  watch: boolean;
  /** What opens the admin API; without one it is open on loopback only. */
  adminToken?: string | undefined;
  /** How many entries the journal holds; 0 turns it off. */
  journalEntries: number;
  /** How much memory the journal takes, in bytes. */
  journalBytes: number;
  /** How many connections are held at once; 0 bounds them by nothing. */
  maxConnections: number;
  /** How many bytes the first line and the headers of a request may have, together. */
  maxHeaderBytes: number;
  /** How many bytes a body may have; what the admin API takes besides fixtures is bounded more narrowly. */
  maxBodyBytes: number;
  /** Within how many milliseconds a request must have come whole; 0 waits for ever. */
  requestTimeout: number;
  /** What the generator of percentages and delays starts from. */
  seed: number;
  logLevel: LogLevel;
}

/** Every option, by its name. Flags, variables, config keys, help and README are all of this table. */
export const OPTIONS: { [Name in keyof Required<Config>]: Option<Config[Name]> } = {
  host: {
    argument: 'HOST',
    expected: 'a host name or an address',
    description: 'address to listen on',
    fallback: '127.0.0.1',
    read: readHost,
  },
  port: {
    argument: 'PORT',
    description: 'port to listen on; 0 takes a free one',
    fallback: 8650,
    ...upTo(65_535),
  },
  fixtures: {
    argument: 'PATH',
    expected: 'a fixture file or a folder of them',
    description: 'fixtures to serve, a file or a folder; may be repeated',
    fallback: [BUNDLED_FIXTURES],
    read: (text) => (readText(text) === undefined ? undefined : [text]),
    isRepeatable: true,
    isPath: true,
  },
  db: {
    argument: 'FILE',
    expected: 'a file name',
    description: 'file to keep the store in; seeded when empty',
    fallback: undefined,
    read: readText,
    isPath: true,
  },
  auth: {
    argument: 'MODE',
    description: 'strict checks keys and grants, any takes any key, off takes none',
    fallback: 'strict',
    ...choice(AUTH_MODES),
  },
  prefer: {
    argument: 'MODE',
    description: 'whether a request may ask for a fault by its Prefer header',
    fallback: 'on',
    ...choice(PREFER_MODES),
  },
  watch: {
    expected: 'true or false',
    description: 'load the fixtures again when they change',
    fallback: false,
    read: readSwitch,
  },
  adminToken: {
    argument: 'TOKEN',
    expected: 'printable ASCII characters without a space',
    description: 'token that opens /__admin; without one it is open on loopback only',
    fallback: undefined,
    read: readToken,
    isSecret: true,
  },
  journalEntries: {
    argument: 'COUNT',
    description: 'how many requests the journal holds; 0 turns it off',
    fallback: 10_000,
    ...upTo(10_000_000),
  },
  journalBytes: {
    argument: 'BYTES',
    description: 'how much memory the journal may take',
    fallback: 8_388_608,
    ...upTo(2 ** 32 - 1),
  },
  maxConnections: {
    argument: 'COUNT',
    description: 'how many connections are held at once, more are closed; 0 sets no limit',
    fallback: 16_384,
    ...upTo(1_000_000),
  },
  maxHeaderBytes: {
    argument: 'BYTES',
    description: 'how large the first line and the headers of a request may be',
    fallback: 16_384,
    ...between(1_024, 1_048_576),
  },
  maxBodyBytes: {
    argument: 'BYTES',
    description: 'how large a fixture may be that is sent to /__admin',
    fallback: 10_485_760,
    ...between(1, 2 ** 29 - 1),
  },
  requestTimeout: {
    argument: 'MS',
    description: 'within how many milliseconds a request must have come whole; 0 waits for ever',
    fallback: 60_000,
    ...upTo(86_400_000),
  },
  seed: {
    argument: 'NUMBER',
    description: 'what the generator of percentages and delays starts from',
    fallback: 1,
    ...upTo(2 ** 32 - 1),
  },
  logLevel: {
    argument: 'LEVEL',
    description: `least level to log; requests are logged at debug`,
    fallback: 'info',
    ...choice(LOG_LEVELS),
  },
};

/** The name of an option. */
export type OptionName = keyof typeof OPTIONS;

/** The names of all options. */
export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The flag of an option, such as `--log-level`. */
export const flagOf = (name: string): string => `--${kebab(name)}`;

/** What every variable's name starts with. */
export const ENVIRONMENT_PREFIX = 'REGISTRY_MOCK_';

/** The environment variable of an option, such as `REGISTRY_MOCK_LOG_LEVEL`. */
export const variableOf = (name: string): string => ENVIRONMENT_PREFIX + kebab(name).replaceAll('-', '_').toUpperCase();
