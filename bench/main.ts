import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BENCH } from './files.js';
import { HELP, type Plan, parseOptions, UsageError } from './options.js';
import { formatReport } from './report/markdown.js';
import { drawReport } from './report/picture.js';
import { runBenchmark } from './run.js';

const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function run(plan: Plan): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'harness-registry-mock-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const report = await runBenchmark(plan, folder, say);
  const text = formatReport(report);
  process.stdout.write(text);
  if (plan.out === undefined) return;
  mkdirSync(plan.out, { recursive: true });
  writeFileSync(join(plan.out, 'results.md'), text);
  const picture = drawReport(report);
  if (picture !== undefined) writeFileSync(join(plan.out, 'results.svg'), picture);
}

// What ends this process ends the servers too, by what is registered for its exit.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

try {
  const plan = parseOptions(process.argv.slice(2), BENCH);
  if (plan === undefined) process.stdout.write(HELP);
  else await run(plan);
} catch (error) {
  if (error instanceof UsageError) say(`${error.message}\n\n${HELP}`);
  else say((error as Error).message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
