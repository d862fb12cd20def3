import { join } from 'node:path';
import { ROOT } from './files.js';
import { type Service, startService } from './service.js';

/** Starts the built server with the given flags on a free port, as a user runs it. Throws an Error where it does not start. */
export function startServer(...flags: string[]): Promise<Service> {
  const args = [join(ROOT, 'dist/cli.js'), '--port', '0', '--log-level', 'error', ...flags];
  return startService(args, /^Listening on (http:\S+)\n/m);
}
