import { decideAccess } from '../admin/guard.js';
import type { Config } from '../config/options.js';
import { findPlain, formatTarget, listExamples } from '../pages/examples.js';
import { warnOfKeys } from '../seed/report.js';
import type { RunningServer } from '../server.js';
import { BUNDLED_FIXTURES, NAME, VERSION } from '../util/package.js';
import { count } from '../util/text.js';

/** The key of the bundled fixtures that can read all of them. It is public. */
const BUNDLED_KEY = 'pat.acme.dev.local';

/** Formats the summary that a terminal gets at the start: data, auth, documents and a curl command that gets a 200. */
export function formatBanner(
  config: Config,
  { url, store, control }: Pick<RunningServer, 'url' | 'store' | 'control'>,
): string {
  const { registries, artifacts, versions, keys, versionsByPackageType } = control.summary();
  const types = versionsByPackageType.map(({ packageType, versions: number }) => `${packageType} ${number}`);
  const example = findPlain(listExamples(store, { auth: config.auth, prefer: false }));
  const lines = [
    `${NAME} ${VERSION}`,
    `  serves  ${count(versions, 'version')} of ${count(artifacts, 'artifact')} in ${count(registries, 'registry', 'registries')}`,
    `          ${types.join(' · ')}`,
    `  auth    ${config.auth}${config.auth === 'strict' ? `, ${warnOfKeys(store, config.auth) ?? count(keys, 'key')}` : ''}`,
    `  docs    ${url}/docs`,
    `  admin   ${describeAdmin(config, url)}`,
  ];
  if (example !== undefined) {
    lines.push(`  try     curl ${keyHeader(config)}'${url}${formatTarget(example)}'`);
  }
  return `\n${lines.join('\n')}\n\n`;
}

function describeAdmin({ host, adminToken }: Config, url: string): string {
  const { kind } = decideAccess(host, adminToken);
  if (kind === 'off') return 'off on an address beyond loopback; enable it with --admin-token';
  return `${url}/__admin/docs${kind === 'token' ? ' (needs the token)' : ''}`;
}

/** Shows the bundled key only where it is known to be valid; other keys are never printed. */
function keyHeader({ auth, db, fixtures }: Config): string {
  if (auth === 'off') return '';
  const isBundled = auth === 'any' || (db === undefined && fixtures.length === 1 && fixtures[0] === BUNDLED_FIXTURES);
  return isBundled ? `-H 'x-api-key: ${BUNDLED_KEY}' ` : '-H "x-api-key: $HARNESS_API_KEY" ';
}
