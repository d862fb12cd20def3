import { spawnSync } from 'node:child_process';
import { programFile } from '../files.js';
import { type Program, type Sample, TIMEOUT } from './program.js';

/** Finds wrk; undefined if it is not installed. */
export function findWrk(): Program | undefined {
  const { error, stdout } = spawnSync('wrk', ['--version'], { encoding: 'utf8' });
  if (error !== undefined) return undefined;
  return {
    title: /^wrk \S+/.exec(stdout)?.[0] ?? 'wrk',
    command: ({ url, workload: { targets, headers }, connections, seconds }) => [
      'wrk',
      ...['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '--timeout', `${TIMEOUT}s`],
      ...['-s', programFile('targets.lua')],
      ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
      ...[url, '--', targets],
    ],
    parse: parseWrk,
  };
}

const MILLISECONDS: Record<string, number> = { us: 0.001, ms: 1, s: 1_000, m: 60_000 };

/** Parses the output of `wrk --latency`, which distinguishes successes and errors only. Throws an Error. */
export function parseWrk(text: string, status: number): Sample {
  const answered = Number(find(text, /^\s+(\d+) requests in /m)[0]);
  const [p99 = '', unit = ''] = find(text, /^\s+99%\s+([\d.]+)(us|ms|s|m)\s*$/m);
  const errors = Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0);
  const [, ...failures] = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text) ?? [];
  return {
    requestsPerSecond: Number(find(text, /^Requests\/sec:\s+([\d.]+)$/m)[0]),
    p99: Number(p99) * (MILLISECONDS[unit] as number),
    answered,
    expected: status < 400 ? answered - errors : errors,
    failed: failures.reduce((sum, count) => sum + Number(count), 0),
  };
}

function find(text: string, pattern: RegExp): string[] {
  const match = pattern.exec(text);
  if (match === null) throw new Error(`wrk printed no ${pattern}:\n${text}`);
  return match.slice(1);
}
