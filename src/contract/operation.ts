import type { TSchema } from '@sinclair/typebox';
import { type ArtifactDetailResponse, ArtifactDetailResponseSchema } from './details.js';
import { type Envelope, EnvelopeSchema } from './envelope.js';
import { PARAMETER_RULES, PathParametersSchema, QueryParametersSchema } from './parameters.js';

/** The route of the contract, as Fastify spells it. */
export const ARTIFACT_DETAILS_URL = '/har/api/v1/registry/:registry_ref/artifact/:artifact/version/:version/details';

/** The path of the contract, as people read it. */
export const API_PATH = '/har/api/v1/registry/{registry_ref}/artifact/{artifact}/version/{version}/details';

const FOUND: ArtifactDetailResponse = {
  status: 'SUCCESS',
  data: {
    version: '1.25.3',
    packageType: 'DOCKER',
    name: 'library/nginx',
    size: '69.56MB',
    createdAt: '1704067200000',
    createdBy: 'admin@example.com',
    modifiedAt: '1704153600000',
    downloadCount: 42,
    isQuarantined: false,
  },
};

const respond = <Body>(description: string, schema: TSchema, example: Body) => ({
  description,
  content: { 'application/json': { schema: { $ref: `${schema.$id}#` }, example } },
});

const fail = (description: string, example: Envelope) => respond(description, EnvelopeSchema, example);

/** The operation as it is published: what OpenAPI says of it (source: contract). */
export const operation = {
  operationId: 'GetArtifactDetails',
  summary: 'Describe Artifact Details',
  description: 'Describes one version of an artifact in a registry.',
  tags: ['Artifacts'],
  security: [{ 'x-api-key': [] }],
  params: PathParametersSchema,
  querystring: QueryParametersSchema,
  response: {
    200: respond('Artifact Detail', ArtifactDetailResponseSchema, FOUND),
    400: fail('Bad request', {
      code: '400',
      message: 'invalid parameter',
      details: { field: 'artifact_type', value: 'image', reason: PARAMETER_RULES.artifact_type },
    }),
    401: fail('Unauthenticated', { code: '401', message: 'unauthorized' }),
    403: fail('Unauthorized', { code: '403', message: 'forbidden' }),
    404: fail('Not found', { code: '404', message: 'Artifact not found' }),
    500: fail('Internal server error', { code: '500', message: 'Internal server error' }),
  },
};
