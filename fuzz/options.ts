import { parseArgs } from 'node:util';
import { SUITES, type SuiteName } from './suites.js';

/** The parsed options of a run. */
export interface Plan {
  suites: readonly SuiteName[];
  /** The seed of everything random. */
  seed: number;
  /** How long the timed suites run together, in milliseconds. */
  duration: number;
}

/** An invalid argument. */
export class UsageError extends Error {}

const NAMES = Object.keys(SUITES) as SuiteName[];

export const MAX_SEED = 2 ** 31 - 1;

/** The text of `--help`. */
export const HELP = `Usage: npm run fuzz -- [flags]

  --minutes N      how long the suites marked * run together (5); the others end by themselves
  --seed S         seed of everything random, to repeat a run; a random one unless given
  --only NAME,…    suites to run; all unless given

${NAMES.map((name) => `  ${name.padEnd(10)}${SUITES[name].isTimed ? '*' : ' '} ${SUITES[name].summary}`).join('\n')}
`;

/** Parses the arguments of a run; returns undefined for `--help`. Throws a UsageError for an invalid argument. */
export function parseOptions(args: readonly string[], defaultSeed: number): Plan | undefined {
  const { help, minutes, seed, only } = parseFlags(args);
  if (help) return undefined;
  return {
    suites: only === undefined ? NAMES : toNames(only),
    seed: seed === undefined ? defaultSeed : toSeed(seed),
    duration: toMinutes(minutes) * 60_000,
  };
}

function parseFlags(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = {
    help: { type: 'boolean', short: 'h', default: false },
    minutes: { type: 'string', default: '5' },
    seed: text,
    only: text,
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function toNames(text: string): SuiteName[] {
  const names = text.split(',');
  const unknown = names.find((name) => !Object.hasOwn(SUITES, name));
  if (unknown !== undefined) throw new UsageError(`--only: found "${unknown}", expected one of ${NAMES.join(', ')}`);
  return names as SuiteName[];
}

function toMinutes(text: string): number {
  const minutes = Number(text);
  if (text.trim() !== '' && minutes > 0 && Number.isFinite(minutes)) return minutes;
  throw new UsageError(`--minutes: found "${text}", expected a number above 0`);
}

function toSeed(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && seed <= MAX_SEED) return seed;
  throw new UsageError(`--seed: found "${text}", expected a whole number from 0 to ${MAX_SEED}`);
}
