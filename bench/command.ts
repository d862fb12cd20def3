import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BENCH } from './files.js';
import { UsageError } from './options.js';

/** Reports the progress of a run. */
export type Progress = (step: string) => void;

/** A command of the benchmark. */
export interface Command<Plan> {
  help: string;
  /** Parses the arguments; returns undefined for `--help`. Throws a UsageError. */
  parseOptions(args: readonly string[], results: string): Plan | undefined;
  /** Runs a plan with an empty folder for its files; returns the results by file name. The first goes to stdout. */
  run(plan: Plan, folder: string, progress: Progress): Promise<Record<string, string>>;
}

const report: Progress = (text) => void process.stderr.write(`${text}\n`);

/** Runs a command with the arguments of this process. */
export async function runCommand<Plan extends { out: string | undefined }>(command: Command<Plan>): Promise<void> {
  // Exit handlers stop the servers.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
  try {
    const plan = command.parseOptions(process.argv.slice(2), BENCH);
    if (plan === undefined) return void process.stdout.write(command.help);
    const results = await command.run(plan, makeFolder(), report);
    process.stdout.write(Object.values(results)[0] as string);
    if (plan.out !== undefined) writeResults(plan.out, results);
  } catch (error) {
    const isUsageError = error instanceof UsageError;
    report((error as Error).message + (isUsageError ? `\n\n${command.help}` : ''));
    process.exitCode = isUsageError ? 2 : 1;
  }
}

/** Makes an empty folder that is removed when this process exits. */
function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'harness-registry-mock-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function writeResults(folder: string, results: Record<string, string>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(results)) writeFileSync(join(folder, name), text);
}
