import swagger from '@fastify/swagger';
import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { buildDocsApp, type Docs, requiredFirst } from '../api/docs-app.js';
import { ErrorSchema } from '../api/schema.js';
import { SESSION_HEADER, SESSION_PATTERN } from '../faults/sessions.js';
import { VERSION } from '../util/package.js';
import { FaultParametersSchema, type Operation, operations } from './operations.js';

const session = { pattern: SESSION_PATTERN, description: 'the session; without it, all sessions' };

const SessionHeaderSchema = Type.Object({ [SESSION_HEADER]: Type.Optional(Type.String(session)) });

/** Builds the docs of the admin API. */
export function buildAdminDocs(): Promise<Docs> {
  return buildDocsApp({ path: '/__admin/docs', title: 'Admin API', isOpen: false, describe: describeOperations });
}

async function describeOperations(app: FastifyInstance): Promise<void> {
  const description = 'the token of --admin-token, if the server has one';
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Admin API of harness-registry-mock',
        description: 'Controls faults, journal and data of the mock server. It is not part of the Harness API.',
        version: VERSION,
        license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', description } } },
    },
    transformObject: requiredFirst,
    refResolver: { buildLocalReference: (json) => String(json.$id) },
  });
  app.addSchema(ErrorSchema);
  // Only documented: no request reaches these routes.
  app.setValidatorCompiler(() => Boolean);
  app.setSerializerCompiler(() => JSON.stringify);
  for (const [name, operation] of Object.entries<Operation>(operations)) {
    const { method, url } = operation;
    app.route({ method, url, schema: describeOperation(name, operation), handler: Boolean });
  }
}

function describeOperation(operationId: string, operation: Operation): object {
  const { url, tag, summary, query, body, example, status, answer, type = 'application/json', errors = [] } = operation;
  const content = (type: string, schema: object) => ({ content: { [type]: { schema } } });
  const error = { description: 'an error', ...content('application/json', { $ref: 'Error#' }) };
  return {
    operationId,
    summary,
    tags: [tag],
    security: [{ token: [] }, {}],
    headers: SessionHeaderSchema,
    ...(url.includes(':id') && { params: FaultParametersSchema }),
    ...(query && { querystring: query }),
    ...(body && { body: { content: { 'application/json': { schema: { ...body, examples: [example] } } } } }),
    response: {
      [status]: { description: answer?.description ?? 'done', ...(answer && content(type, answer)) },
      ...Object.fromEntries([400, 401, 403, ...errors].map((code) => [code, error])),
    },
  };
}
