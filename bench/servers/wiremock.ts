import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BODIES, type CommonAnswer, HIT_BODY, makeRequests, PUBLISHED } from '../answers.js';
import { findPackageFile, readPackageVersion } from '../files.js';
import type { Preparer } from './server.js';

const TITLE = 'WireMock';

/** Prepares WireMock with a stub for each of the answers; left out where there is no Java. */
export const prepareWiremock: Preparer = (name, folder) => {
  const jar = findJar();
  if (jar === undefined) return { title: TITLE, reason: 'the package wiremock is not installed' };
  if (spawnSync('java', ['-version']).error !== undefined) return { title: TITLE, reason: 'there is no java here' };
  const mappings = join(folder, 'wiremock/mappings');
  mkdirSync(mappings, { recursive: true });
  writeFileSync(join(mappings, 'all.json'), JSON.stringify({ mappings: stubs }));
  return {
    name,
    title: TITLE,
    version: readPackageVersion('wiremock'),
    command: (port) => ['java', '-jar', jar, '--root-dir', dirname(mappings), ...flags(port)],
    requests: makeRequests(PUBLISHED),
    note:
      'a stub an answer, written by hand, for the documented URL as a whole. Its journal is bounded as ours is, to ' +
      '10,000 entries; it has no bound otherwise',
  };
};

function findJar(): string | undefined {
  const manifest = findPackageFile('wiremock', 'package.json');
  if (manifest === undefined) return undefined;
  const folder = join(dirname(manifest), 'build');
  const jar = readdirSync(folder).find((name) => name.endsWith('.jar'));
  return jar && join(folder, jar);
}

const flags = (port: number): string[] => [
  ...['--bind-address', '127.0.0.1', '--port', String(port), '--disable-banner'],
  ...['--max-request-journal-entries', '10000'],
];

const stub = (priority: number, answer: CommonAnswer, request: object): object => ({
  priority,
  request: { method: 'GET', ...request },
  response: {
    status: answer === 'hit' ? 200 : Number(answer),
    headers: { 'content-type': 'application/json' },
    body: answer === 'hit' ? HIT_BODY : JSON.stringify(BODIES[answer]),
  },
});

const anyVersion = { urlPathPattern: '/har/api/v1/registry/.+/version/[^/]+/details' };

const stubs = [
  stub(1, '401', { ...anyVersion, headers: { 'x-api-key': { absent: true } } }),
  stub(2, '400', { ...anyVersion, queryParameters: { artifact_type: { matches: '.*' } } }),
  stub(3, 'hit', { urlPath: makeRequests(PUBLISHED).hit.path }),
  stub(4, '404', anyVersion),
];
