import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** A server's process. */
export interface Child {
  /** Throws an Error with what the process wrote last, where it has ended. */
  requireAlive(): void;
  /** Returns how much memory it takes, in bytes. */
  readMemory(): number;
  /** Ends it, and waits until it has ended. */
  stop(): Promise<void>;
}

/** How long a process may take to end before it is killed, in milliseconds. */
const STOP_LIMIT = 5_000;

/** How much of its last words is kept, in characters. */
const LAST_WORDS = 2_000;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Spawns a server's process, whose output goes nowhere; it ends with this one at the latest. */
export function spawnChild(command: readonly string[]): Child {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { env: environment(), stdio: ['ignore', 'ignore', 'pipe'] });
  running.add(child);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-LAST_WORDS);
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
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** What the servers are told: nothing that was meant for this process, so that their defaults are their own. */
export function environment(): NodeJS.ProcessEnv {
  const foreign = /^(?:NODE_OPTIONS|NODE_V8_COVERAGE|REGISTRY_MOCK_|MOCKOON_|npm_|_?TAP)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

/** Returns how much memory a process takes, in bytes. */
export function readMemory(pid: number): number {
  const file = `/proc/${pid}/status`;
  const kibibytes = existsSync(file)
    ? /^VmRSS:\s+(\d+)/m.exec(readFileSync(file, 'utf8'))?.[1]
    : spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
  return Number(kibibytes) * 1_024;
}
