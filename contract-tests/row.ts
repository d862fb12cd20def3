import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { environment } from '../bench/process.js';

/** The key that the tools send. It belongs to the bundled fixtures. */
export const KEY = 'pat.acme.dev.local';

/** What a row is run against. */
export interface Context {
  /** What to test, such as `http://127.0.0.1:1234`: the server, or a proxy in front of it. */
  url: string;
  /** The server itself, with its admin API. */
  server: string;
  /** The path of the served document, YAML. */
  document: string;
  /** A folder for temporary files, one per run. */
  folder: string;
}

export interface Result {
  checks: number;
  passed: number;
  /** What the tool printed; shown if a check failed. */
  output: string;
}

/** A program that a row needs and that npm cannot install. */
export type Runtime = 'java' | 'javac' | 'mvn' | 'python3' | 'go';

/** One line of the table: a contract tool, or a client. */
export interface Row {
  tool: string;
  needs?: readonly Runtime[];
  /** Installs what npm does not; returns the version of the tool. Throws an Error if it cannot be installed. */
  prepare(): Promise<string>;
  run(context: Context): Promise<Result>;
}

interface Options {
  cwd?: string;
  env?: Record<string, string>;
}

/** Runs a program; resolves with its output when it has ended, however it ended. */
export function runProgram(
  program: string,
  args: readonly string[],
  { cwd, env }: Options = {},
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...environment(), NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output: Buffer.concat(chunks).toString() }));
  });
}

/** Returns the result of a tool that prints its counts; no match, or a bad exit code without a failed check, is a failure. */
export function toResult({ code, output }: { code: number | null; output: string }, checks: RegExp, passed: RegExp) {
  const read = (pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? 0);
  const result = { checks: Math.max(1, read(checks)), passed: read(passed), output };
  if (code !== 0 && result.passed === result.checks) result.passed = 0;
  return result;
}

/** The path of a file in an installed package. */
export const packageFile = (name: string, file: string) => join(packageFolder(name), file);

/** The version of an installed package. */
export const packageVersion = async (name: string): Promise<string> =>
  JSON.parse(readFileSync(packageFile(name, 'package.json'), 'utf8')).version;

const packageFolder = (name: string) => join(dirname(__filename), 'node_modules', name);
