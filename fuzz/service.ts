import { type ChildProcess, spawn } from 'node:child_process';
import { environment, readMemory } from '../bench/process.js';

/** A server in a process of its own. */
export interface Service {
  readonly url: string;
  readonly port: number;
  readonly child: ChildProcess;
  /** Says how the process ended, or what it has written since it was ready; undefined while it lives and is silent. */
  trouble(): string | undefined;
  /** Returns how much memory it takes, in bytes. */
  readMemory(): number;
  /** Ends it, and waits until it has ended. */
  stop(): Promise<void>;
}

/** How much of what a process wrote last is kept, in characters. */
const LAST_WORDS = 4_000;

/** How long a process may take to end before it is killed, in milliseconds. */
const STOP_LIMIT = 5_000;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Starts a Node program that serves on a port of loopback and waits until it says so: takes its arguments, and what its
 * output says then, with the URL as the first group. It ends with this process at the latest. Throws an Error with what it
 * wrote where it ends before.
 */
export function startService(args: readonly string[], ready: RegExp): Promise<Service> {
  const child = spawn(process.execPath, args, { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let words = '';
  let isReady = false;
  let death: string | undefined;
  const ended = new Promise<void>((resolve) => {
    child.on('close', (code, signal) => {
      running.delete(child);
      death = `${args[0]} ended with ${signal ?? `exit code ${code}`}:\n${words}`;
      resolve();
    });
  });
  return new Promise((resolve, reject) => {
    void ended.then(() => reject(new Error(death)));
    const collect = (text: string) => {
      words = (words + text).slice(-LAST_WORDS);
      if (isReady) return;
      const url = ready.exec(words)?.[1];
      if (url === undefined) return;
      isReady = true;
      words = '';
      resolve(toService(child, url, ended, () => death ?? (words && `${args[0]} has written:\n${words}`)));
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
  });
}

function toService(child: ChildProcess, url: string, ended: Promise<void>, trouble: () => string | undefined): Service {
  return {
    url,
    port: Number(new URL(url).port),
    child,
    trouble: () => trouble() || undefined,
    readMemory: () => readMemory(child.pid as number),
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT);
      await ended;
      clearTimeout(timer);
    },
  };
}
