import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { sendJson } from '../api/error-handler.js';
import { ApiError } from '../api/errors.js';
import { SESSION_HEADER } from '../faults/sessions.js';
import { type Access, guard } from './guard.js';
import { createHandlers, type HandlerOptions } from './handlers.js';
import { acceptBodies } from './input.js';
import { type Operation, type OperationName, operations } from './operations.js';

/** The largest fixture that is accepted, in bytes. */
const MAX_FIXTURE = 10_485_760;

/** Adds the operations of the admin API. */
export const adminRoutes: FastifyPluginAsync<HandlerOptions & { access: Access }> = async (app, options) => {
  const { access, control } = options;
  if (access.kind === 'off') return refuseAll(app);
  guard(app, access);
  acceptBodies(app);
  const handlers = createHandlers(options);
  for (const [name, operation] of Object.entries(operations) as [OperationName, Operation][]) {
    const { method, url, body, bodyLimit = MAX_FIXTURE, status, type } = operation;
    app.route({
      method,
      url,
      ...(body && { bodyLimit }),
      async handler(request, reply) {
        const session = control.sessions.enter(request.headers[SESSION_HEADER]);
        const answer = await handlers[name](request, session.name, reply);
        reply.code(status);
        if (type !== undefined || answer instanceof Readable) {
          return reply.header('content-type', type ?? 'application/json').send(answer);
        }
        return answer === undefined ? reply.send() : sendJson(reply, JSON.stringify(answer));
      },
    });
  }
};

function refuseAll(app: FastifyInstance): void {
  const hint = 'the admin API is off because the server listens beyond this machine; set --admin-token';
  const off = new ApiError('unknownRoute', { hint });
  for (const url of ['/__admin', '/__admin/*']) {
    app.all(url, () => {
      throw off;
    });
  }
}
