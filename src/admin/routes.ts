import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { ApiError } from '../http/errors.js';
import type { Limits } from '../http/limits.js';
import { enterSessions } from '../http/record.js';
import { guard } from './guard.js';
import { type Controlled, makeHandlers } from './handlers.js';
import { keepPluses, takeBodiesAsBytes } from './input.js';
import { type Operation, type OperationName, operations } from './operations.js';

/** What the admin API is given to control, and how much it takes. */
export interface AdminOptions extends Controlled {
  limits: Pick<Limits, 'maxHeaderBytes' | 'maxBodyBytes'>;
}

/** The routes below `/__admin` that control the server: all operations of the list, for those who may. */
export const adminRoutes: FastifyPluginAsync<AdminOptions> = async (app, options) => {
  const { access } = options;
  if (access.kind === 'off') return refuseAll(app);
  guard(app, access);
  enterSessions(app, options.controls);
  keepPluses(app);
  takeBodiesAsBytes(app);
  const handlers = makeHandlers(options);
  for (const [name, operation] of Object.entries(operations) as [OperationName, Operation][]) {
    const { method, url, body, bodyLimit = options.limits.maxBodyBytes, status, type } = operation;
    app.route({
      method,
      url,
      ...(body && { bodyLimit }),
      async handler(request, reply) {
        const answer = await handlers[name](request, reply);
        reply.code(status);
        if (type !== undefined) reply.type(type);
        return answer;
      },
    });
  }
};

function refuseAll(app: FastifyInstance): void {
  const adminIsOff = new ApiError('routeNotFound', {
    hint: 'the admin API is off, as the server listens beyond this machine: give it a token by --admin-token',
  });
  for (const url of ['/__admin', '/__admin/*']) {
    app.all(url, () => {
      throw adminIsOff;
    });
  }
}
