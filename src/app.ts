import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import { type Logger, pino } from 'pino';
import type { AuthMode } from './auth.js';
import { answerFrameworkError, handleErrors } from './http/error-handlers.js';
import { answerNodeRefusals, answerParserError } from './http/parser-errors.js';
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
  /** Requests are logged from debug on; without a logger, nothing is. */
  logger?: Logger | undefined;
}

/** Builds the app with all its routes; nothing listens yet. Returns an instance for `listen` or `inject`. */
export function buildApp({ store, auth, prefer, logger = pino({ enabled: false }) }: AppOptions): FastifyInstance {
  const logsRequests = logger.isLevelEnabled('debug');
  const app = fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: !logsRequests }),
    rewriteUrl: ({ url = '/' }) => toCanonicalTarget(url),
    routerOptions: { maxParamLength: Number.MAX_SAFE_INTEGER },
    // Node would answer these two on its own, with a body that is not the contract's.
    http: { requireHostHeader: false },
    return503OnClosing: false,
    ...(!logsRequests && { childLoggerFactory: (parent) => parent }),
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerParserError,
  });
  answerNodeRefusals(app);
  handleErrors(app);
  app.register(artifactDetailsRoute, { store, auth, prefer });
  app.register(healthRoutes, { store });
  app.register(docsRoutes);
  return app;
}
