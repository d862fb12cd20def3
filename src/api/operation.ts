import type { Static, TSchema } from '@sinclair/typebox';
import type { FastifySchemaCompiler } from 'fastify';
import { compile } from '../util/validate.js';
import { ApiError } from './errors.js';
import {
  type ArtifactDetailResponse,
  ArtifactDetailResponseSchema,
  type Envelope,
  ErrorSchema,
  PARAMETER_RULES,
  type ParameterName,
  PathParametersSchema,
  QueryParametersSchema,
} from './schema.js';

/** The path of the call, as Fastify spells it. */
export const ROUTE_PATH = '/har/api/v1/registry/:registry_ref/artifact/:artifact/version/:version/details';

/** The path of the call, as the contract spells it. */
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

const answer = <Body>(description: string, schema: TSchema, example: Body) => ({
  description,
  content: { 'application/json': { schema: { $ref: `${schema.$id}#` }, example } },
});

const error = (description: string, example: Envelope) => answer(description, ErrorSchema, example);

/** The schema of the call's route: it validates requests, and the OpenAPI document is made from it (source: contract). */
export const operation = {
  operationId: 'GetArtifactDetails',
  summary: 'Describe Artifact Details',
  description: 'Describes one version of an artifact in a registry.',
  tags: ['Artifacts'],
  security: [{ 'x-api-key': [] }],
  params: PathParametersSchema,
  querystring: QueryParametersSchema,
  response: {
    200: answer('Artifact Detail', ArtifactDetailResponseSchema, FOUND),
    400: error('Bad request', {
      code: '400',
      message: 'invalid parameter',
      details: { field: 'artifact_type', value: 'image', reason: PARAMETER_RULES.artifact_type },
    }),
    401: error('Unauthenticated', { code: '401', message: 'unauthorized' }),
    403: error('Unauthorized', { code: '403', message: 'forbidden' }),
    404: error('Not found', { code: '404', message: 'Artifact not found' }),
    500: error('Internal server error', { code: '500', message: 'Internal server error' }),
  },
};

/**
 * Compiles a route's schema to a check that changes nothing: no coercion, no defaults, no removal. An invalid parameter
 * is a 400 whose `details` name the parameter, its value and what it must be. Fastify's own compilers are never loaded.
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema }) => {
  const check = compile(schema);
  return (parameters: unknown) => {
    if (check.Check(parameters)) return { value: parameters as Static<TSchema> };
    const first = check.Errors(parameters).First();
    const field = first?.path.slice(1) as ParameterName;
    return {
      error: new ApiError('invalidParameter', { field, value: first?.value, reason: PARAMETER_RULES[field] }),
    };
  };
};
