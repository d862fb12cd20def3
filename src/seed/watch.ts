import { readdir, realpath, stat } from 'node:fs/promises';
import { type Call, type Listing, walkFixtures } from './files.js';

/** The pause between two polls, in milliseconds. */
const INTERVAL = 250;

/** How many intervals a change waits for files that keep changing. */
const MAX_INTERVALS = 8;

/** The pause is at least this many times as long as the poll before it: a large folder must not keep a core busy. */
const MIN_PAUSE = 4;

export interface WatchHandlers {
  /** The fixtures have changed, or are there again. */
  onChange(): void;
  /** The fixtures can no longer be listed, for example because there is none; called once until they are back. */
  onMissing(problem: string): void;
}

/** The state of all fixture files as text; empty, with the problem, if they cannot be listed. */
interface Snapshot {
  state: string;
  problem?: string;
}

/**
 * Polls the fixture files of paths: every 250 ms it lists them and compares sizes, modification times and inodes. This
 * also works on bind mounts and network file systems, and after a folder was deleted and created again. A change is
 * reported once it is unchanged for one poll, and at the latest after 8 polls. Nothing is reported twice, nor after the
 * returned function was called, which stops polling.
 */
export async function watchFixtures(
  paths: readonly string[],
  { onChange, onMissing }: WatchHandlers,
  interval = INTERVAL,
): Promise<() => void> {
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let { state: reported } = await takeSnapshot(paths);
  let last = reported;
  let waited = 0;

  const poll = async () => {
    const start = performance.now();
    const { state, problem } = await takeSnapshot(paths);
    if (isStopped) return;
    waited = state === reported ? 0 : waited + 1;
    if (waited > 0 && (state === last || waited >= MAX_INTERVALS)) {
      reported = state;
      waited = 0;
      if (problem === undefined) onChange();
      else onMissing(problem);
    }
    last = state;
    schedule(Math.max(interval, MIN_PAUSE * (performance.now() - start)));
  };
  const schedule = (pause: number) => {
    timer = setTimeout(poll, pause).unref();
  };
  schedule(interval);
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

async function takeSnapshot(paths: readonly string[]): Promise<Snapshot> {
  try {
    const { files } = await list(paths);
    return {
      state: files.map(({ path, stats }) => [path, stats.size, stats.mtimeNs, stats.ino].join('\n')).join('\n'),
    };
  } catch (error) {
    return { state: '', problem: (error as Error).message };
  }
}

async function list(paths: readonly string[]): Promise<Listing> {
  const walk = walkFixtures(paths);
  let step = walk.next();
  while (!step.done) step = walk.next(await call(step.value).catch((error: unknown) => error));
  return step.value;
}

function call({ name, path }: Call): Promise<unknown> {
  if (name === 'stat') return stat(path, { bigint: true });
  return name === 'readdir' ? readdir(path) : realpath(path);
}
