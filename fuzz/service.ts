import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { environment, readMemory } from '../bench/process.js';
import { ROOT } from './files.js';

/** A server in a process of its own. */
export interface Service {
  readonly url: string;
  readonly port: number;
  /** Describes how the process ended, or what it has printed since it was ready; undefined if it runs and prints nothing. */
  trouble(): string | undefined;
  /** Returns the resident memory, in bytes. */
  readMemory(): number;
  /** Returns the number of its file descriptors. */
  countDescriptors(): number;
  /** Ends the process, and waits until it has ended. */
  stop(): Promise<void>;
}

/** How much of the last output of a process is kept, in characters. */
const MAX_OUTPUT = 4_000;

/** How long a process may take to end before it is killed, in milliseconds. */
const STOP_TIMEOUT = 5_000;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts the built server on a free port. Throws an Error if it does not start. */
export function startServer(nodeFlags: readonly string[] = []): Promise<Service> {
  const program = [join(ROOT, 'dist/cli.js'), '--port', '0', '--log-level', 'error'];
  return startService([...nodeFlags, ...program], /^Listening on (http:\S+)\n/m);
}

/**
 * Starts a Node program and waits until its output matches `ready`, whose first group is the URL. It is killed when this
 * process exits. Throws an Error with its output if it ends before.
 */
export function startService(args: readonly string[], ready: RegExp): Promise<Service> {
  const child = spawn(process.execPath, args, { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let output = '';
  let isReady = false;
  let end: string | undefined;
  const ended = new Promise<void>((resolve) => {
    child.on('close', (code, signal) => {
      running.delete(child);
      end = `${args[0]} ended with ${signal ?? `exit code ${code}`}:\n${output}`;
      resolve();
    });
  });
  return new Promise((resolve, reject) => {
    void ended.then(() => reject(new Error(end)));
    const collect = (text: string) => {
      output = (output + text).slice(-MAX_OUTPUT);
      const url = isReady ? undefined : ready.exec(output)?.[1];
      if (url === undefined) return;
      isReady = true;
      output = '';
      resolve({
        url,
        port: Number(new URL(url).port),
        trouble: () => end ?? (output === '' ? undefined : `${args[0]} printed:\n${output}`),
        readMemory: () => readMemory(child.pid as number),
        countDescriptors: () => readdirSync(`/proc/${child.pid}/fd`).length,
        async stop() {
          child.kill('SIGTERM');
          const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT);
          await ended;
          clearTimeout(timer);
        },
      });
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
  });
}
