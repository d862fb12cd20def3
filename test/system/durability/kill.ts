import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../../src/faults/sessions.js';
import { openStore } from '../../../src/store/store.js';
import { type Owner, spawnBuiltServer } from '../../spawn.js';
import { type Change, makeChanges, type State, storeIn } from './changes.js';
import { readState } from './states.js';

/** How many kills of a change left the store in the state before it, and how many in the state after it. */
export interface Kills {
  change: string;
  before: number;
  after: number;
}

/** Until when kills are drawn, as a multiple of the duration of the change. */
const OVERSHOOT = 1.2;

/**
 * Kills a built server at random moments of each change of a store in a file (seeding, reload, merge, reset). From 2,000
 * versions on, SQLite writes to the file before a change is complete. Throws an Error for a store that is damaged, in
 * neither state, or not served by the next start.
 */
export async function killRounds(
  rounds: number,
  seed: number,
  report: (line: string) => void,
  versions = 2_500,
): Promise<Kills[]> {
  const root = mkdtempSync(join(tmpdir(), 'registry-mock-kill-'));
  const random = createRandom(seed);
  try {
    const kills: Kills[] = [];
    for (const change of makeChanges(root, versions)) {
      const duration = await measure(change, join(root, change.name));
      const found = { change: change.name, before: 0, after: 0 };
      for (let round = 1; round <= rounds; round += 1) {
        const moment = random() * duration * OVERSHOOT;
        const folder = join(root, `${change.name}-${round}`);
        const state = await killOnce(change, folder, moment);
        found[state] += 1;
        report(
          `${change.name} ${round} of ${rounds}: killed at ${moment.toFixed()} of ${duration.toFixed()} ms, ${state}`,
        );
        rmSync(folder, { recursive: true });
      }
      kills.push(found);
    }
    return kills;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Returns the duration of a change without a kill, in milliseconds. */
async function measure(change: Change, folder: string): Promise<number> {
  return whileOwning(folder, async (owner) => {
    const started = await change.prepare(owner, folder);
    const begin = performance.now();
    await started.change();
    const duration = performance.now() - begin;
    started.run.child.kill('SIGKILL');
    await started.run.ended;
    if (stateOf(change, folder) === 'after') return duration;
    throw new Error(`${change.name}: not complete when it is answered`);
  });
}

/** Kills a server `moment` milliseconds after the start of a change; returns the state of the store. */
async function killOnce(change: Change, folder: string, moment: number): Promise<'before' | 'after'> {
  return whileOwning(folder, async (owner) => {
    const { run, change: begin } = await change.prepare(owner, folder);
    begin().catch(() => {});
    await sleep(moment);
    run.child.kill('SIGKILL');
    await run.ended;
    const state = stateOf(change, folder);
    requireOrigin(change[state], folder);
    await requireServed(change, folder, owner);
    return state;
  });
}

/** Opens the store as the next start does, and reads all data. */
function stateOf(change: Change, folder: string): 'before' | 'after' {
  openStore(storeIn(folder)).close();
  const data = readState(storeIn(folder));
  if (data === change.before.data) return 'before';
  if (data === change.after.data) return 'after';
  throw new Error(`${change.name}: the store is neither in the state before nor in the state after`);
}

/** Fails unless the data for a reset has survived too. */
function requireOrigin({ origin }: State, folder: string): void {
  const store = openStore(storeIn(folder));
  store.restore();
  store.close();
  if (readState(storeIn(folder)) !== origin) throw new Error('a reset does not return to the seeded data');
}

async function requireServed({ args, targets }: Change, folder: string, owner: Owner): Promise<void> {
  const { url } = await spawnBuiltServer(owner, ...args(folder));
  const answers = await Promise.all(targets.map(async (target) => (await fetch(url + target)).status));
  if (!answers.includes(200)) throw new Error(`the next start answers ${answers}`);
}

/** Creates a folder, and stops what was started there after use. */
async function whileOwning<Result>(folder: string, use: (owner: Owner) => Promise<Result>): Promise<Result> {
  const ends: (() => unknown)[] = [];
  mkdirSync(folder);
  try {
    return await use({ teardown: (end) => void ends.push(end) });
  } finally {
    for (const end of ends) await end();
  }
}
