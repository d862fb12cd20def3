import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { findPackageFile, ROOT, readPackageVersion } from '../files.js';
import { ERROR_BODIES, FOUND_BODY, makeWorkload, makeWorkloads } from '../workloads.js';
import type { Preparer } from './server.js';

const PACKAGE = '@stoplight/prism-cli';

/** Prepares Prism with the project's OpenAPI document, whose examples are the measured answers. */
export const preparePrism: Preparer = ({ folder, lists: { encoded } }) => {
  const script = findPackageFile(PACKAGE, 'dist/index.js');
  if (script === undefined) return { title: 'Prism', reason: `${PACKAGE} is not installed` };
  const document = join(folder, 'prism.yaml');
  writeFileSync(document, writeDocument(readFileSync(join(ROOT, 'openapi.yaml'), 'utf8')));
  const flags = (port: number) => ['--host', '127.0.0.1', '--port', String(port), '--verboseLevel', 'silent'];
  return [
    {
      name: 'prism',
      title: 'Prism',
      version: readPackageVersion(PACKAGE),
      command: (port) => [process.execPath, script, 'mock', ...flags(port), document],
      first: makeWorkload('distinct', encoded),
      workloads: makeWorkloads(['distinct', 'repeated', '401', '400'], encoded),
      note:
        'serves openapi.yaml: it sends the example to every valid request and looks nothing up. It has no data, grants or ' +
        'sessions, so no 403, no 404, no session and no file. Targets are percent-encoded, because it answers 404 to the ' +
        'documented ones. The last release for Node 20; logs are off',
    },
  ];
};

function writeDocument(text: string): string {
  const document = parse(text);
  const [path] = Object.values<{ get: { responses: Record<string, { content: Record<string, { schema: object }> }> } }>(
    document.paths,
  );
  const { responses } = path?.get ?? {};
  for (const [status, example] of Object.entries({ ...ERROR_BODIES, 200: JSON.parse(FOUND_BODY) })) {
    const { content = {} } = responses?.[status] ?? {};
    const { schema } = content['application/json'] ?? {};
    if (schema !== undefined) content['application/json'] = { schema, example } as { schema: object };
  }
  return stringify(document);
}
