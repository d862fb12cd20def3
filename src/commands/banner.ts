import { decideAccess } from '../admin/access.js';
import type { Config } from '../config/options.js';
import { BUNDLED_FIXTURES, NAME, VERSION } from '../package.js';
import type { RunningServer } from '../server.js';
import { formatPath } from '../wire/path.js';
import { count } from './count.js';

/** The key of the bundled fixtures that may read everything in them. */
const BUNDLED_KEY = 'pat.acme.dev.local';

/** Writes what a person wants to know at a start: what is served, how keys are checked, and a curl that answers 200. */
export function formatBanner(config: Config, { url, store }: Pick<RunningServer, 'url' | 'store'>): string {
  const { registries, artifacts, versions, keys, versionsByPackageType } = store.summarise();
  const types = versionsByPackageType.map(({ packageType, versions: number }) => `${packageType} ${number}`);
  const example = store.findExample();
  const lines = [
    `${NAME} ${VERSION}`,
    `  serves  ${count(versions, 'version')} of ${count(artifacts, 'artifact')} in ${count(registries, 'registry', 'registries')}`,
    `          ${types.join(' · ')}`,
    `  auth    ${config.auth}${config.auth === 'strict' ? `, ${describeKeys(keys)}` : ''}`,
    `  docs    ${url}/docs`,
    `  admin   ${describeAdmin(config, url)}`,
    ...(example
      ? [`  try     curl ${keyHeader(config)}'${url}${formatPath(example, 'published').replaceAll("'", '%27')}'`]
      : []),
  ];
  return `\n${lines.join('\n')}\n\n`;
}

function describeKeys(keys: number): string {
  return keys === 0 ? 'no key: all requests get 401; give apiKeys in a fixture, or --auth any' : count(keys, 'key');
}

function describeAdmin({ host, adminToken }: Config, url: string): string {
  const { kind } = decideAccess(host, adminToken);
  if (kind === 'off') return 'off beyond loopback; --admin-token opens it';
  return `${url}/__admin/docs${kind === 'token' ? ', with the token' : ''}`;
}

/** Keys are stored hashed, so that only the key of the bundled fixtures is known here; it is no secret. */
function keyHeader({ auth, db, fixtures }: Config): string {
  if (auth === 'off') return '';
  const isBundled = auth === 'any' || (db === undefined && fixtures.length === 1 && fixtures[0] === BUNDLED_FIXTURES);
  return isBundled ? `-H 'x-api-key: ${BUNDLED_KEY}' ` : '-H "x-api-key: $HARNESS_API_KEY" ';
}
