import { randomInt } from 'node:crypto';
import { Failure, formatFailure } from './failure.js';
import { HELP, MAX_SEED, type Plan, parseOptions, UsageError } from './options.js';
import { SUITES, type SuiteName } from './suites.js';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** Runs all suites of a plan; returns whether none of them failed. */
async function run({ suites, seed, duration }: Plan): Promise<boolean> {
  print(`seed ${seed}`);
  const timed = suites.filter((name) => SUITES[name].isTimed).length;
  let isClean = true;
  for (const name of suites) isClean = (await runSuite(name, seed, duration / timed)) && isClean;
  return isClean;
}

async function runSuite(name: SuiteName, seed: number, duration: number): Promise<boolean> {
  const begin = performance.now();
  const log = (text: string) => print(`${name.padEnd(10)} ${formatTime(performance.now() - begin)}  ${text}`);
  try {
    log(`passed: ${await SUITES[name].run({ seed, duration, log })}`);
    return true;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    print(formatFailure(name, error));
    return false;
  }
}

function formatTime(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000);
  return `${String(Math.floor(seconds / 60)).padStart(3)}:${String(seconds % 60).padStart(2, '0')}`;
}

async function main(): Promise<void> {
  try {
    const plan = parseOptions(process.argv.slice(2), randomInt(MAX_SEED));
    if (plan === undefined) process.stdout.write(HELP);
    else if (!(await run(plan))) process.exitCode = 1;
  } catch (error) {
    const { message } = error as Error;
    process.stderr.write(error instanceof UsageError ? `${message}\n\n${HELP}` : `${message}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

// The exit handlers end the servers.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

void main();
