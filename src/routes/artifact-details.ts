import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { AuthMode } from '../auth.js';
import { type ArtifactDetail, ArtifactDetailSchema } from '../contract/details.js';
import { ARTIFACT_DETAILS_URL } from '../contract/operation.js';
import { PathSyntaxSchema, QueryParametersSchema } from '../contract/parameters.js';
import { requireApiKey } from '../http/api-key.js';
import { compileValidator } from '../http/validation.js';
import type { FoundDetails } from '../store/details.js';
import type { Store } from '../store/store.js';

/** What the route needs: where the details are, and how keys are checked. */
export interface ArtifactDetailsOptions {
  store: Store;
  auth: AuthMode;
}

/** The route of the contract, *Describe Artifact Details*: 200 with Artifact Detail, or the envelope of a 4xx. */
export const artifactDetailsRoute: FastifyPluginAsyncTypebox<ArtifactDetailsOptions> = async (app, { store, auth }) => {
  app.setValidatorCompiler(compileValidator);
  requireApiKey(app, auth, store);

  app.get(
    ARTIFACT_DETAILS_URL,
    {
      schema: { params: PathSyntaxSchema, querystring: QueryParametersSchema },
    },
    ({ params, query }, reply) => {
      const found = store.findDetails({
        registryRef: params.registry_ref,
        artifact: params.artifact,
        version: params.version,
        artifactType: query.artifact_type,
        childVersion: query.childVersion,
      });
      reply.type('application/json; charset=utf-8');
      return renderFound(found, reply.compileSerializationSchema(ArtifactDetailSchema));
    },
  );
};

/** Writes the body of a 200; the extra fields are JSON text already, and are spliced in behind the contract's own. */
function renderFound({ detail, extra }: FoundDetails, serialise: (detail: ArtifactDetail) => string): string {
  const own = serialise(detail);
  const data = extra === null ? own : `${own.slice(0, -1)},${extra.slice(1)}`;
  return `{"status":"SUCCESS","data":${data}}`;
}
