import { join } from 'node:path';
import { ROOT, requirePackageFile } from '../files.js';
import { type Service, startService } from '../service.js';

/**
 * Starts Prism between a client and a server: it answers what the server does unless the request or the answer violates
 * the project's OpenAPI document, and an error then. Throws an Error where it is not installed or does not start.
 */
export function startPrism(upstream: string): Promise<Service> {
  const script = requirePackageFile('@stoplight/prism-cli', 'dist/index.js');
  const flags = ['--errors', '--host', '127.0.0.1', '--port', '0'];
  return startService([script, 'proxy', ...flags, join(ROOT, 'openapi.yaml'), upstream], /is listening on (http:\S+)/);
}

/** Whether an answer is an objection of Prism's own. */
export const isObjection = (text: string): boolean => text.includes('https://stoplight.io/prism/errors#');
