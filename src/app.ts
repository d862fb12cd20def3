import { type FastifyInstance, fastify } from 'fastify';
import { type Logger, pino } from 'pino';
import { hasAdmin, isLoopback } from './admin/guard.js';
import { adminRoutes, METRICS_TYPE } from './admin/operations.js';
import { watchConnections } from './api/connections.js';
import { createCors, PREFLIGHT_ROUTE } from './api/cors.js';
import { handleErrors, sendJson } from './api/error-handler.js';
import { errorOf } from './api/errors.js';
import { compileValidator } from './api/operation.js';
import { createParserErrorHandler } from './api/parser-errors.js';
import { readId, recordRequests } from './api/record.js';
import { detailsRoute } from './api/route.js';
import { parseQuery, parseTarget } from './api/target.js';
import type { TlsFiles } from './config/files.js';
import type { Config } from './config/options.js';
import type { Control } from './control.js';
import { docsRoutes } from './pages/docs.js';
import type { PageOptions } from './pages/examples.js';
import { homeRoutes } from './pages/home.js';
import type { Store } from './store/store.js';

export interface AppOptions
  extends Pick<Config, 'host' | 'auth' | 'spellings' | 'errors' | 'prefer' | 'cors' | 'adminToken'> {
  /** Closed by the caller. */
  store: Store;
  control: Control;
  /** Nothing is logged without one. */
  logger?: Logger | undefined;
  /** The server speaks HTTPS with them. */
  tls?: TlsFiles | undefined;
}

/** How long a request may take to arrive, in milliseconds. */
const REQUEST_TIMEOUT = 60_000;

/** Node would answer a missing Host itself, without the envelope. */
const HTTP_OPTIONS = {
  requireHostHeader: false,
  headersTimeout: REQUEST_TIMEOUT,
  connectionsCheckingInterval: REQUEST_TIMEOUT / 4,
};

const OK = '{"status":"ok"}';

/** Further connections are closed at once. */
const MAX_CONNECTIONS = 16_384;

/** Builds the app with all its routes, for `listen` or `inject`. */
export function buildApp(options: AppOptions): FastifyInstance {
  const { store, control, auth, prefer, spellings, errors, logger = pino({ enabled: false }) } = options;
  const pages: PageOptions = {
    ...options,
    isLocal: isLoopback(options.host),
    hasAdmin: hasAdmin(options),
    findKeyName: control.findKeyName,
  };
  const cors = createCors(options.cors);
  const app = fastify({
    genReqId: readId,
    rewriteUrl: ({ url = '/', method, headers }) =>
      cors.isPreflight(method, headers, url) ? PREFLIGHT_ROUTE : parseTarget(url).routed,
    // Fastify's own compilers would be loaded at every start.
    schemaController: {
      compilersFactory: {
        buildValidator: () => compileValidator as never,
        buildSerializer: () => () => JSON.stringify,
      },
    },
    routerOptions: { maxParamLength: Number.MAX_SAFE_INTEGER, querystringParser: parseQuery },
    ...(options.tls ? { https: { ...HTTP_OPTIONS, ...options.tls } } : { http: HTTP_OPTIONS }),
    requestTimeout: REQUEST_TIMEOUT,
    return503OnClosing: false,
    clientErrorHandler: createParserErrorHandler(logger),
  });
  const { server } = app;
  server.maxConnections = MAX_CONNECTIONS;
  // Node drops headers beyond 2,000 by default, and a second key may be among them.
  server.maxHeadersCount = 0;
  // Node would answer an unknown expectation with an empty 417; RFC 9110 allows to ignore it.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  watchConnections(server);
  let isClosing = false;
  app.addHook('preClose', async () => {
    isClosing = true;
    control.endWaits();
  });

  recordRequests(app, control.record);
  handleErrors(app, { cors, spellings, errors, logger });
  app.register(cors.answerPreflights);
  app.register(detailsRoute, { store, auth, prefer, faults: control.faults, sessions: control.sessions });
  // Whether the process runs, and whether it can serve. Neither needs a key.
  app.get('/healthz', (_request, reply) => sendJson(reply, OK));
  app.get('/readyz', (_request, reply) => {
    if (isClosing || !store.isReadable()) throw errorOf('notReady');
    sendJson(reply, OK);
  });
  let renderMetrics: (() => Promise<string>) | undefined;
  const readMetrics = async () => {
    renderMetrics ??= (await import('./admin/metrics.js')).createMetrics(control);
    return renderMetrics();
  };
  app.get('/metrics', async (_request, reply) => {
    reply.header('content-type', METRICS_TYPE);
    return readMetrics();
  });
  app.register(homeRoutes, pages);
  app.register(docsRoutes, pages);
  app.register(adminRoutes, { control, store, access: options, logger, readMetrics });
  return app;
}
