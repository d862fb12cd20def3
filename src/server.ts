import { lookup } from 'node:dns/promises';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { trackConnections } from './api/connections.js';
import { type AppOptions, buildApp } from './app.js';
import { readAdminToken, readTlsFiles } from './config/files.js';
import { type Config, reachable } from './config/options.js';
import { createControl } from './control.js';
import { createRequestLog, type Output } from './journal/log.js';
import type { FixtureText } from './seed/document.js';
import { compareLater, listWarnings } from './seed/report.js';
import type { FixtureSource } from './seed/sources.js';
import { openStore } from './store/store.js';
import { UserError } from './util/errors.js';
import { count, escapeControls } from './util/text.js';

/** A Config whose fixtures may also be documents of a program and the text of stdin. */
export interface ServerConfig extends Omit<Config, 'fixtures'> {
  fixtures: readonly (FixtureSource | FixtureText)[];
}

export type RunningServer = Awaited<ReturnType<typeof startServer>>;

/**
 * Starts a server: opens the store, seeds an empty one, listens, and watches the fixtures if asked to. Throws a UserError
 * for a store, fixtures or an address that cannot be used; nothing stays open then.
 *
 * @param output gets the log of requests; there is none without it
 */
export async function startServer(given: ServerConfig, logger: Logger, output?: Output) {
  const config = { ...given, adminToken: readAdminToken(given), tls: readTlsFiles(given) };
  const { closeTimeout } = config;
  const { app, store, control } = buildServer(config, logger, output);
  const connections = trackConnections(app.server);
  let isDraining = false;
  app.addHook('preClose', async () => {
    if (isDraining) await connections.drain(closeTimeout);
    connections.end();
  });
  try {
    // Watched before it is loaded, so that no change is missed.
    if (config.watch) await watch({ app, store, control }, config, logger);
    const { isLoaded, skipped, missing } = control.fixtures.start();
    const name = escapeControls(String(config.db));
    if (!isLoaded) logger.info(`store ${name} is not empty: its data is served, not that of the fixtures`);
    if (missing !== undefined) logger.warn(`keys and faults of the fixtures are not known:\n${missing}`);
    for (const warning of listWarnings(store, config.auth, skipped)) logger.warn(warning);
    await listen(app, config);
  } catch (error) {
    await app.close();
    throw error;
  }
  // Such as EMFILE. Errors before this point are listen errors.
  app.server.on('error', (err) => logger.error({ err }, 'connection not accepted'));
  const { port } = app.server.address() as AddressInfo;
  const url = `${config.tls ? 'https' : 'http'}://${reachable(config.host)}:${port}`;
  return {
    /** With the token of the admin API, if it is in a file. */
    config,
    /** Such as `http://127.0.0.1:8650`. */
    url,
    port,
    store,
    control,
    app,
    /**
     * Stops listening, finishes requests in flight, closes the store. With `drain`, it first answers what clients may
     * already have sent, so that a balancer loses no request.
     */
    async close({ drain: drains = false } = {}): Promise<void> {
      isDraining = drains;
      const deadline = setTimeout(() => app.server.closeAllConnections(), closeTimeout);
      try {
        await app.close();
      } finally {
        clearTimeout(deadline);
      }
    },
  };
}

/** Opens the store and builds control and app around it; closing the app closes the store. */
export function buildServer(config: ServerConfig & Pick<AppOptions, 'tls'>, logger?: Logger, output?: Output) {
  const store = openStore(config.db);
  const logRequest = output && createRequestLog(config.logRequests, output);
  const control = createControl({ ...config, store, logRequest });
  const app = buildApp({ ...config, store, control, logger });
  app.addHook('onClose', async () => {
    control.close();
    store.close();
  });
  return { store, control, app };
}

type BuiltServer = ReturnType<typeof buildServer>;

async function watch({ app, store, control }: BuiltServer, { fixtures, auth }: ServerConfig, logger: Logger) {
  const paths = fixtures.filter((source) => typeof source === 'string');
  if (paths.length === 0) return;
  const { watchFixtures } = await import('./seed/watch.js');
  const onChange = (problem?: string) => {
    control.reloads.total += 1;
    if (problem !== undefined) {
      control.reloads.failed += 1;
      return logger.warn(`no fixtures to reload, the old data is kept until they are back:\n${problem}`);
    }
    try {
      const describe = compareLater(store);
      const { skipped, discarded } = control.fixtures.seed();
      const lost = discarded > 0 ? `; ${count(discarded, 'merged change')} discarded` : '';
      logger.info(`fixtures reloaded: ${describe()}${lost}`);
      for (const warning of listWarnings(store, auth, skipped)) logger.warn(warning);
    } catch (error) {
      control.reloads.failed += 1;
      logger.error(`fixtures not reloaded, the old data is kept:\n${(error as Error).message}`);
    }
  };
  const stop = watchFixtures(paths, onChange);
  app.addHook('onClose', async () => stop());
}

async function listen(app: FastifyInstance, { host, port }: ServerConfig): Promise<void> {
  try {
    // For a name with two addresses, Fastify would start a second server, which has no limits.
    const { address } = host === 'localhost' ? await lookup(host) : { address: host };
    await app.listen({ host: address, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const cause = LISTEN_ERRORS[String(code)] ?? `cannot listen (${code})`;
    throw new UserError(`port ${port} on ${host}: ${cause}`, 1, { cause: error });
  }
}

const LISTEN_ERRORS: Record<string, string> = {
  EADDRINUSE: 'is in use; stop the other server, or choose another port with --port (0 picks a free one)',
  EACCES: 'is not allowed for this user; choose a port above 1023 with --port',
  EADDRNOTAVAIL: 'is not an address of this machine; choose another with --host',
  ENOTFOUND: 'the host is unknown; choose another with --host',
};
