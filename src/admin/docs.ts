import swagger from '@fastify/swagger';
import { type TObject, Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { EnvelopeSchema } from '../contract/envelope.js';
import { SESSION_HEADER, SESSION_PATTERN } from '../control/sessions.js';
import { buildDocsApp } from '../http/docs-app.js';
import { VERSION } from '../package.js';
import { type Operation, operations } from './operations.js';
import { FaultParametersSchema } from './parameters.js';

/** Builds the app that carries the document of the admin API and its page at `/__admin/docs`. */
export function buildAdminDocs(): Promise<FastifyInstance> {
  return buildDocsApp({
    path: '/__admin/docs',
    title: 'Admin API',
    isOpen: false,
    describe: async (app) => {
      await app.register(swagger, { mode: 'static', specification: { document: describeOperations() } });
    },
  });
}

function describeOperations() {
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, operation] of Object.entries<Operation>(operations)) {
    const path = operation.url.replace(':id', '{id}');
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describeOperation(name, operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Admin API of harness-registry-mock',
      description: "What a tester controls: faults, journal, data. It is ours, and no part of the vendor's contract.",
      version: VERSION,
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    paths,
    components: {
      // The types of OpenAPI are narrower than those of a schema that they can hold.
      schemas: { Error: EnvelopeSchema as object },
      securitySchemes: {
        token: {
          type: 'http' as const,
          scheme: 'bearer',
          description: 'the token of --admin-token, where there is one',
        },
      },
    },
  };
}

const SessionHeaderSchema = Type.Object({
  [SESSION_HEADER]: Type.Optional(
    Type.String({ pattern: SESSION_PATTERN, description: 'the session that is meant; all of them without it' }),
  ),
});

function describeOperation(operationId: string, operation: Operation): object {
  const {
    url,
    tag,
    summary,
    query,
    body,
    example,
    status,
    answer,
    type = 'application/json',
    refusals = [],
  } = operation;
  const refused = contentOf('application/json', { $ref: '#/components/schemas/Error' });
  return {
    operationId,
    summary,
    tags: [tag],
    security: [{ token: [] }, {}],
    parameters: [
      ...listParameters('path', url.includes(':id') ? FaultParametersSchema : undefined),
      ...listParameters('query', query),
      ...listParameters('header', SessionHeaderSchema),
    ],
    ...(body && { requestBody: { content: { 'application/json': { schema: body, example } } } }),
    responses: {
      [status]: { description: answer?.description ?? 'done', ...(answer && contentOf(type, answer)) },
      ...Object.fromEntries([400, 401, 403, ...refusals].map((code) => [code, { description: 'refused', ...refused }])),
    },
  };
}

const contentOf = (type: string, schema: object) => ({ content: { [type]: { schema } } });

function listParameters(place: string, schema: TObject | undefined): object[] {
  const { properties = {}, required = [] } = schema ?? {};
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    description: property.description,
    schema: property,
    // The page fills in what stands here, and not the examples of the schema.
    ...(property.examples && { example: property.examples[0] }),
  }));
}
