import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BODIES, type CommonAnswer, ENCODED, HIT_BODY, makeRequests } from '../answers.js';
import { findPackageFile, readPackageVersion } from '../files.js';
import type { Preparer } from './server.js';

const PACKAGE = '@mockoon/cli';

/** Prepares Mockoon on an environment of one route with a rule for each of the answers. */
export const prepareMockoon: Preparer = (name, folder) => {
  const script = findPackageFile(PACKAGE, 'bin/run.js');
  if (script === undefined) return { title: 'Mockoon', reason: `${PACKAGE} is not installed` };
  const file = join(folder, 'mockoon.json');
  writeFileSync(file, JSON.stringify(environment));
  return {
    name,
    title: 'Mockoon',
    version: readPackageVersion(PACKAGE),
    command: (port) => [process.execPath, script, 'start', '--data', file, ...flags(port)],
    requests: makeRequests(ENCODED),
    note:
      'one route with a rule an answer, written by hand, at a URL that is encoded throughout: the documented one is 404 ' +
      'to it. Templates are off, and so is the log file',
  };
};

const flags = (port: number): string[] => ['--hostname', '127.0.0.1', '--port', String(port), '--disable-log-to-file'];

/** Mockoon takes the first response whose rule holds, and the default one where none does. */
const rules: Record<CommonAnswer, object[]> = {
  '401': [{ target: 'header', modifier: 'x-api-key', operator: 'null', value: '', invert: false }],
  '400': [{ target: 'query', modifier: 'artifact_type', operator: 'null', value: '', invert: true }],
  '404': [{ target: 'params', modifier: 'version', operator: 'equals', value: '1.25.3', invert: true }],
  hit: [],
};

const uuid = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

const response = (answer: CommonAnswer, index: number): object => ({
  uuid: uuid(index + 2),
  label: '',
  statusCode: answer === 'hit' ? 200 : Number(answer),
  headers: [{ key: 'content-type', value: 'application/json' }],
  bodyType: 'INLINE',
  body: answer === 'hit' ? HIT_BODY : JSON.stringify(BODIES[answer]),
  disableTemplating: true,
  rules: rules[answer],
  rulesOperator: 'OR',
  default: answer === 'hit',
  latency: 0,
  filePath: '',
  databucketID: '',
  sendFileAsBody: false,
  fallbackTo404: false,
  crudKey: 'id',
  callbacks: [],
});

const environment = {
  uuid: uuid(0),
  lastMigration: 33,
  name: 'bench',
  endpointPrefix: '',
  latency: 0,
  port: 3000,
  hostname: '',
  folders: [],
  routes: [
    {
      uuid: uuid(1),
      type: 'http',
      documentation: '',
      method: 'get',
      endpoint: 'har/api/v1/registry/:registry_ref/artifact/:artifact/version/:version/details',
      responses: (['401', '400', '404', 'hit'] as const).map(response),
      responseMode: null,
      streamingMode: null,
      streamingInterval: 0,
    },
  ],
  rootChildren: [{ type: 'route', uuid: uuid(1) }],
  proxyMode: false,
  proxyHost: '',
  proxyRemovePrefix: false,
  tlsOptions: { enabled: false, type: 'CERT', pfxPath: '', certPath: '', keyPath: '', caPath: '', passphrase: '' },
  cors: true,
  headers: [],
  proxyReqHeaders: [],
  proxyResHeaders: [],
  data: [],
  callbacks: [],
};
