import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import { type Logger, pino } from 'pino';
import type { Access } from './admin/access.js';
import { adminRoutes } from './admin/routes.js';
import type { AuthMode } from './auth.js';
import type { Controls } from './control/controls.js';
import { drain } from './http/drain.js';
import { answerFrameworkError, handleErrors } from './http/error-handlers.js';
import { boundConnections, checkRequestsWithin, type Limits } from './http/limits.js';
import { answerNodeRefusals, makeParserErrorHandler } from './http/parser-errors.js';
import { recordExchanges } from './http/record.js';
import { compileValidator } from './http/validation.js';
import { artifactDetailsRoute } from './routes/artifact-details.js';
import { docsRoutes } from './routes/docs.js';
import { healthRoutes } from './routes/health.js';
import type { Store } from './store/store.js';
import { toCanonicalTarget } from './wire/target.js';

/** What an app is built from. The store stays the caller's: the app does not close it. */
export interface AppOptions {
  store: Store;
  auth: AuthMode;
  /** Whether a request may ask for a fault by its `Prefer` header. */
  prefer: boolean;
  /** What a tester controls; the app takes note of its requests there. */
  controls: Controls;
  /** Who may use the admin API. */
  access: Access;
  limits: Limits;
  /** Returns the data to the last seeding, or reload of the fixtures that are watched. */
  resetData(): void;
  /** Requests are logged from debug on; without a logger, nothing is. */
  logger?: Logger | undefined;
}

/** Builds the app with all its routes; nothing listens yet. Returns an instance for `listen` or `inject`. */
export function buildApp({
  store,
  auth,
  prefer,
  controls,
  access,
  limits,
  resetData,
  logger = pino({ enabled: false }),
}: AppOptions): FastifyInstance {
  const logsRequests = logger.isLevelEnabled('debug');
  const app: FastifyInstance = fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: !logsRequests }),
    rewriteUrl: ({ url = '/' }) => toCanonicalTarget(url),
    // Fastify's own compilers would be loaded at every start; the type of the first is that of its own alone.
    schemaController: {
      compilersFactory: {
        buildValidator: () => compileValidator as never,
        buildSerializer: () => () => JSON.stringify,
      },
    },
    routerOptions: { maxParamLength: Number.MAX_SAFE_INTEGER },
    // Node would answer these two on its own, with a body that is not the contract's.
    http: { requireHostHeader: false, maxHeaderSize: limits.maxHeaderBytes, ...checkRequestsWithin(limits) },
    requestTimeout: limits.requestTimeout,
    return503OnClosing: false,
    ...(!logsRequests && { childLoggerFactory: (parent) => parent }),
    frameworkErrors(error, request, reply) {
      answerFrameworkError(error, request, reply);
      app.record(request, reply.statusCode, 0);
    },
    clientErrorHandler: makeParserErrorHandler(limits.maxHeaderBytes),
  });
  boundConnections(app, limits);
  // All that their bytes have room for: Node would drop those beyond 2,000, and a second key may be among them.
  app.server.maxHeadersCount = 0;
  const closing = new AbortController();
  app.addHook('preClose', async () => {
    closing.abort();
    controls.close();
    await drain(app.server);
  });
  answerNodeRefusals(app);
  recordExchanges(app, controls);
  handleErrors(app);
  app.register(artifactDetailsRoute, {
    store,
    auth,
    prefer,
    controls,
    closing: closing.signal,
    isLogged: logsRequests,
  });
  app.register(healthRoutes, { store });
  app.register(docsRoutes, {
    below: '',
    load: async () => (await import('./http/contract-docs.js')).buildContractDocs(),
  });
  app.register(adminRoutes, { access, controls, store, auth, limits, resetData });
  if (access.kind !== 'off') {
    app.register(docsRoutes, {
      below: '/__admin',
      load: async () => (await import('./admin/docs.js')).buildAdminDocs(),
    });
  }
  return app;
}
