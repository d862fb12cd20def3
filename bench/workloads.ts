import { readFileSync } from 'node:fs';
import { KEY, OTHER_KEY, type TargetLists, VERSIONS } from './data.js';

/** What is measured of every server that can do it, in the order of the report, with the words of the report. */
export const ROW_TITLES = {
  distinct: `${VERSIONS.toLocaleString('en-GB')} distinct targets`,
  file: 'the same from a `--db` file',
  repeated: 'one repeated target',
  session: 'in a session with an armed fault',
  '401': '401, distinct targets',
  '403': '403, distinct targets',
  '404': '404, distinct targets',
  '400': '400, distinct targets',
} as const;

export type Row = keyof typeof ROW_TITLES;

export const ROWS = ['distinct', 'file', 'repeated', 'session', '401', '403', '404', '400'] as const satisfies Row[];

/** The errors that are measured. */
export type ErrorRow = Extract<Row, `${number}`>;

export const ERROR_ROWS = ['401', '403', '404', '400'] as const satisfies ErrorRow[];

/** A request and the answer that it must get. */
export interface Request {
  path: string;
  headers: Record<string, string>;
  status: number;
  /** A part of the body. */
  contains: string;
}

/** Requests with the same kind of answer. */
export interface Workload extends Request {
  /** A file of targets, one a line; `path` is the first. */
  targets: string;
}

/** What a server is measured with. */
export type Workloads = Partial<Record<Row, Workload>>;

/** The body of a 200 of the servers that always send the same; this server sends it for a bundled version. */
export const FOUND_BODY = JSON.stringify({
  status: 'SUCCESS',
  data: {
    version: '1.25.3',
    packageType: 'DOCKER',
    name: 'library/nginx',
    size: '69.56MB',
    createdAt: '1704067200000',
    createdBy: 'admin@example.com',
    modifiedAt: '1704153600000',
    downloadCount: 42,
    isQuarantined: false,
    pullCommand: 'docker pull pkg.example.com/acme/images/library/nginx:1.25.3',
  },
});

/** The bodies of errors, as this server sends them. */
export const ERROR_BODIES: Record<ErrorRow, object> = {
  '401': { code: '401', message: 'unauthorized' },
  '403': { code: '403', message: 'forbidden' },
  '404': { code: '404', message: 'Artifact version not found' },
  '400': {
    code: '400',
    message: 'invalid parameter',
    details: { field: 'artifact_type', value: 'x', reason: 'must be given once and be exactly model or dataset' },
  },
};

/** The session of the row `session`. */
export const SESSION = { 'x-mock-session': 'bench' };

const FOUND = { status: 200, contains: 'SUCCESS' };
const WITH_KEY = { 'x-api-key': KEY };

/** Creates the workload of a row. */
export function makeWorkload(row: Row, lists: TargetLists): Workload {
  const error = (targets: string, headers: Record<string, string>) =>
    makeRequests(targets, headers, { status: Number(row), contains: JSON.stringify(ERROR_BODIES[row as ErrorRow]) });
  switch (row) {
    case '401':
      return error(lists.found, {});
    case '403':
      return error(lists.found, { 'x-api-key': OTHER_KEY });
    case '404':
      return error(lists.unknown, WITH_KEY);
    case '400':
      return error(lists.invalid, WITH_KEY);
    case 'repeated':
      return makeRequests(lists.one, WITH_KEY, FOUND);
    case 'session':
      return makeRequests(lists.found, { ...WITH_KEY, ...SESSION }, FOUND);
    default:
      return makeRequests(lists.found, WITH_KEY, FOUND);
  }
}

/** Creates the workloads of some rows. */
export function makeWorkloads(rows: readonly Row[], lists: TargetLists): Workloads {
  return Object.fromEntries(rows.map((row) => [row, makeWorkload(row, lists)]));
}

/** Creates a workload of the targets in a file. */
export function makeRequests(
  targets: string,
  headers: Record<string, string>,
  answer: Pick<Request, 'status' | 'contains'>,
): Workload {
  const [path = ''] = readFileSync(targets, 'utf8').split('\n', 1);
  return { targets, path, headers, ...answer };
}
