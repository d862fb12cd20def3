import { parseArgs } from 'node:util';
import { LOAD_NAMES, type LoadName } from './load/names.js';
import { LIGHT_SERVERS, SERVER_NAMES, type ServerName } from './servers/names.js';

/** How a run is done. */
export interface Plan {
  isQuick: boolean;
  servers: readonly ServerName[];
  connections: readonly number[];
  /** How many times every measurement is taken. */
  rounds: number;
  /** How long a measurement of a rate lasts. */
  seconds: number;
  /** How many probes of a rate a server may take to get warm. */
  probes: number;
  /** The sizes of the stores, in versions. */
  stores: readonly number[];
  /** The sizes that `--versions` leaves out. */
  omitted: readonly number[];
  /** How many versions are seeded to take the time of it. */
  seeded: number;
  /** What makes the load; the first that is there unless it is named. */
  load: LoadName | undefined;
  /** Where the results are written besides stdout, if anywhere. */
  out: string | undefined;
}

/** Thrown for a mistake in the arguments. */
export class UsageError extends Error {}

const STORES = [1_000, 1_000_000, 10_000_000];
const SEEDED = 1_000_000;

/** What the flags mean, for `--help`. */
export const HELP = `Usage: npm run bench -- [flags]

  --quick            a smoke run: one short round, light servers, a small store; its figures are no measure
  --only NAME,…      servers to measure: ${SERVER_NAMES.join(', ')}
  --connections N,…  how many connections at once (1,32,256)
  --versions N       leave out stores of more versions than this (${STORES.at(-1)})
  --load NAME        ${LOAD_NAMES.join(' or ')}; the first that is installed unless it is named
  --out FOLDER       where results.md and results.svg go; a run of everything writes them to bench/
`;

/**
 * Reads the arguments of a run. Takes the folder for the results of a run of everything; returns undefined where help
 * is asked for. Throws a UsageError for a flag or a value that is none.
 */
export function parseOptions(args: readonly string[], results: string): Plan | undefined {
  const { help, quick, only, connections, versions, load, out } = parseFlags(args);
  if (help) return undefined;
  const limit = versions === undefined ? Number.POSITIVE_INFINITY : toCount('--versions', versions);
  const most = quick ? Math.min(limit, 1_000) : limit;
  const isWhole = !quick && [only, connections, versions].every((flag) => flag === undefined);
  return {
    isQuick: quick,
    servers: only === undefined ? (quick ? LIGHT_SERVERS : SERVER_NAMES) : toNames('--only', only, SERVER_NAMES),
    connections: (connections ?? '1,32,256').split(',').map((text) => toCount('--connections', text)),
    rounds: quick ? 1 : 5,
    seconds: quick ? 1 : 2,
    probes: quick ? 1 : 15,
    stores: STORES.filter((size) => size <= most),
    omitted: STORES.filter((size) => size > most),
    seeded: Math.min(SEEDED, most),
    load: load === undefined ? undefined : toNames('--load', load, LOAD_NAMES)[0],
    out: out ?? (isWhole ? results : undefined),
  };
}

function parseFlags(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = {
    help: { type: 'boolean', short: 'h', default: false },
    quick: { type: 'boolean', default: false },
    only: text,
    connections: text,
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

function toNames<Name extends string>(flag: string, text: string, known: readonly Name[]): Name[] {
  const names = text.split(',');
  const unknown = names.find((name) => !known.includes(name as Name));
  if (unknown !== undefined) throw new UsageError(`${flag}: found "${unknown}", expected one of ${known.join(', ')}`);
  return names as Name[];
}

function toCount(flag: string, text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new UsageError(`${flag}: found "${text}", expected a whole number from 1`);
}
