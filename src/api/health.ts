import type { FastifyPluginAsync } from 'fastify';
import type { Store } from '../store/store.js';
import { sendJson } from './error-handler.js';
import { ApiError } from './errors.js';

const OK = '{"status":"ok"}';

/** `/healthz`: the process runs. `/readyz`: the store can be read, or 503. Neither needs a key. */
export const healthRoutes: FastifyPluginAsync<{ store: Store }> = async (app, { store }) => {
  app.get('/healthz', (_request, reply) => sendJson(reply, OK));
  app.get('/readyz', (_request, reply) => {
    if (!store.isReadable()) throw new ApiError('notReady');
    sendJson(reply, OK);
  });
};
