import { listFixtureFiles } from './files.js';

/** The pause between two polls, in milliseconds. */
const INTERVAL = 250;

/** How many intervals a change waits for files that keep changing. */
const MAX_INTERVALS = 8;

/** The pause is at least this many times as long as the poll before it: a large folder must not keep a core busy. */
const MIN_PAUSE = 4;

/**
 * Polls the fixture files of paths: every 250 ms it lists them and compares sizes, modification times and inodes. This
 * also works on bind mounts and network file systems, and after a folder was deleted and created again. A change is
 * reported once it is unchanged for one poll, and at the latest after 8 polls. Nothing is reported twice, nor after the
 * returned function was called, which stops polling.
 *
 * @param onChange gets the problem if the fixtures can no longer be listed, for example because there is none
 */
export function watchFixtures(
  paths: readonly string[],
  onChange: (problem?: string) => void,
  interval = INTERVAL,
): () => void {
  let timer: NodeJS.Timeout;
  let [reported] = takeSnapshot(paths);
  let last = reported;
  let waited = 0;

  const poll = () => {
    const start = performance.now();
    const [state, problem] = takeSnapshot(paths);
    schedule(Math.max(interval, MIN_PAUSE * (performance.now() - start)));
    waited = state === reported ? 0 : waited + 1;
    if (waited > 0 && (state === last || waited >= MAX_INTERVALS)) {
      reported = state;
      waited = 0;
      onChange(problem);
    }
    last = state;
  };
  const schedule = (pause: number) => {
    timer = setTimeout(poll, pause).unref();
  };
  schedule(interval);
  return () => clearTimeout(timer);
}

/** Returns the state of all fixture files as text; an empty one, and the problem, if they cannot be listed. */
function takeSnapshot(paths: readonly string[]): [state: string, problem?: string] {
  try {
    const { files } = listFixtureFiles(paths);
    return [files.flatMap(({ path, stats }) => [path, stats.size, stats.mtimeNs, stats.ino]).join('\n')];
  } catch (error) {
    return ['', (error as Error).message];
  }
}
