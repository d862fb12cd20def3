import { parseArgs } from 'node:util';
import { UserError } from '../util/errors.js';
import { suggest } from '../util/text.js';
import {
  type Config,
  ENVIRONMENT_PREFIX,
  flagOf,
  OPTION_NAMES,
  OPTIONS,
  type Option,
  type OptionName,
  variableOf,
} from './options.js';

export type Environment = Record<string, string | undefined>;

/** Texts by option name, each with the label that messages use, such as `--port`. */
type Values<Name extends string = string> = Map<Name, { label: string; texts: string[] }>;

const usageError = (message: string) => new UserError(message, 2);

/** Whether an option takes no value. The flags of a command alone are not in the table. */
const isSwitch = (name: string) => name in OPTIONS && OPTIONS[name as OptionName].argument === undefined;

/**
 * Splits the arguments of a command into flags and positionals. `names` are those of the table and a command's own, which
 * take a value. Throws a UserError for an unknown flag or one without its value, which can be a secret and is not shown.
 */
export function parseFlags<Name extends string>(
  args: readonly string[],
  names: readonly Name[],
): { flags: Values<Name>; positionals: string[] } {
  const typeOf = (name: string) => ({ type: isSwitch(name) ? ('boolean' as const) : ('string' as const) });
  const options = Object.fromEntries(names.map((name) => [flagOf(name).slice(2), typeOf(name)]));
  const settings = { args: [...args], options, strict: false, allowPositionals: true, tokens: true } as const;
  const { tokens, positionals } = parseArgs(settings);
  const flags: Values<Name> = new Map();
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
  return { flags, positionals };
}

/** Parses the values of one option; the last one wins unless it is repeatable. Throws a UserError for an invalid one. */
export function readOption<Value>(option: Option<Value>, { label, texts }: { label: string; texts: string[] }): Value {
  const values = texts.map((text) => {
    const value = option.read(text);
    if (value !== undefined) return value;
    const found = option.isSecret ? 'another value' : JSON.stringify(text);
    throw usageError(`${label}: found ${found}, expected ${option.expected}${suggest(text, option.choices ?? [])}`);
  });
  return (option.isRepeatable ? Object.freeze(values.flat()) : values.at(-1)) as Value;
}

/**
 * Loads the configuration: a flag wins over its variable, a variable over the default. Throws a UserError with exit code
 * 2 for an unknown or invalid flag or variable.
 */
export function loadConfig(args: readonly string[], environment: Environment): Config {
  const { flags, positionals } = parseFlags(args, OPTION_NAMES);
  return toConfig(flags, environment, positionals);
}

/**
 * Like `loadConfig`, with flags that `parseFlags` has parsed; other names among them are ignored. `paths` are fixtures,
 * after those of `--fixtures`.
 */
export function toConfig(flags: Values, environment: Environment, paths: readonly string[] = []): Config {
  const values: Values = new Map([...readVariables(environment), ...flags]);
  if (paths.length > 0) {
    values.set('fixtures', { label: '--fixtures', texts: [...(flags.get('fixtures')?.texts ?? []), ...paths] });
  }
  const config = OPTION_NAMES.map((name) => {
    const option: Option = OPTIONS[name];
    const given = values.get(name);
    return [name, given === undefined ? option.fallback : readOption(option, given)];
  });
  return Object.freeze(Object.fromEntries(config));
}

/** Validates the options of a function of the library; throws a UserError with the function's name. */
export function checkOptions(caller: string, options: Record<string, unknown>): Config {
  const values: Values = new Map();
  for (const [key, value] of Object.entries(options)) {
    const name = OPTION_NAMES.find((candidate) => candidate === key);
    if (name === undefined) throw usageError(`${caller}: unknown key "${key}"${suggest(key, OPTION_NAMES)}`);
    // No option accepts an empty text.
    values.set(name, { label: `${caller}: ${key}`, texts: [typeof value === 'object' ? '' : String(value)] });
  }
  return toConfig(values, {});
}

function readVariables(environment: Environment): Values {
  const variables = OPTION_NAMES.map(variableOf);
  const values: Values = new Map();
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(ENVIRONMENT_PREFIX) || !text || isServiceLink(variable, text)) continue;
    const name = OPTION_NAMES[variables.indexOf(variable)];
    if (name === undefined) {
      throw usageError(`unknown variable ${variable}${suggest(variable, variables, ENVIRONMENT_PREFIX)}`);
    }
    values.set(name, { label: variable, texts: OPTIONS[name].isRepeatable ? splitList(text) : [text] });
  }
  return values;
}

/** Splits a list at its commas; `\,` is a comma in an item. */
const splitList = (text: string): string[] => text.split(/(?<!\\),/).map((item) => item.trim().replaceAll('\\,', ','));

/**
 * Whether Kubernetes injected the variable, for a Service whose name starts with registry-mock (source: "Accessing the
 * Service" in its documentation).
 */
function isServiceLink(variable: string, text: string): boolean {
  const isUrl = variable.endsWith('_PORT') && /^(?:tcp|udp|sctp):\/\//.test(text);
  return (
    isUrl ||
    /_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/.test(variable)
  );
}
