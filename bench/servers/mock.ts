import { join } from 'node:path';
import { makeRequests, PUBLISHED, type Requests } from '../answers.js';
import { ROOT, readVersion } from '../files.js';
import type { Preparer, Server } from './server.js';

/** The built command line of this project. */
export const MOCK = join(ROOT, 'dist/cli.js');

const common = makeRequests(PUBLISHED);
const requests: Requests = {
  ...common,
  'first hit': { ...common.hit, headers: { ...common.hit.headers, 'x-mock-session': 'bench' } },
};

/** Prepares this server with the bundled fixtures and all its defaults. */
export const prepareMock: Preparer = (name) => makeMock(name, []);

/** Makes this server with further flags. */
export function makeMock(name: string, flags: readonly string[]): Server {
  return {
    name,
    title: 'this server',
    version: readVersion(join(ROOT, 'package.json')),
    command: (port) => [process.execPath, MOCK, '--port', String(port), ...flags],
    requests,
    note:
      'keys, validation and journal are on, as they are unless they are turned off. An answer is repeated for the same ' +
      'target and key; the *first hit* is asked for in a session, where none is',
  };
}
