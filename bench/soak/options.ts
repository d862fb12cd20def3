import { parseArgs } from 'node:util';
import { LOAD_NAMES, type LoadName } from '../load/generator.js';
import { UsageError } from '../options.js';

/** How the soak runs. */
export interface Plan {
  minutes: number;
  /** The load generator; undefined for the first that is installed. */
  load: LoadName | undefined;
  /** The folder of the results, if they are written. */
  out: string | undefined;
}

/** The default duration, in minutes. */
const MINUTES = 15;

/** The text of `--help`. */
export const HELP = `Usage: npm run soak -- [flags]

  --minutes N   duration of the load (${MINUTES})
  --load NAME   load generator: ${LOAD_NAMES.join(' or ')} (the first that is installed)
  --out FOLDER  folder for soak.md and soak.svg; a soak of ${MINUTES} minutes or more writes them to bench/
`;

/**
 * Parses the arguments; returns undefined for `--help`. Throws a UsageError.
 *
 * @param results the folder for the results of a long soak
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
