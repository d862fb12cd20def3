import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuthMode } from '../auth.js';
import type { ArtifactDetailResponse } from '../contract/details.js';
import { ARTIFACT_DETAILS_URL } from '../contract/operation.js';
import { PathSyntaxSchema, QueryParametersSchema } from '../contract/parameters.js';
import type { Controls } from '../control/controls.js';
import type { InjectedFault } from '../control/exchange.js';
import { requireApiKey } from '../http/api-key.js';
import { injectFault } from '../http/inject-fault.js';
import { readPrefer } from '../http/prefer.js';
import { enterSessions } from '../http/record.js';
import { repeatAnswers } from '../http/repeat.js';
import type { FoundDetails } from '../store/details.js';
import type { Store } from '../store/store.js';

/** What the route needs: where the details are, and how keys are checked. */
export interface ArtifactDetailsOptions {
  store: Store;
  auth: AuthMode;
  /** Whether a request may ask for a fault by its `Prefer` header. */
  prefer: boolean;
  controls: Pick<Controls, 'sessions' | 'faults' | 'record'>;
  /** Aborted when the server begins to close. */
  closing: AbortSignal;
  /** Whether requests are logged: then each takes the long way through all hooks. */
  isLogged: boolean;
}

/** The route of the contract, *Describe Artifact Details*: 200 with Artifact Detail, or the envelope of a 4xx. */
export const artifactDetailsRoute: FastifyPluginAsyncTypebox<ArtifactDetailsOptions> = async (
  app,
  { store, auth, prefer, controls, closing, isLogged },
) => {
  requireApiKey(app, auth, store);
  enterSessions(app, controls);
  if (!isLogged) repeatAnswers(app, { store, auth, controls, closing });
  const { faults } = controls;

  app.get(
    ARTIFACT_DETAILS_URL,
    {
      schema: { params: PathSyntaxSchema, querystring: QueryParametersSchema },
    },
    (request, reply) => {
      const { params, query, session } = request;
      const find = () =>
        store.findDetails({
          registryRef: params.registry_ref,
          artifact: params.artifact,
          version: params.version,
          artifactType: query.artifact_type,
          childVersion: query.childVersion,
        });
      reply.type('application/json; charset=utf-8');

      const armed = () => {
        const picked = faults.pick(
          {
            ref: params.registry_ref,
            artifact: params.artifact,
            version: params.version,
            method: request.method,
            key: request.apiKey?.name,
            session: session.name,
          },
          session.random,
        );
        return picked && ({ trigger: 'armed', ...picked } satisfies InjectedFault);
      };
      const chosen = (prefer && applyPreference(request, reply)) || armed();
      if (chosen) return injectFault(chosen, request, reply, (status) => renderFound(find(), status));

      const found = find();
      if (found.fault === null) return renderFound(found, 'SUCCESS');
      const carried: InjectedFault = { trigger: 'data', fault: JSON.parse(found.fault) };
      return injectFault(carried, request, reply, (status) => renderFound(found, status));
    },
  );
};

/** Reads the fault that a request asks for, and tells the client that it was understood. */
function applyPreference({ headers }: FastifyRequest, reply: FastifyReply): InjectedFault | undefined {
  const preferred = headers.prefer === undefined ? undefined : readPrefer(String(headers.prefer));
  if (preferred === undefined) return undefined;
  reply.header('preference-applied', preferred.applied);
  return { trigger: 'prefer', fault: preferred.fault };
}

/** Writes the body of a 200; the extra fields are JSON text already, and are spliced in behind the contract's own. */
function renderFound({ detail, extra }: FoundDetails, status: ArtifactDetailResponse['status']): string {
  const own = JSON.stringify(detail);
  const data = extra === null ? own : `${own.slice(0, -1)},${extra.slice(1)}`;
  return `{"status":"${status}","data":${data}}`;
}
