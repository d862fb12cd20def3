import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parse as parseYaml } from 'yaml';
import { Failure } from '../failure.js';
import { suggest } from '../suggest.js';
import type { Option } from './option.js';
import {
  type Config,
  ENVIRONMENT_PREFIX,
  flagOf,
  OPTION_NAMES,
  OPTIONS,
  type OptionName,
  variableOf,
} from './options.js';

/** The environment of a process. */
export type Environment = Record<string, string | undefined>;

/** The texts of one source of options, with the name under which the source knows the option. */
type Source = Map<OptionName | 'config', { label: string; texts: string[] }>;

const NAMES = [...OPTION_NAMES, 'config'] as const;

/** A mistake on the command line, in the environment or in the config file: exit code 2. */
function usageFailure(message: string): Failure {
  return new Failure(message, 2);
}

/**
 * Reads the configuration: a flag wins over its environment variable, that over the config file, that over the default.
 * Takes the flags and the environment, returns a frozen Config. Throws a Failure with exit code 2 that names the
 * unknown or bad value, what was expected, and the nearest valid one.
 */
export function loadConfig(args: readonly string[], environment: Environment): Config {
  const flags = readFlags(args);
  const variables = readVariables(environment);
  const configFile = (flags.get('config') ?? variables.get('config'))?.texts.at(-1);
  return toConfig([flags, variables, ...(configFile === undefined ? [] : [readConfigFile(configFile)])]);
}

/**
 * Checks options that a program gives, keyed by their names. Takes the name of the function that was given them, for
 * messages, and returns a frozen Config. Throws a Failure as `loadConfig` does.
 */
export function checkOptions(caller: string, options: Record<string, unknown>): Config {
  return toConfig([readMapping(options, caller, '.')]);
}

function toConfig(sources: readonly Source[]): Config {
  const config = OPTION_NAMES.map((name) => [name, readOption(name, sources)]);
  return Object.freeze(Object.fromEntries(config));
}

function readOption(name: OptionName, sources: readonly Source[]): unknown {
  const option: Option = OPTIONS[name];
  const given = sources.find((source) => source.has(name))?.get(name);
  if (given === undefined) return option.fallback;
  const values = given.texts.map((text) => {
    const value = option.read(text);
    if (value === undefined) {
      const nearest = option.choices ? suggest(text, option.choices) : '';
      const found = option.isSecret ? 'another value' : `"${text}"`;
      throw usageFailure(`${given.label}: found ${found}, expected ${option.expected}${nearest}`);
    }
    return value;
  });
  return option.isRepeatable ? Object.freeze(values.flat()) : values.at(-1);
}

function readFlags(args: readonly string[]): Source {
  const known = [...NAMES.map(flagOf), '--help', '--version'];
  const isSwitch = (name: (typeof NAMES)[number]) => name !== 'config' && OPTIONS[name].argument === undefined;
  const options = Object.fromEntries(
    NAMES.map((name) => [flagOf(name).slice(2), { type: isSwitch(name) ? ('boolean' as const) : ('string' as const) }]),
  );
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const source: Source = new Map();
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      throw usageFailure(`unexpected argument "${token.value}"; expected flags only, see --help`);
    }
    const name = NAMES.find((candidate) => flagOf(candidate) === token.rawName);
    if (name === undefined) throw usageFailure(`unknown flag ${token.rawName}${suggest(token.rawName, known)}`);
    const text = token.value ?? (isSwitch(name) ? 'true' : undefined);
    const isNextFlag = token.inlineValue === false && text?.startsWith('--');
    if (text === undefined || isNextFlag) throw usageFailure(`${token.rawName}: expected a value behind it`);
    source.set(name, { label: token.rawName, texts: [...(source.get(name)?.texts ?? []), text] });
  }
  return source;
}

function readVariables(environment: Environment): Source {
  const known = NAMES.map(variableOf);
  const source: Source = new Map();
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(ENVIRONMENT_PREFIX) || !text || isServiceLink(variable, text)) continue;
    const name = NAMES[known.indexOf(variable)];
    if (name === undefined) throw usageFailure(`unknown variable ${variable}${suggest(variable, known)}`);
    const isRepeatable = name !== 'config' && OPTIONS[name].isRepeatable;
    source.set(name, { label: variable, texts: isRepeatable ? text.split(',') : [text] });
  }
  return source;
}

/** Whether a variable is one that Kubernetes injects for a Service whose name is registry-mock. */
function isServiceLink(variable: string, text: string): boolean {
  return (
    /^REGISTRY_MOCK_(SERVICE_|PORT_\d)/.test(variable) || (variable === variableOf('port') && text.startsWith('tcp://'))
  );
}

function readConfigFile(file: string): Source {
  return readMapping(parseConfigFile(file), file, dirname(file));
}

/** Reads a mapping of options; its paths are relative to the folder, and its origin stands in messages. */
function readMapping(content: Record<string, unknown>, origin: string, folder: string): Source {
  const source: Source = new Map();
  for (const [key, value] of Object.entries(content)) {
    const name = OPTION_NAMES.find((candidate) => candidate === key);
    if (name === undefined) throw usageFailure(`${origin}: ${describeUnknownKey(key)}`);
    const option: Option = OPTIONS[name];
    const values = option.isRepeatable && Array.isArray(value) && value.length > 0 ? value : [value];
    const isUnfit = (item: unknown) =>
      (option.isPath && typeof item !== 'string') || (option.isSecret && isObject(item));
    const texts = values.map((item) => (isUnfit(item) ? '' : toText(item)));
    const fromFolder = (text: string) => text && resolve(folder, text);
    source.set(name, { label: `${origin}: ${key}`, texts: option.isPath ? texts.map(fromFolder) : texts });
  }
  return source;
}

/** Without a space behind its colon, a value is a part of the key, and it may be the token. */
function describeUnknownKey(key: string): string {
  const colon = key.indexOf(':');
  if (colon === -1) return `unknown key "${key}"${suggest(key, OPTION_NAMES)}`;
  return `unknown key "${key.slice(0, colon)}:…"; put a space behind the colon`;
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null;

/** Writes a value of a config file as a flag would; nothing becomes a text that no option reads. */
function toText(value: unknown): string {
  if (value === null) return '';
  return isObject(value) ? JSON.stringify(value) : String(value);
}

function parseConfigFile(file: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = parseYaml(readFileSync(file, 'utf8'), { prettyErrors: false });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw usageFailure(
      `config file ${file}: ${code === 'ENOENT' ? 'does not exist' : `cannot be read (${message.replace(/: .*$/s, '')})`}`,
    );
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw usageFailure(`config file ${file}: expected a mapping of options, such as "port: 8650"`);
  }
  return content as Record<string, unknown>;
}
