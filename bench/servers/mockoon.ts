import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OTHER_KEY, UNKNOWN_SUFFIX } from '../data.js';
import { findPackageFile, readPackageVersion } from '../files.js';
import { ERROR_BODIES, ERROR_ROWS, type ErrorRow, FOUND_BODY, makeWorkload, makeWorkloads } from '../workloads.js';
import type { Preparer } from './server.js';

const PACKAGE = '@mockoon/cli';

/** Prepares Mockoon with an environment of one route, which has a rule for each error. */
export const prepareMockoon: Preparer = ({ folder, lists: { encoded } }) => {
  const script = findPackageFile(PACKAGE, 'bin/run.js');
  if (script === undefined) return { title: 'Mockoon', reason: `${PACKAGE} is not installed` };
  const file = join(folder, 'mockoon.json');
  writeFileSync(file, JSON.stringify(environment));
  const flags = (port: number) => ['--hostname', '127.0.0.1', '--port', String(port), '--disable-log-to-file'];
  return [
    {
      name: 'mockoon',
      title: 'Mockoon',
      version: readPackageVersion(PACKAGE),
      command: (port) => [process.execPath, script, 'start', '--data', file, ...flags(port)],
      first: makeWorkload('distinct', encoded),
      workloads: makeWorkloads(['distinct', 'repeated', ...ERROR_ROWS], encoded),
      note:
        'one route, which sends the same 200 unless the rule of an error matches; it looks nothing up. It has no sessions ' +
        'and no store in a file. Targets are percent-encoded, because it answers 404 to the documented ones. Templates ' +
        'and the log file are off',
    },
  ];
};

const rule = (target: string, modifier: string, operator: string, value: string): object => ({
  ...{ target, modifier, operator, value },
  invert: false,
});

/** The first response with a matching rule is sent, and the default one without a match. */
const rules: Record<ErrorRow, object> = {
  '401': rule('header', 'x-api-key', 'null', ''),
  '403': rule('header', 'x-api-key', 'equals', OTHER_KEY),
  '404': rule('params', 'version', 'regex', `${UNKNOWN_SUFFIX}$`),
  '400': rule('query', 'artifact_type', 'equals', 'x'),
};

const uuid = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

const makeResponse = (statusCode: number, body: string, index: number, rules: object[]): object => ({
  uuid: uuid(index + 2),
  label: '',
  statusCode,
  headers: [{ key: 'content-type', value: 'application/json' }],
  bodyType: 'INLINE',
  body,
  disableTemplating: true,
  rules,
  rulesOperator: 'OR',
  default: rules.length === 0,
  latency: 0,
  filePath: '',
  databucketID: '',
  sendFileAsBody: false,
  fallbackTo404: false,
  crudKey: 'id',
  callbacks: [],
});

const errors = ERROR_ROWS.map((row, index) =>
  makeResponse(Number(row), JSON.stringify(ERROR_BODIES[row]), index, [rules[row]]),
);

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
      responses: [...errors, makeResponse(200, FOUND_BODY, errors.length, [])],
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
