import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { BODIES, ENCODED, makeRequests, type Requests } from '../answers.js';
import { findPackageFile, ROOT, readPackageVersion } from '../files.js';
import type { Preparer } from './server.js';

const PACKAGE = '@stoplight/prism-cli';

/** Prepares Prism on the project's OpenAPI document, with the measured answers as its examples. */
export const preparePrism: Preparer = (name, folder) => {
  const script = findPackageFile(PACKAGE, 'dist/index.js');
  if (script === undefined) return { title: 'Prism', reason: `${PACKAGE} is not installed` };
  const document = join(folder, 'prism.yaml');
  writeFileSync(document, writeDocument(readFileSync(join(ROOT, 'openapi.yaml'), 'utf8')));
  return {
    name,
    title: 'Prism',
    version: readPackageVersion(PACKAGE),
    command: (port) => [process.execPath, script, 'mock', ...flags(port), document],
    requests,
    note:
      'serves openapi.yaml with this hit as its example, at a URL that is encoded throughout: the documented one is 404 ' +
      'to it. Logs are off; it knows no versions, hence no 404. The last release for Node 20',
  };
};

const flags = (port: number): string[] => ['--host', '127.0.0.1', '--port', String(port), '--verboseLevel', 'silent'];

const { 404: _, ...requests }: Requests = makeRequests(ENCODED);

function writeDocument(text: string): string {
  const document = parse(text);
  const [path] = Object.values<{ get: { responses: Record<string, { content: Record<string, object> }> } }>(
    document.paths,
  );
  const { responses } = path?.get ?? {};
  for (const [status, example] of Object.entries({ ...BODIES, 200: BODIES.hit }))
    Object.assign(responses?.[status]?.content['application/json'] ?? {}, { example });
  return stringify(document);
}
