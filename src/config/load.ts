import { parseArgs } from 'node:util';
import { UserError } from '../util/errors.js';
import { suggest } from '../util/text.js';
import { type Config, flagOf, OPTION_NAMES, OPTIONS, type Option, type OptionName, type Values } from './options.js';

/** The prefix of all environment variables. */
export const ENVIRONMENT_PREFIX = 'REGISTRY_MOCK_';

/** The environment variable of an option, such as `REGISTRY_MOCK_LOG_LEVEL`. */
export const variableOf = (name: string): string =>
  ENVIRONMENT_PREFIX + flagOf(name).slice(2).replaceAll('-', '_').toUpperCase();

export type Environment = Record<string, string | undefined>;

/** Texts by option name, each with the label that messages use, such as `--port`. */
export type Given = Map<string, { label: string; texts: string[] }>;

type Options = Record<string, Option>;

const usageError = (message: string) => new UserError(message, 2);

/**
 * Splits the arguments of a command with these options into flags and words. Throws a UserError for an unknown flag or one
 * without its value, which can be a secret and is not shown.
 */
export function parseFlags(args: readonly string[], options: Options): { flags: Given; words: string[] } {
  const names = Object.keys(options);
  const isSwitch = (name: string) => options[name]?.argument === '';
  const types = names.map((name) => [flagOf(name).slice(2), { type: isSwitch(name) ? 'boolean' : 'string' }]);
  const settings = { args: [...args], options: Object.fromEntries(types), strict: false } as const;
  const { tokens, positionals: words } = parseArgs({ ...settings, allowPositionals: true, tokens: true });
  const flags: Given = new Map();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const label = token.rawName;
    const name = names.find((candidate) => flagOf(candidate) === label);
    const known = [...names.map(flagOf), '--help', '--version'];
    if (name === undefined) throw usageError(`unknown flag ${label}${suggest(label, known)}`);
    const text = token.value ?? (isSwitch(name) ? 'true' : undefined);
    const isNextFlag = token.inlineValue === false && text?.startsWith('--');
    if (text === undefined || isNextFlag) throw usageError(`${label}: expected a value after it`);
    flags.set(name, { label, texts: [...(flags.get(name)?.texts ?? []), text] });
  }
  return { flags, words };
}

/** Parses the values of options; the last one wins unless the option is repeatable. Throws a UserError for an invalid value. */
export function readOptions<Known extends object>(options: Known, given: Given): Values<Known> {
  const values = Object.entries(options as Options).map(([name, option]) => {
    const { label = '', texts = [] } = given.get(name) ?? {};
    const values = texts.map((text) => {
      const value = option.read(text);
      if (value !== undefined) return value;
      const found = option.isSecret ? 'another value' : JSON.stringify(text);
      throw usageError(`${label}: found ${found}, expected ${option.expected}${suggest(text, option.choices ?? [])}`);
    });
    const last = option.isRepeatable ? Object.freeze(values.flat()) : values.at(-1);
    return [name, values.length === 0 ? option.fallback : last];
  });
  return Object.freeze(Object.fromEntries(values));
}

/**
 * Loads the configuration: a flag wins over its variable, a variable over the default. `paths` are fixtures, after those of
 * the flag. Throws a UserError with exit code 2 for an unknown variable and an invalid value.
 */
export function loadConfig(flags: Given, environment: Environment, paths: readonly string[] = []): Config {
  const given: Given = new Map([...readVariables(environment), ...flags]);
  if (paths.length > 0) {
    given.set('fixtures', { label: '--fixtures', texts: [...(flags.get('fixtures')?.texts ?? []), ...paths] });
  }
  return toConfig(given);
}

/** Validates the options of a function of the library; throws a UserError with the function's name. */
export function checkOptions(caller: string, options: Record<string, unknown>): Config {
  const given: Given = new Map();
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(OPTIONS, name))
      throw usageError(`${caller}: unknown key "${name}"${suggest(name, OPTION_NAMES)}`);
    // No option accepts an empty text.
    given.set(name, { label: `${caller}: ${name}`, texts: [typeof value === 'object' ? '' : String(value)] });
  }
  return toConfig(given);
}

/** Reads the options of a server, and checks which go together. */
function toConfig(given: Given): Config {
  const config = readOptions(OPTIONS, given);
  const labelOf = (name: OptionName) => given.get(name)?.label;
  const [token, tokenFile, cert, key] = (['adminToken', 'adminTokenFile', 'tlsCert', 'tlsKey'] as const).map(labelOf);
  if (token && tokenFile) throw usageError(`${tokenFile}: cannot be combined with ${token}; remove one of them`);
  if (!cert !== !key) throw usageError(`${cert ?? key}: expected ${cert ? '--tls-key' : '--tls-cert'} as well`);
  return config;
}

/**
 * A variable that Kubernetes injects for a Service whose name starts with registry-mock (source: "Accessing the Service"
 * in its documentation).
 */
const SERVICE_LINK =
  /^\w+_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?|PORT(?==(?:tcp|udp|sctp):\/\/))=/;

function readVariables(environment: Environment): Given {
  const variables = OPTION_NAMES.map(variableOf);
  const given: Given = new Map();
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(ENVIRONMENT_PREFIX) || !text || SERVICE_LINK.test(`${variable}=${text}`)) continue;
    const name = OPTION_NAMES[variables.indexOf(variable)];
    if (name === undefined) {
      throw usageError(`unknown variable ${variable}${suggest(variable, variables, ENVIRONMENT_PREFIX)}`);
    }
    // A comma separates the items of a list; \, is a comma in one.
    const list = text.split(/(?<!\\),/).map((item) => item.trim().replaceAll('\\,', ','));
    given.set(name, { label: variable, texts: OPTIONS[name].isRepeatable ? list : [text] });
  }
  return given;
}
