import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';

/** How long a test waits for a condition, in milliseconds. */
const TIMEOUT = 60_000;

/** A process under test, with its output so far. */
export interface Run {
  child: ChildProcess;
  stdout: string;
  stderr: string;
  /** Resolves with the exit code, or with the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
  /** Waits until stdout matches; rejects if the process ends first. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
}

/** The environment of the children, without the options of a server. */
const inherited = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('REGISTRY_MOCK_')),
);

/** A test, or anything else that runs functions at its end. */
export type Owner = Pick<Test, 'teardown'>;

/** Spawns a program; it is stopped at the end of the test. */
export function spawnProgram(t: Owner, program: string, args: readonly string[], environment = {}): Run {
  const child = spawn(program, args, { env: { ...inherited, ...environment } });
  const changes = new Set<() => void>();
  const change = () => {
    for (const check of changes) check();
  };
  let isOver = false;
  const run: Run = {
    child,
    stdout: '',
    stderr: '',
    ended: new Promise((resolve) => {
      child.on('close', (code, signal) => {
        isOver = true;
        resolve(code ?? (signal as NodeJS.Signals));
        change();
      });
    }),
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const giveUp = (why: string) => reject(new Error(`${why} before ${pattern}:\n${run.stdout}\n${run.stderr}`));
        const timer = setTimeout(() => giveUp('no output'), TIMEOUT);
        const check = () => {
          const match = pattern.exec(run.stdout);
          if (match === null && !isOver) return;
          clearTimeout(timer);
          changes.delete(check);
          if (match === null) giveUp('ended');
          else resolve(match);
        };
        changes.add(check);
        check();
      }),
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    run.stdout += text;
    change();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    run.stderr += text;
  });
  t.teardown(async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT);
    await run.ended;
    clearTimeout(timer);
  });
  return run;
}

/** The arguments for Node to run the command from its sources, with the test's loaders and coverage: it starts slowly. */
export const fromSource = (...args: string[]): string[] => [
  ...process.execArgv.filter((arg) => !arg.includes('@tapjs/mock')),
  'src/cli.ts',
  ...args,
];

/** Builds the command if a source is newer than the build. */
export function requireBuild(): void {
  const built = statSync('dist/bundle.js', { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' });
  if (sources.every((name) => statSync(join('src', name)).mtimeMs < built)) return;
  execFileSync(process.execPath, ['.config/build.mjs', '--no-types'], { stdio: 'inherit' });
}

/** The arguments for Node to run the built command. */
export const fromBuild = (...args: string[]): string[] => ['dist/cli.js', ...args];

/** Spawns the built command as a user would: without the loaders and the coverage of the test. */
export function spawnBuild(t: Owner, args: readonly string[], environment = {}): Run {
  return spawnProgram(t, process.execPath, fromBuild(...args), environment);
}

/** Spawns a built server on a free port and waits until it listens. */
export function spawnBuiltServer(t: Owner, ...args: string[]): Promise<Served> {
  return untilListening(spawnBuild(t, ['--port', '0', ...args]));
}

/** Spawns a server as `spawnBuiltServer`, with a small heap, in megabytes: a leak ends it. */
export function spawnSmallServer(t: Owner, heap: number, ...args: string[]): Promise<Served> {
  return untilListening(
    spawnProgram(t, process.execPath, [`--max-old-space-size=${heap}`, ...fromBuild('--port', '0', ...args)]),
  );
}

/** Spawns the command from its sources. */
export function spawnCli(t: Owner, args: readonly string[], environment = {}): Run {
  return spawnProgram(t, process.execPath, fromSource(...args), environment);
}

/** A process that serves. */
export interface Served {
  run: Run;
  url: string;
  port: number;
}

/** Spawns a server on a free port and waits until it listens. */
export function spawnServer(t: Owner, ...args: string[]): Promise<Served> {
  return untilListening(spawnCli(t, ['--port', '0', ...args]));
}

async function untilListening(run: Run): Promise<Served> {
  const [, url, port] = await run.until(/^Listening on (https?:\/\/.*:(\d+))\n/m);
  return { run, url: url as string, port: Number(port) };
}

/** Polls until a result is as wanted; returns it. */
export async function pollUntil<Answer>(ask: () => Promise<Answer>, isWanted: (answer: Answer) => boolean) {
  const end = Date.now() + TIMEOUT;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    if (Date.now() > end) throw new Error(`still ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
