import type { Test } from 'tap';
import { FixtureError } from '../../src/seed/document.js';
import { writeFixtures } from '../../src/seed/write.js';
import { openStore, type Store } from '../../src/store/store.js';

/** The files of a temporary folder by name; a mapping is a folder. */
export interface Folder {
  [name: string]: string | Buffer | Folder;
}

/** Loads a folder of invalid fixtures into a new store; returns the message, with names relative to the folder. */
export function refuse(t: Test, folder: Folder, path = ''): string {
  const root = t.testdir(folder);
  try {
    writeFixtures([`${root}/${path}`], emptyStore(t).seed);
  } catch (error) {
    if (!(error instanceof FixtureError)) throw error;
    return error.message.replaceAll(`${root}/`, '');
  }
  return 'nothing is refused';
}

/** Loads a folder into a new store. */
export function accept(t: Test, folder: Folder): Store {
  return seedStore(t, [t.testdir(folder)]);
}

/** Loads fixtures into a new store in memory that closes with the test. */
export function seedStore(t: Test, sources: Parameters<typeof writeFixtures>[0]): Store {
  const store = emptyStore(t);
  writeFixtures(sources, store.seed);
  return store;
}

/** Opens an empty store in memory that closes with the test. */
export function emptyStore(t: Test): Store {
  const store = openStore();
  t.teardown(() => store.close());
  return store;
}

/** A document with one version that has the given lines. */
export function yamlVersion(...lines: string[]): string {
  const head = [
    'registries:',
    '  - ref: acme/images',
    '    packageType: DOCKER',
    '    artifacts:',
    '      - name: app',
    '        versions:',
    '          - version: "1"',
  ];
  return [...head, ...lines.map((line) => `            ${line}`), ''].join('\n');
}

/** A line of an NDJSON fixture. */
export function bulkLine(fields: Record<string, unknown> = {}): string {
  return JSON.stringify({ registry: 'acme/images', packageType: 'DOCKER', artifact: 'app', version: '1', ...fields });
}
