import { formatPath } from '../../src/api/spelling.js';
import { type CallParameters, formatQuery, KEY, listBundled } from '../bundled.js';

/** A call that the contract allows, and the expected status. */
export interface Call extends CallParameters {
  key: string;
  status: number;
}

/** The versions that fail on purpose with a status of the contract. */
const FAILING: Call[] = [
  ...[400, 401, 403, 404, 500].map((status) => ({ artifact: 'error', version: String(status), status })),
  ...['FAILURE', 'ERROR'].map((version) => ({ artifact: 'status', version, status: 200 })),
  ...['fixed', 'uniform', 'log-normal'].map((version) => ({ artifact: 'slow', version, status: 200 })),
].map((call) => ({ ref: 'acme/labs/unreliable', key: KEY, ...call }));

/** A call with a 200. */
export const FOUND: Call = {
  ref: 'acme/platform/web/images',
  artifact: 'library/nginx',
  version: '1.25.3',
  key: KEY,
  status: 200,
};

/** Calls without a 200. */
const REFUSED: Call[] = [
  { ref: 'acme/labs/ml/hub', artifact: 'bert', version: 'v1', key: KEY, status: 404 },
  { ref: 'acme/pypi', artifact: 'acme-metrics', version: '1', artifactType: 'model', key: KEY, status: 400 },
  { ref: 'a/b/c/d/e', artifact: 'x', version: '1', key: KEY, status: 400 },
  { ...FOUND, key: 'pat.nobody', status: 401 },
  { ...FOUND, key: 'pat.acme.old.local', status: 401 },
  { ...FOUND, key: 'pat.acme.lost.local', status: 401 },
  {
    ref: 'acme/labs/vault/secrets-scanner',
    artifact: 'scanner',
    version: '1.0.0',
    key: 'sat.acme.web.local',
    status: 403,
  },
  { ...FOUND, ref: 'acme/nope', status: 404 },
  { ...FOUND, artifact: 'library/nope', status: 404 },
  { ...FOUND, version: '0', status: 404 },
  { ...FOUND, childVersion: 'sha256:00', status: 404 },
];

/** Lists calls for everything in the bundled fixtures, and for each error of the contract. */
export function listCalls(): Call[] {
  return [...listBundled().map((call) => ({ ...call, key: KEY, status: 200 })), ...FAILING, ...REFUSED];
}

/** Formats the target of a call in the encoded spelling, as generated clients do. */
export const targetOf = (call: CallParameters): string => formatPath(call, 'encoded') + formatQuery(call);

export interface Answer {
  status: number;
  text: string;
}

/** Sends a request to a server, or to a proxy in front of it. */
export async function send(url: string, target: string, key: string): Promise<Answer> {
  const response = await fetch(url + target, { headers: { 'x-api-key': key } });
  return { status: response.status, text: await response.text() };
}
