import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BENCH } from '../files.js';
import { UsageError } from '../options.js';
import { HELP, type Plan, parseOptions } from './options.js';
import { drawSoak, formatSoak } from './report.js';
import { soak } from './run.js';

const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function run(plan: Plan): Promise<void> {
  const found = await soak(plan, say);
  const text = formatSoak(found);
  process.stdout.write(text);
  if (plan.out === undefined) return;
  mkdirSync(plan.out, { recursive: true });
  writeFileSync(join(plan.out, 'soak.md'), text);
  writeFileSync(join(plan.out, 'soak.svg'), drawSoak(found));
}

// What ends this process ends the server too, by what is registered for its exit.
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
