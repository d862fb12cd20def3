import { BUNDLED_FIXTURES } from '../util/package.js';

/** The values of an option. */
interface Kind<Value> {
  /** What a value must be, for messages. */
  expected: string;
  /** Parses a value; returns undefined for an invalid text, which an empty one always is. */
  read(text: string): Value | undefined;
  /** The valid values, if they can be listed. */
  choices?: readonly string[];
  /** Whether the flag can be repeated; the variable separates the values by commas, and `\,` is a comma in one. */
  isRepeatable?: boolean;
  /** Whether a value is a secret, which no message shows. */
  isSecret?: boolean;
}

/** An option: the flag `--name`, the variable `REGISTRY_MOCK_NAME` and an option of the library. */
export interface Option<Value = unknown> extends Kind<Value> {
  /** Placeholder of the value in the help; empty for a switch. */
  argument: string;
  description: string;
  fallback: Value;
}

/** Whole numbers from `min` to `max`, which has at most ten digits. */
export const between = (min: number, max: number): Kind<number> => ({
  expected: `a whole number from ${min} to ${max}`,
  read: (text) => (/^\d{1,10}$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : undefined),
});

/** Creates an option; one without a default value is `undefined` unless given. */
export const option = <Value>(
  argument: string,
  fallback: Value,
  description: string,
  kind: Kind<Value>,
): Option<Value> => ({ argument, fallback, description, ...kind });

const oneOf = <const Value extends string>(choices: readonly Value[]): Kind<Value> => ({
  choices,
  expected: `one of ${choices.join(', ')}`,
  read: (text) => choices.find((value) => value === text),
});

/** Creates an option from what each of its values does; the first one is the default. */
function choice<Value extends string>(effects: Record<Value, string>): Option<Value> {
  const choices = Object.keys(effects) as Value[];
  const description = choices.map((value) => `${value} ${effects[value]}`).join(', ');
  return option('MODE', choices[0] as Value, description, oneOf(choices));
}

/** The host in a URL that reaches a bind address from the same machine; a wildcard address becomes loopback. */
export function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

const CORS_MODES = ['local', 'off', 'any'];

/** A scheme and a host with an optional port. No page has an origin of the excluded schemes, or one with a wildcard. */
const ORIGIN = /^(?!(?:ftp|wss?|file):)[a-z][a-z\d+.-]*:\/\/[^\s/?#@\\*]+$/i;

/** Parses one mode or origin; an origin is written as browsers send it. */
function readOrigin(text: string): string | undefined {
  if (CORS_MODES.includes(text)) return text;
  if (!ORIGIN.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, host } = new URL(text);
  return `${protocol}//${host}`;
}

const readPath = (text: string) => (text === '' || text.includes('\0') ? undefined : text);

const file = { expected: 'a file name', read: readPath };

/** All options by name. Flags, variables, help and the README's table come from here. */
export const OPTIONS = {
  host: option('HOST', '127.0.0.1', 'address to listen on', {
    expected: 'a host name or an address',
    read(text) {
      // As in a URL: [::1].
      const host = text.replace(/^\[(.*:.*)\]$/, '$1');
      return /^[^\s/?#@\\]+$/.test(host) && URL.canParse(`http://${reachable(host)}:1`) ? host : undefined;
    },
  }),
  port: option('PORT', 8650, 'port to listen on; 0 picks a free one', between(0, 65_535)),
  fixtures: option<readonly string[]>('PATH', [BUNDLED_FIXTURES], 'fixture file or folder to serve; can be repeated', {
    expected: 'a fixture file or a folder of them',
    read: (text) => (readPath(text) === undefined ? undefined : [text]),
    isRepeatable: true,
  }),
  db: option('FILE', undefined, 'SQLite file for the store; seeded when empty', {
    expected: 'a file name; leave --db out to keep the store in memory',
    // The driver trims the name, and opens a database in memory for these two.
    read: (text) => (['', ':memory:'].includes(text.trim()) ? undefined : readPath(text.trim())),
  }),
  auth: choice({ strict: 'checks keys and grants', any: 'accepts any key', off: 'needs no key' }),
  spellings: choice({ all: 'accepts what any client sends', portable: 'what the open-source server accepts' }),
  errors: choice({ contract: 'sends a 401 or 403 in the envelope', hosted: 'as the hosted front does' }),
  prefer: choice({ on: 'lets a request ask for a fault with its Prefer header', off: 'ignores the header' }),
  cors: option<readonly string[]>(
    'ORIGINS',
    ['local'],
    'web pages that may read answers: local (of this machine), off, any, or origins separated by commas',
    {
      choices: CORS_MODES,
      expected: 'local, off, any, or origins such as http://localhost:5173, separated by commas',
      read(text) {
        const origins = text.split(',').map((part) => readOrigin(part.trim()));
        return origins.every((origin) => origin !== undefined) ? origins : undefined;
      },
      isRepeatable: true,
    },
  ),
  watch: option('', false, 'reload the fixtures when they change', {
    expected: 'true or false',
    read: (text) => (/^(?:true|1|false|0)$/.test(text) ? text === 'true' || text === '1' : undefined),
  }),
  adminToken: option('TOKEN', undefined, 'token for /__admin; without one it is available on loopback only', {
    expected: 'printable ASCII characters without a space',
    read: (text) => (/^[!-~]+$/.test(text) ? text : undefined),
    isSecret: true,
  }),
  adminTokenFile: option('FILE', undefined, 'file with that token', file),
  tlsCert: option('FILE', undefined, 'PEM file of a certificate; with --tls-key, the server speaks HTTPS', file),
  tlsKey: option('FILE', undefined, 'PEM file of the private key of that certificate', file),
  closeTimeout: option('MS', 1_000, 'how long a close waits for requests in flight, in ms', between(0, 600_000)),
  journalEntries: option(
    'COUNT',
    10_000,
    'maximum number of recorded requests; 0 turns the journal off',
    between(0, 10_000_000),
  ),
  seed: option('NUMBER', 1, 'seed of the random generator for percentages and delays', between(0, 2 ** 32 - 1)),
  logLevel: option(
    'LEVEL',
    'info',
    'minimum log level: trace, debug, info, warn, error, fatal or silent',
    oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
  ),
  logRequests: choice({ auto: 'logs requests on a terminal', on: 'logs JSON lines elsewhere', off: 'nothing' }),
};

export type OptionName = keyof typeof OPTIONS;

/** The values of options by name. */
export type Values<Options> = {
  readonly [Name in keyof Options]: Options[Name] extends Option<infer Value> ? Value : never;
};

/** The configuration of a server: validated and frozen. */
export type Config = Values<typeof OPTIONS>;

export type AuthMode = Config['auth'];
export type LogLevel = Config['logLevel'];
export type LogRequests = Config['logRequests'];

export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];

/** The flag of an option, such as `--log-level`. */
export const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
