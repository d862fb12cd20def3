import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { findPackageFile, readPackageVersion } from '../files.js';
import { LOAD_NAMES, type LoadName } from './names.js';
import { parseAutocannon } from './parse-autocannon.js';
import { parseWrk } from './parse-wrk.js';
import { requireExpected, type Sample } from './sample.js';

const run = promisify(execFile);

/** What is asked, by how many at once, and for how long. */
export interface Load {
  url: string;
  headers: Record<string, string>;
  /** The status that every answer must have. */
  status: number;
  connections: number;
  seconds: number;
}

/** A maker of load: asks again and again, and counts. */
export interface Generator {
  /** Its name and version. */
  title: string;
  /** Throws an Error where a request failed or had another status than the expected one. */
  measure(load: Load): Promise<Sample>;
}

/** How long an answer may take before it counts as failed, in seconds; a slow peer is slow, not broken. */
const TIMEOUT = '10';

/** Finds a maker of load: the named one, or the first that is installed. Throws an Error where there is none. */
export function findGenerator(name: LoadName | undefined): Generator {
  for (const candidate of name === undefined ? LOAD_NAMES : [name]) {
    const generator = generators[candidate]();
    if (generator !== undefined) return generator;
  }
  throw new Error(`${name ?? LOAD_NAMES.join(' and ')}: not installed; install wrk, or run npm ci --prefix bench`);
}

const generators: Record<LoadName, () => Generator | undefined> = {
  wrk() {
    // wrk prints its version, and exits as if it were a mistake to ask.
    const { error, stdout } = spawnSync('wrk', ['--version'], { encoding: 'utf8' });
    if (error !== undefined) return undefined;
    const title = /^wrk \S+/.exec(stdout)?.[0] ?? 'wrk';
    return toGenerator(title, parseWrk, ({ url, headers, connections, seconds }) => [
      'wrk',
      ...['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '--timeout', `${TIMEOUT}s`],
      ...listHeaders(headers, ': '),
      url,
    ]);
  },

  autocannon() {
    const script = findPackageFile('autocannon', 'autocannon.js');
    if (script === undefined) return undefined;
    const title = `autocannon ${readPackageVersion('autocannon')}`;
    return toGenerator(title, parseAutocannon, ({ url, headers, connections, seconds }) => [
      process.execPath,
      script,
      ...['--json', '-c', `${connections}`, '-d', `${seconds}`, '--timeout', TIMEOUT],
      ...listHeaders(headers, '='),
      url,
    ]);
  },
};

const listHeaders = (headers: Record<string, string>, separator: string): string[] =>
  Object.entries(headers).flatMap(([name, value]) => ['-H', name + separator + value]);

function toGenerator(
  title: string,
  parse: (text: string, status: number) => Sample,
  toCommand: (load: Load) => string[],
): Generator {
  return {
    title,
    async measure(load) {
      const [program = '', ...args] = toCommand(load);
      const { stdout } = await run(program, args);
      const sample = parse(stdout, load.status);
      requireExpected(sample, load.status);
      return sample;
    },
  };
}
