import { join } from 'node:path';
import { requireStatus } from '../ask.js';
import { ROOT, readVersion } from '../files.js';
import {
  ERROR_ROWS,
  FOUND_BODY,
  makeWorkload,
  makeWorkloads,
  type Request,
  SESSION,
  type Workloads,
} from '../workloads.js';
import type { Preparer, Server } from './server.js';

/** The built command of this project. */
const CLI = join(ROOT, 'dist/cli.js');

/** A request for a version of the bundled fixtures. */
export const BUNDLED: Request = {
  path: '/har/api/v1/registry/acme/platform/web/images/+/artifact/library/nginx/+/version/1.25.3/details',
  headers: { 'x-api-key': 'pat.acme.dev.local' },
  status: 200,
  contains: FOUND_BODY,
};

/** Prepares this server with its default options: with the bundled fixtures, in memory, in a file and with a fault. */
export const prepareMock: Preparer = ({ folder, fixtures, lists: { published } }) => {
  const flags = fixtures.flatMap((file) => ['--fixtures', file]);
  const session = makeMock(flags, makeWorkloads(['session'], published));
  return [
    makeMock([], {}),
    makeMock(flags, makeWorkloads(['distinct', 'repeated', ...ERROR_ROWS], published)),
    makeMock([...flags, '--db', join(folder, 'rows.db')], { file: makeWorkload('file', published) }),
    { ...session, setUp: armFault },
  ];
};

/** Creates a process of this server. Without workloads, it serves the bundled fixtures. */
export function makeMock(flags: readonly string[], workloads: Workloads): Server {
  return {
    name: 'mock',
    title: 'this server',
    version: readVersion(join(ROOT, 'package.json')),
    command: (port) => [process.execPath, CLI, '--port', String(port), ...flags],
    first: Object.values(workloads)[0] ?? BUNDLED,
    workloads,
    note: 'all options have their defaults: keys, grants, validation, journal and metrics are on',
  };
}

/** Arms a fault in the session of the workload that none of its requests matches. */
function armFault(url: string): Promise<void> {
  const body = { match: { artifact: 'other' }, fault: { code: 500 } };
  return requireStatus(url, { method: 'POST', path: '/__admin/faults', headers: SESSION, body, status: 201 });
}
