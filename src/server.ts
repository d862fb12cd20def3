import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { reachable } from './address.js';
import { decideAccess } from './admin/access.js';
import { buildApp } from './app.js';
import type { Config } from './config/options.js';
import { type Controls, createControls } from './control/controls.js';
import { describeRefusal } from './explain/describe.js';
import { Failure } from './failure.js';
import { createKeyTexts } from './fixtures/key-texts.js';
import { loadFixtures, mergeFixtures, swapFixtures } from './fixtures/load.js';
import type { FixtureSource } from './fixtures/source.js';
import { listen } from './listen.js';
import { openStore, type Store } from './store/store.js';

/** What a server is run with: a program may give fixtures as documents besides paths. */
export interface ServerConfig extends Omit<Config, 'fixtures'> {
  fixtures: readonly FixtureSource[];
}

/** How long a connection that is busy may hold up a close, in milliseconds. */
const CLOSE_DEADLINE = 900;

/** A server that listens. */
export interface RunningServer {
  /** Where it answers, such as `http://127.0.0.1:8650`. */
  url: string;
  port: number;
  store: Store;
  app: FastifyInstance;
  controls: Controls;
  /** Puts other fixtures in the place of all data. Throws a FixtureError or a Failure; the data then stays. */
  replaceData(fixtures: readonly FixtureSource[]): void;
  /** Adds fixtures to the data, or puts them in the place of what is there already. Throws as `replaceData` does. */
  mergeData(fixtures: readonly FixtureSource[]): void;
  /** Returns a key of its fixtures that is in the store with a grant, neither revoked nor expired; or undefined. */
  findUsableKey(): string | undefined;
  /** Throws a Failure once the server is closed, whose store then tells nothing any longer. */
  requireOpen(): void;
  /** Returns the data to the last seeding or reload, forgets faults and journal, and starts the generator over. */
  reset(): void;
  /** Stops listening, finishes what is in flight, closes the store. */
  close(): Promise<void>;
}

/**
 * Starts a server: opens the store, seeds it when it is empty, listens, and watches the fixtures if it is told to.
 * Throws a Failure for a store, fixtures or an address that cannot be used; nothing is left open then.
 */
export async function startServer(config: ServerConfig, logger: Logger): Promise<RunningServer> {
  const store = openStore(config.db);
  let isClosed = false;
  const requireOpen = () => {
    if (isClosed) throw new Failure('the server is closed');
  };
  const keyTexts = createKeyTexts(store, config.fixtures);
  const load = () => keyTexts.seed(loadFixtures(store, config.fixtures).keys);
  const controls = createControls({
    seed: config.seed,
    journal: { entries: config.journalEntries, bytes: config.journalBytes },
    describeRefusal(refused) {
      requireOpen();
      return describeRefusal(store, refused);
    },
  });
  const app = buildApp({
    store,
    auth: config.auth,
    prefer: config.prefer === 'on',
    controls,
    access: decideAccess(config.host, config.adminToken),
    limits: config,
    resetData: store.restore,
    logger,
  });
  app.addHook('onClose', () => {
    isClosed = true;
    store.close();
  });
  try {
    seed(store, load, config, logger);
    if (config.watch) await watch(app, load, config, logger);
    await listen(app, config);
  } catch (error) {
    await app.close();
    throw error;
  }
  const { port } = app.server.address() as AddressInfo;
  return {
    url: `http://${reachable(config.host)}:${port}`,
    port,
    store,
    app,
    controls,
    replaceData: (fixtures) => keyTexts.swap(swapFixtures(store, fixtures).keys),
    mergeData: (fixtures) => keyTexts.add(mergeFixtures(store, fixtures).keys),
    findUsableKey: keyTexts.findUsable,
    requireOpen,
    reset() {
      store.restore();
      controls.reset();
    },
    close: () => close(app),
  };
}

function seed(store: Store, load: () => void, { db }: ServerConfig, logger: Logger): void {
  if (store.isEmpty()) load();
  else logger.info(`store ${db} is not empty: it is served as it is, and no fixture is loaded`);
}

async function watch(
  app: FastifyInstance,
  load: () => void,
  { fixtures }: ServerConfig,
  logger: Logger,
): Promise<void> {
  const { watchFixtures } = await import('./fixtures/watch.js');
  const reload = () => {
    try {
      load();
      logger.info('fixtures loaded again');
    } catch (error) {
      logger.error(`fixtures not loaded, the data stays as it was:\n${(error as Error).message}`);
    }
  };
  const paths = fixtures.filter((source) => typeof source === 'string');
  if (paths.length === 0) return;
  const stop = await watchFixtures(paths, reload, (err) =>
    logger.error({ err }, 'fixtures are not watched any longer'),
  );
  app.addHook('onClose', stop);
}

async function close(app: FastifyInstance): Promise<void> {
  const deadline = setTimeout(() => app.server.closeAllConnections(), CLOSE_DEADLINE);
  try {
    await app.close();
  } finally {
    clearTimeout(deadline);
  }
}
