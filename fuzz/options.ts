import { parseArgs } from 'node:util';
import { SUITES, type SuiteName } from './suites.js';

/** How a run is done. */
export interface Plan {
  suites: readonly SuiteName[];
  /** What all that is random starts from. */
  seed: number;
  /** How long the suites without an end of their own go on, together, in milliseconds. */
  duration: number;
}

/** Thrown for a mistake in the arguments. */
export class UsageError extends Error {}

const NAMES = Object.keys(SUITES) as SuiteName[];

const MOST_SEED = 2 ** 31 - 1;

/** What the flags mean and what the suites do, for `--help`. */
export const HELP = `Usage: npm run fuzz -- [flags]

  --minutes N      how long the suites marked * go on, together (5); the others end when they are done
  --seed S         what all that is random starts from, to repeat a run; another one each time unless it is given
  --only NAME,…    suites to run; all unless they are named

${NAMES.map((name) => `  ${name.padEnd(10)}${SUITES[name].isEndless ? '*' : ' '} ${SUITES[name].summary}`).join('\n')}
`;

/**
 * Reads the arguments of a run; takes the seed where none is given. Returns undefined where help is asked for. Throws a
 * UsageError for a flag or a value that is none.
 */
export function parseOptions(args: readonly string[], fallbackSeed: number): Plan | undefined {
  const { help, minutes, seed, only } = parseFlags(args);
  if (help) return undefined;
  return {
    suites: only === undefined ? NAMES : toNames(only),
    seed: seed === undefined ? fallbackSeed : toSeed(seed),
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
  if (/^\d+$/.test(text) && seed <= MOST_SEED) return seed;
  throw new UsageError(`--seed: found "${text}", expected a whole number from 0 to ${MOST_SEED}`);
}
