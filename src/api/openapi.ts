import swagger from '@fastify/swagger';
import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify';
import { buildDocsApp, requiredFirst } from './docs-app.js';
import { adaptDocument, type PageOptions } from './docs-document.js';
import { ArtifactDetailResponseSchema, ArtifactDetailSchema, ErrorSchema, PathParametersSchema } from './schema.js';

/** Builds the docs of the contract. The document is made from the options of the routes that serve it. */
export function buildContractDocs(routes: readonly RouteOptions[], options: PageOptions): Promise<FastifyInstance> {
  return buildDocsApp({
    path: '/docs',
    title: 'Describe Artifact Details',
    isOpen: true,
    describe: (app) => describeContract(app, routes),
    adapt: (document) => adaptDocument(document, options),
  });
}

async function describeContract(app: FastifyInstance, routes: readonly RouteOptions[]): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.0.3',
      info: {
        title: 'Harness Artifact Registry: Describe Artifact Details',
        description: 'Describes one version of an artifact in the Harness Artifact Registry (HAR).',
        version: '1.0',
        license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
      },
      servers: [{ url: 'https://app.harness.io' }],
      tags: [{ name: 'Artifacts', description: 'Artifacts and their versions' }],
      components: {
        securitySchemes: {
          'x-api-key': {
            type: 'apiKey',
            in: 'header',
            name: 'x-api-key',
            description: 'API key, personal or of a service account',
          },
        },
      },
    },
    transform: ({ schema, url }) => ({ schema: { ...schema, params: documentedParams }, url }),
    transformObject: requiredFirst,
    refResolver: { buildLocalReference: (json) => String(json.$id) },
  });
  for (const schema of [ArtifactDetailSchema, ArtifactDetailResponseSchema, ErrorSchema]) app.addSchema(schema);
  for (const { method, url, schema } of routes) {
    app.route({ method, url, schema: schema as FastifySchema, handler: Boolean });
  }
}

const EXAMPLES = { registry_ref: 'acme/platform/web/images/+', artifact: 'library/nginx/+', version: '1.25.3' };

/** The path parameters as a client writes them, markers included; the route validates them without. */
const documentedParams = {
  ...PathParametersSchema,
  properties: Object.fromEntries(
    Object.entries(PathParametersSchema.properties).map(([name, { pattern: _, minLength: __, ...schema }]) => [
      name,
      { ...schema, examples: [EXAMPLES[name as keyof typeof EXAMPLES]] },
    ]),
  ),
};
