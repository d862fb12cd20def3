import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A server's process. */
export interface Child {
  /** Throws an Error with the end of its stderr if the process has ended. */
  requireAlive(): void;
  /** Returns the resident memory, in bytes. */
  readMemory(): number;
  /** Returns the CPU time since its start, user and system, of all threads, in microseconds. */
  readCpu(): number;
  /** Ends it, and waits until it has ended. */
  stop(): Promise<void>;
}

/** How long a process may take to end before it is killed, in milliseconds. */
const STOP_TIMEOUT = 5_000;

/** How much of stderr is kept, in characters. */
const MAX_STDERR = 2_000;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Spawns a server without output; it is killed when this process exits. */
export function spawnChild(command: readonly string[]): Child {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { env: environment(), stdio: ['ignore', 'ignore', 'pipe'] });
  running.add(child);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-MAX_STDERR);
  });
  let isOver = false;
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      isOver = true;
      running.delete(child);
      resolve();
    };
    child.on('error', (error) => {
      stderr += error.message;
      end();
    });
    child.on('exit', end);
  });
  return {
    requireAlive() {
      if (isOver) throw new Error(`${command.join(' ')} has ended:\n${stderr}`);
    },
    readMemory: () => readMemory(child.pid as number),
    readCpu: () => readCpu(child.pid as number),
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** The environment of the servers, without the variables of this process that would change their defaults. */
export function environment(): NodeJS.ProcessEnv {
  const foreign = /^(?:NODE_OPTIONS|NODE_V8_COVERAGE|REGISTRY_MOCK_|MOCKOON_|npm_|_?TAP)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

/** Returns the resident memory of a process, in bytes. */
export function readMemory(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024;
}

/** Linux counts CPU time in hundredths of a second (`getconf CLK_TCK`). */
const TICK = 10_000;

/** Returns the CPU time of a process, user and system, in microseconds. */
export function readCpu(pid: number): number {
  // The name of the program, in parentheses, may contain spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK;
}
