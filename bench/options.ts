import { parseArgs } from 'node:util';
import { LOAD_NAMES, type LoadName } from './load/generator.js';
import { LIGHT_SERVERS, SERVER_NAMES, type ServerName } from './servers/names.js';
import { ROWS } from './workloads.js';

/** The parts of a run: the rows, and what is measured besides. */
export const PARTS = [...ROWS, 'start', 'stores', 'seeding'] as const;

export type Part = (typeof PARTS)[number];

/** How the benchmark runs. */
export interface Plan {
  isQuick: boolean;
  parts: readonly Part[];
  servers: readonly ServerName[];
  /** How many times every measurement is taken. */
  rounds: number;
  /** The duration of a measurement. */
  seconds: number;
  /** The sizes of the stores, in versions. */
  stores: readonly number[];
  /** The sizes that are left out. */
  omitted: readonly number[];
  /** The number of versions that the seeding is measured with. */
  seeded: number;
  /** The load generator; undefined for the first that is installed. */
  load: LoadName | undefined;
  /** The folder of the results, if they are written. */
  out: string | undefined;
}

/** A mistake in the arguments. */
export class UsageError extends Error {}

const STORES = [1_000, 1_000_000, 10_000_000];
const SEEDED = 1_000_000;

/** The text of `--help`. */
export const HELP = `Usage: npm run bench -- [flags]

  --parts NAME,…    what to measure: ${PARTS.join(', ')}
  --servers NAME,…  servers to measure: ${SERVER_NAMES.join(', ')}
  --rounds N        number of rounds (5)
  --versions N      maximum size of a store (${STORES.at(-1)})
  --quick           one round of one second without peers that need installation; no reliable figures
  --load NAME       load generator: ${LOAD_NAMES.join(' or ')} (the first that is installed)
  --out FOLDER      folder for results.md and results.svg; a run with no other flag writes them to bench/
`;

/**
 * Parses the arguments; returns undefined for `--help`. Throws a UsageError.
 *
 * @param results the folder for the results of a run without flags
 */
export function parseOptions(args: readonly string[], results: string): Plan | undefined {
  const { help, quick, parts, servers, rounds, versions, load, out } = parseFlags(args);
  if (help) return undefined;
  const limit = versions === undefined ? Number.POSITIVE_INFINITY : parseCount('--versions', versions);
  const max = quick ? Math.min(limit, 1_000) : limit;
  return {
    isQuick: quick,
    parts: parts === undefined ? PARTS : parseNames('--parts', parts, PARTS),
    servers:
      servers === undefined ? (quick ? LIGHT_SERVERS : SERVER_NAMES) : parseNames('--servers', servers, SERVER_NAMES),
    rounds: rounds === undefined ? (quick ? 1 : 5) : parseCount('--rounds', rounds),
    seconds: quick ? 1 : 2,
    stores: STORES.filter((size) => size <= max),
    omitted: STORES.filter((size) => size > max),
    seeded: Math.min(SEEDED, max),
    load: load === undefined ? undefined : parseNames('--load', load, LOAD_NAMES)[0],
    out: out ?? (args.length === 0 ? results : undefined),
  };
}

function parseFlags(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = {
    help: { type: 'boolean', short: 'h', default: false },
    quick: { type: 'boolean', default: false },
    parts: text,
    servers: text,
    rounds: text,
    versions: text,
    load: text,
    out: text,
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function parseNames<Name extends string>(flag: string, text: string, known: readonly Name[]): Name[] {
  const names = text.split(',');
  const unknown = names.find((name) => !known.includes(name as Name));
  if (unknown !== undefined) throw new UsageError(`${flag}: found "${unknown}", expected one of ${known.join(', ')}`);
  return names as Name[];
}

function parseCount(flag: string, text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new UsageError(`${flag}: found "${text}", expected a whole number from 1`);
}
