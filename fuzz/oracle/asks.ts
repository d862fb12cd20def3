import type { ArtifactType } from '../../src/contract/values.js';
import { type Bundled, KEY, listBundled } from '../bundled.js';

/** A request in the terms of the contract, and the status that is due. */
export interface Ask {
  registryRef: string;
  artifact: string;
  version: string;
  artifactType?: ArtifactType;
  childVersion?: string;
  key: string;
  status: number;
}

/** The versions that fail on purpose with a status that the contract has. */
const FAILING: Ask[] = [
  ...[400, 401, 403, 404, 500].map((status) => ({ artifact: 'error', version: String(status), status })),
  ...['FAILURE', 'ERROR'].map((version) => ({ artifact: 'status', version, status: 200 })),
  ...['fixed', 'uniform', 'log-normal'].map((version) => ({ artifact: 'slow', version, status: 200 })),
].map((ask) => ({ registryRef: 'acme/labs/unreliable', key: KEY, ...ask }));

const NGINX: Bundled = { registryRef: 'acme/platform/web/images', artifact: 'library/nginx', version: '1.25.3' };

/** Requests that the contract allows and that do not get a 200. */
const REFUSED: Ask[] = [
  { registryRef: 'acme/labs/ml/hub', artifact: 'bert', version: 'v1', key: KEY, status: 400 },
  { registryRef: 'acme/pypi', artifact: 'acme-metrics', version: '1', artifactType: 'model', key: KEY, status: 400 },
  { registryRef: 'a/b/c/d/e', artifact: 'x', version: '1', key: KEY, status: 400 },
  { ...NGINX, key: 'pat.nobody', status: 401 },
  { ...NGINX, key: 'pat.acme.old.local', status: 401 },
  { ...NGINX, key: 'pat.acme.lost.local', status: 401 },
  {
    registryRef: 'acme/labs/vault/secrets-scanner',
    artifact: 'scanner',
    version: '1.0.0',
    key: 'sat.acme.web.local',
    status: 403,
  },
  { ...NGINX, registryRef: 'acme/nope', key: KEY, status: 404 },
  { ...NGINX, artifact: 'library/nope', key: KEY, status: 404 },
  { ...NGINX, version: '0', key: KEY, status: 404 },
  { ...NGINX, childVersion: 'sha256:00', key: KEY, status: 404 },
];

/** Lists requests for all that the bundled fixtures serve, and for each error of the contract. */
export function listAsks(): Ask[] {
  return [...listBundled().map((bundled) => ({ ...bundled, key: KEY, status: 200 })), ...FAILING, ...REFUSED];
}

/** The request that is served as the contract wants it, to be answered wrongly. */
export const SERVED: Ask = { ...NGINX, key: KEY, status: 200 };
