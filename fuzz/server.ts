import { join } from 'node:path';
import { ROOT } from './files.js';
import { type Service, startService } from './service.js';

/** How the server and its Node are started, besides what is needed to find it. */
export interface ServerFlags {
  /** Flags of the server. */
  server?: readonly string[];
  /** Flags of Node. */
  node?: readonly string[];
}

/** Starts the built server on a free port, in a process of its own. Throws an Error where it does not start. */
export function startServer({ server = [], node = [] }: ServerFlags = {}): Promise<Service> {
  const program = join(ROOT, 'dist/cli.js');
  const args = [...node, program, '--port', '0', '--log-level', 'error', ...server];
  return startService(args, /^Listening on (http:\S+)\n/m);
}
