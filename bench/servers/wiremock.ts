import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OTHER_KEY, UNKNOWN_SUFFIX } from '../data.js';
import { findPackageFile, readPackageVersion } from '../files.js';
import { ERROR_BODIES, ERROR_ROWS, FOUND_BODY, makeWorkload, makeWorkloads } from '../workloads.js';
import type { Preparer } from './server.js';

const TITLE = 'WireMock';

/** Prepares WireMock with a stub for each answer. */
export const prepareWiremock: Preparer = ({ folder, lists: { published } }) => {
  const jar = findJar();
  if (jar === undefined) return { title: TITLE, reason: 'the package wiremock is not installed' };
  if (spawnSync('java', ['-version']).error !== undefined) return { title: TITLE, reason: 'java is not installed' };
  const mappings = join(folder, 'wiremock/mappings');
  mkdirSync(mappings, { recursive: true });
  writeFileSync(join(mappings, 'all.json'), JSON.stringify({ mappings: stubs }));
  return [
    {
      name: 'wiremock',
      title: TITLE,
      version: readPackageVersion('wiremock'),
      command: (port) => ['java', '-jar', jar, '--root-dir', dirname(mappings), ...flags(port)],
      first: makeWorkload('distinct', published),
      workloads: makeWorkloads(['distinct', 'repeated', ...ERROR_ROWS], published),
      note:
        'one stub, which sends the same 200 to any target of the call, and a stub for each error; it looks nothing up. It ' +
        'has no sessions and no store in a file. Its journal has a limit of 10,000 entries, as ours; its default has none',
    },
  ];
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

const CALL = '/har/api/v1/registry/.+/version/[^/]+';

const matchers = {
  '401': { urlPathPattern: `${CALL}/details`, headers: { 'x-api-key': { absent: true } } },
  '403': { urlPathPattern: `${CALL}/details`, headers: { 'x-api-key': { equalTo: OTHER_KEY } } },
  '404': { urlPathPattern: `${CALL}${UNKNOWN_SUFFIX}/details` },
  '400': { urlPathPattern: `${CALL}/details`, queryParameters: { artifact_type: { equalTo: 'x' } } },
};

const makeStub = (priority: number, request: object, status: number, body: string): object => ({
  priority,
  request: { method: 'GET', ...request },
  response: { status, headers: { 'content-type': 'application/json' }, body },
});

const stubs = [
  ...ERROR_ROWS.map((row, index) => makeStub(index + 1, matchers[row], Number(row), JSON.stringify(ERROR_BODIES[row]))),
  makeStub(ERROR_ROWS.length + 1, { urlPathPattern: `${CALL}/details` }, 200, FOUND_BODY),
];
