import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { sendJson } from '../api/error-handler.js';
import { ApiError } from '../api/errors.js';
import { readSessionName, SESSION_HEADER } from '../faults/sessions.js';
import { type Access, guard, hasAdmin } from './guard.js';
import { createHandlers, type HandlerOptions } from './handlers.js';
import { type Operation, type OperationName, operations } from './operations.js';

/** The largest fixture that is accepted, in bytes. */
const MAX_FIXTURE = 10_485_760;

interface AdminOptions extends Omit<HandlerOptions, 'hasToken'> {
  access: Access;
}

/** Adds the operations of the admin API. */
export const adminRoutes: FastifyPluginAsync<AdminOptions> = async (app, { access, ...options }) => {
  const { control } = options;
  if (!hasAdmin(access)) return refuseAll(app);
  guard(app, access);
  acceptBodies(app);
  const handlers = createHandlers({ ...options, hasToken: access.adminToken !== undefined });
  for (const [name, operation] of Object.entries(operations) as [OperationName, Operation][]) {
    const { method, url, body, bodyLimit = MAX_FIXTURE, status, type } = operation;
    app.route({
      method,
      url,
      ...(body && { bodyLimit }),
      async handler(request, reply) {
        const header = request.headers[SESSION_HEADER];
        control.sessions.enter(header);
        const answer = await handlers[name](request, readSessionName(header), reply);
        reply.code(status);
        if (type !== undefined || answer instanceof Readable) {
          return reply.header('content-type', type ?? 'application/json').send(answer);
        }
        return answer === undefined ? reply.send() : sendJson(reply, JSON.stringify(answer));
      },
    });
  }
};

/** Makes an app pass on JSON and YAML bodies as bytes. */
function acceptBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', ({ headers }, payload, done) => {
    payload.resume();
    const reason = 'must be application/json, which curl --json sends, or application/yaml for a fixture';
    done(new ApiError('mediaTypeNotSupported', { field: 'Content-Type', value: headers['content-type'], reason }));
  });
  const accepted = /^(?:application\/json|(?:application|text)\/(?:x-)?yaml)\b/;
  app.addContentTypeParser(accepted, { parseAs: 'buffer' }, (_, bytes, done) => done(null, bytes));
}

function refuseAll(app: FastifyInstance): void {
  const hint = 'the admin API is off because the server listens beyond this machine; set --admin-token';
  const off = new ApiError('unknownRoute', { hint });
  for (const url of ['/__admin', '/__admin/*']) {
    app.all(url, () => {
      throw off;
    });
  }
}
