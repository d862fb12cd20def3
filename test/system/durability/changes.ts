import { copyFileSync, existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFixtures } from '../../../src/seed/write.js';
import { openStore, type Store } from '../../../src/store/store.js';
import { type Owner, pollUntil, type Run, spawnBuild, spawnBuiltServer } from '../../spawn.js';
import { makeFixture, readState, target } from './states.js';

/** The data of a store, and the data that a reset returns to; both as hashes. */
export interface State {
  data: string;
  origin: string;
}

/** A change of a store in a file, during which a server is killed. */
export interface Change {
  name: string;
  before: State;
  after: State;
  /** Puts the store before the change into a folder, and starts a server on it. */
  prepare(owner: Owner, folder: string): Promise<Started>;
  /** The arguments of a server on the folder. */
  args(folder: string): string[];
  /** Paths, at least one of which is found in either state. */
  targets: string[];
}

/** A server before a change. */
export interface Started {
  run: Run;
  /** Starts the change; resolves once it is done, and never if the server is killed first. */
  change(): Promise<unknown>;
}

/** The file of the store in a folder. */
export const storeIn = (folder: string): string => join(folder, 'store.db');

const DATA = ['--auth', 'off', '--log-level', 'silent'];

/** Creates the changes, of `versions` versions each; the stores that they start from are kept in a folder. */
export function makeChanges(folder: string, versions: number): Change[] {
  const documents = { old: makeFixture('old', versions), new: makeFixture('new', versions) };
  const text = { old: JSON.stringify(documents.old), new: JSON.stringify(documents.new) };
  const make = (name: string, ...steps: ((store: Store) => void)[]) => {
    const file = join(folder, `${name}.db`);
    const store = openStore(file);
    for (const step of steps) step(store);
    store.close();
    return { file, data: readState(file) };
  };
  const load =
    (document: keyof typeof documents) =>
    ({ seed }: Store) =>
      writeFixtures([documents[document]], seed);
  const mergeNew = ({ merge }: Store) => writeFixtures([documents.new], merge);
  const states = {
    empty: make('empty'),
    old: make('old', load('old')),
    new: make('new', load('new')),
    merged: make('merged', load('old'), mergeNew),
  };
  const args = (place: string) => [...DATA, '--db', storeIn(place), '--fixtures', join(place, 'fixture.json')];

  const start = async (owner: Owner, place: string, from: string, flags: string[] = []) => {
    copyFileSync(from, storeIn(place));
    writeFileSync(join(place, 'fixture.json'), text.old);
    return spawnBuiltServer(owner, ...args(place), ...flags);
  };
  const original = ({ data }: { data: string }): State => ({ data, origin: data });
  const changed = ({ data }: { data: string }): State => ({ data, origin: states.old.data });

  return [
    {
      name: 'seeding',
      before: original(states.empty),
      after: original(states.old),
      args,
      targets: [target('old')],
      async prepare(owner, place) {
        writeFileSync(join(place, 'fixture.json'), text.old);
        const run = spawnBuild(owner, ['--port', '0', ...args(place)]);
        await pollUntil(async () => existsSync(storeIn(place)), Boolean);
        return { run, change: () => run.until(/^Listening/m) };
      },
    },
    {
      name: 'reload',
      before: original(states.old),
      after: original(states.new),
      args,
      targets: [target('old'), target('new')],
      async prepare(owner, place) {
        const { run, url } = await start(owner, place, states.old.file, ['--watch']);
        writeFileSync(join(place, 'fresh'), text.new);
        return {
          run,
          change() {
            renameSync(join(place, 'fresh'), join(place, 'fixture.json'));
            return pollUntil(
              () => fetch(url + target('new')),
              ({ status }) => status === 200,
            );
          },
        };
      },
    },
    {
      name: 'merge',
      before: original(states.old),
      after: changed(states.merged),
      args,
      targets: [target('old')],
      async prepare(owner, place) {
        const { run, url } = await start(owner, place, states.old.file);
        const headers = { 'content-type': 'application/json' };
        return { run, change: () => succeed(`${url}/__admin/fixtures`, { method: 'PUT', headers, body: text.new }) };
      },
    },
    {
      name: 'reset',
      before: changed(states.merged),
      after: original(states.old),
      args,
      targets: [target('old')],
      async prepare(owner, place) {
        const { run, url } = await start(owner, place, states.merged.file);
        return { run, change: () => succeed(`${url}/__admin/reset`, { method: 'POST' }) };
      },
    },
  ];
}

async function succeed(url: string, options: RequestInit): Promise<void> {
  const { ok, status } = await fetch(url, options);
  if (!ok) throw new Error(`${options.method} ${url}: ${status}`);
}
