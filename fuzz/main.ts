import { randomInt } from 'node:crypto';
import { Failure, formatFailure } from './failure.js';
import { HELP, type Plan, parseOptions, UsageError } from './options.js';
import { SUITES, type SuiteName } from './suites.js';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Runs the suites of a plan, all of them, and returns whether none found anything. */
async function run({ suites, seed, duration }: Plan): Promise<boolean> {
  say(`seed ${seed}`);
  const endless = suites.filter((name) => SUITES[name].isEndless).length;
  let isClean = true;
  for (const name of suites) isClean = (await runSuite(name, seed, duration / endless)) && isClean;
  return isClean;
}

async function runSuite(name: SuiteName, seed: number, duration: number): Promise<boolean> {
  const begin = performance.now();
  const sayOfSuite = (text: string) => say(`${name.padEnd(10)} ${formatTime(performance.now() - begin)}  ${text}`);
  try {
    sayOfSuite(`passed: ${await SUITES[name].run({ seed, duration, say: sayOfSuite })}`);
    return true;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(formatFailure(name, error));
    return false;
  }
}

function formatTime(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000);
  return `${String(Math.floor(seconds / 60)).padStart(3)}:${String(seconds % 60).padStart(2, '0')}`;
}

// What ends this process ends the servers too, by what is registered for its exit.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

try {
  const plan = parseOptions(process.argv.slice(2), randomInt(2 ** 31));
  if (plan === undefined) process.stdout.write(HELP);
  else if (!(await run(plan))) process.exitCode = 1;
} catch (error) {
  process.stderr.write(error instanceof UsageError ? `${error.message}\n\n${HELP}` : `${(error as Error).message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
