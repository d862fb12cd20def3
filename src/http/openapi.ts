import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { ArtifactDetailResponseSchema, ArtifactDetailSchema } from '../contract/details.js';
import { EnvelopeSchema } from '../contract/envelope.js';
import { ARTIFACT_DETAILS_URL, operation } from '../contract/operation.js';

/**
 * Makes an app carry the published contract: after `ready()`, its `swagger()` returns the OpenAPI document. The
 * document is of the contract alone; the app's other routes are not in it.
 */
export async function describeContract(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.0.3',
      info: {
        title: 'Harness Artifact Registry: Describe Artifact Details',
        description: 'The call that describes one version of an artifact in the Harness Artifact Registry (HAR).',
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
    refResolver: { buildLocalReference: (json) => String(json.$id) },
  });
  for (const schema of [ArtifactDetailSchema, ArtifactDetailResponseSchema, EnvelopeSchema]) app.addSchema(schema);
  app.get(ARTIFACT_DETAILS_URL, { schema: operation }, () => undefined);
}
