import { STATUS_CODES } from 'node:http';
import type { Static, TSchema } from '@sinclair/typebox';
import type { FastifySchemaCompiler } from 'fastify';
import { compile } from '../util/validate.js';
import { ApiError } from './errors.js';
import {
  ArtifactDetailResponseSchema,
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

/** The statuses that the call answers only if a fault asks for them; the published page does not have them. */
export const FAULT_STATUSES = [429, 502, 503, 504] as const;

const answer = (description: string, schema: TSchema) => ({
  description,
  content: { 'application/json': { schema: { $ref: `${schema.$id}#` } } },
});

const error = (description: string) => answer(description, ErrorSchema);

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
    200: answer('Artifact Detail', ArtifactDetailResponseSchema),
    400: error('Bad request'),
    401: error('Unauthenticated'),
    403: error('Unauthorized'),
    404: error('Not found'),
    500: error('Internal server error'),
    ...Object.fromEntries(
      FAULT_STATUSES.map((status) => [status, error(`${STATUS_CODES[status]}; only when a fault asks for it`)]),
    ),
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
