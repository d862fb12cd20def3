import { parseArgs } from 'node:util';
import { LOAD_NAMES, type LoadName } from '../load/names.js';
import { UsageError } from '../options.js';

/** How a soak is done. */
export interface Plan {
  minutes: number;
  /** What makes the load; the first that is installed unless it is named. */
  load: LoadName | undefined;
  /** Where soak.md and soak.svg are written besides stdout, if anywhere. */
  out: string | undefined;
}

/** How long a soak lasts unless it is told, in minutes; only one that is as long writes its results unasked. */
const MINUTES = 15;

/** What the flags mean, for `--help`. */
export const HELP = `Usage: npm run soak -- [flags]

  --minutes N   how long the load lasts (${MINUTES})
  --load NAME   ${LOAD_NAMES.join(' or ')}; the first that is installed unless it is named
  --out FOLDER  where soak.md and soak.svg go; a soak of ${MINUTES} minutes or more writes them to bench/
`;

/**
 * Reads the arguments of a soak. Takes the folder for the results of a long one; returns undefined where help is asked
 * for. Throws a UsageError for a flag or a value that is none.
 */
export function parseOptions(args: readonly string[], results: string): Plan | undefined {
  const { help, minutes: text, load: name, out } = parseFlags(args);
  if (help) return undefined;
  const minutes = Number(text);
  if (!(minutes > 0 && minutes < Number.POSITIVE_INFINITY)) {
    throw new UsageError(`--minutes: found "${text}", expected a number above 0`);
  }
  const load = LOAD_NAMES.find((known) => known === name);
  if (load === undefined && name !== undefined) {
    throw new UsageError(`--load: found "${name}", expected one of ${LOAD_NAMES.join(', ')}`);
  }
  return { minutes, load, out: out ?? (minutes >= MINUTES ? results : undefined) };
}

function parseFlags(args: readonly string[]) {
  const options = {
    help: { type: 'boolean', short: 'h', default: false },
    minutes: { type: 'string', default: String(MINUTES) },
    load: { type: 'string' },
    out: { type: 'string' },
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
