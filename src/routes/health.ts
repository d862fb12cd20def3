import type { FastifyPluginAsync } from 'fastify';
import { ApiError } from '../http/errors.js';
import type { Store } from '../store/store.js';

const OK = { status: 'ok' };

/** `/healthz`: the process lives. `/readyz`: the store can be read; 503 when it cannot. Neither asks for a key. */
export const healthRoutes: FastifyPluginAsync<{ store: Store }> = async (app, { store }) => {
  app.get('/healthz', () => OK);
  app.get('/readyz', () => {
    if (!store.isReadable()) throw new ApiError('notReady');
    return OK;
  });
};
