import { constants } from 'node:os';
import closeWithGrace from 'close-with-grace';
import { hasAdmin } from '../admin/guard.js';
import { createLogger } from '../journal/log.js';
import { findPlain, formatTarget } from '../pages/examples.js';
import { isValid, warnOfKeys } from '../seed/report.js';
import { type RunningServer, startServer } from '../server.js';
import { BUNDLED_FIXTURES, NAME, VERSION } from '../util/package.js';
import { count } from '../util/text.js';
import { type Command, loadServing } from './io.js';

/** The process exits at the latest this long after requests in flight were cut off, in milliseconds. */
const MAX_CLOSE_TIME = 1_000;

/**
 * `serve`, the default: runs the server until SIGTERM or SIGINT; a second signal exits at once with 128 plus its
 * number. The line with the URL is always printed.
 */
export const run: Command = async (args, io) => {
  const { stdout, exit } = io;
  const config = await loadServing(args, io);
  const logger = await createLogger(config.logLevel, stdout);
  const server = await startServer(config, logger, stdout);
  const onSecondSignal = (signal: NodeJS.Signals) => exit(128 + constants.signals[signal]);
  const delay = config.closeTimeout + MAX_CLOSE_TIME;
  closeWithGrace({ delay, logger: false, onSecondSignal }, async ({ signal, err }) => {
    if (err) logger.fatal({ err }, 'unexpected error');
    else logger.info(`${signal}: closing`);
    await server.close({ drain: true });
  });
  if (stdout.isTTY) stdout.write(formatBanner(server));
  else logger.info(describeStart(server), 'started');
  stdout.write(`Listening on ${server.url}\n`);
  return 0;
};

/** The key of the bundled fixtures that can read all of them. It is public. */
const BUNDLED_KEY = 'pat.acme.dev.local';

/** Formats the summary that a terminal gets at the start: data, auth, documents and a curl command that gets a 200. */
export function formatBanner({ config, url, store, control }: RunningServer): string {
  const { registries, artifacts, versions, keys, versionsByPackageType } = control.summary();
  const { auth, adminToken, db, fixtures } = config;
  // The bundled key is shown only where it is known to be valid; other keys are never printed.
  const isBundled = auth === 'any' || (db === undefined && fixtures.length === 1 && fixtures[0] === BUNDLED_FIXTURES);
  const key = isBundled ? `-H 'x-api-key: ${BUNDLED_KEY}' ` : '-H "x-api-key: $HARNESS_API_KEY" ';
  const admin = `${url}/__admin/docs${adminToken === undefined ? '' : ' (needs the token)'}`;
  const example = findPlain(store);
  const lines = [
    `${NAME} ${VERSION}`,
    `  serves  ${count(versions, 'version')} of ${count(artifacts, 'artifact')} in ${count(registries, 'registry', 'registries')}`,
    `          ${versionsByPackageType.map((row) => `${row.packageType} ${row.versions}`).join(' · ')}`,
    `  auth    ${auth}${auth === 'strict' ? `, ${warnOfKeys(store, auth) ?? count(keys, 'key')}` : ''}`,
    `  docs    ${url}/docs`,
    `  admin   ${hasAdmin(config) ? admin : 'off on an address beyond loopback; enable it with --admin-token'}`,
    example && `  try     curl ${auth === 'off' ? '' : key}'${url}${formatTarget(example)}'`,
  ];
  return `\n${lines.filter(Boolean).join('\n')}\n\n`;
}

/** Describes a server for the line that the log has at the start. */
export function describeStart({ config, url, store, control }: RunningServer): object {
  const { auth, adminToken, fixtures, db = 'memory' } = config;
  const { registries, artifacts, versions } = control.summary();
  const isOn = hasAdmin(config);
  return {
    version: VERSION,
    url,
    registries,
    artifacts,
    versions,
    auth,
    usableKeys: store.listKeys().filter(isValid).length,
    admin: isOn ? 'on' : 'off',
    adminReason: adminToken === undefined ? `${isOn ? '' : 'not '}listening on loopback` : 'token is set',
    fixtures: fixtures.map((source) => (typeof source === 'string' ? source : 'stdin')),
    store: db,
  };
}
