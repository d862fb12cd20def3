import { Type } from '@sinclair/typebox';
import { FaultParametersSchema, type Operation, operations } from '../admin/operations.js';
import { ErrorSchema } from '../api/schema.js';
import { SESSION_HEADER, SESSION_PATTERN } from '../faults/sessions.js';
import { VERSION } from '../util/package.js';
import type { Docs } from './docs.js';
import { makeDocument } from './document.js';

const session = { pattern: SESSION_PATTERN, description: 'the session; without it, all sessions' };

const SessionHeaderSchema = Type.Object({ [SESSION_HEADER]: Type.Optional(Type.String(session)) });

/** Builds the docs of the admin API. */
export async function buildAdminDocs(): Promise<Docs> {
  const description = 'the token of --admin-token, if the server has one';
  const routes = Object.entries<Operation>(operations).map(([name, operation]) => {
    const { method, url } = operation;
    return { method, url, schema: describeOperation(name, operation) };
  });
  const document = await makeDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'Admin API of harness-registry-mock',
        description: 'Controls faults, journal and data of the mock server. It is not part of the Harness API.',
        version: VERSION,
        license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', description } } },
    },
    [ErrorSchema],
    routes,
  );
  return () => structuredClone(document);
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
