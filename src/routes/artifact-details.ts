import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuthMode } from '../auth.js';
import type { ArtifactDetailResponse } from '../contract/details.js';
import { ARTIFACT_DETAILS_URL } from '../contract/operation.js';
import { PathSyntaxSchema, QueryParametersSchema } from '../contract/parameters.js';
import type { Controls } from '../control/controls.js';
import type { InjectedFault } from '../control/exchange.js';
import { type Fault, needsDetails } from '../faults/fault.js';
import { requireApiKey } from '../http/api-key.js';
import { chooseFault } from '../http/choose-fault.js';
import { type Answer, injectFault } from '../http/inject-fault.js';
import { readPrefer } from '../http/prefer.js';
import { enterSessions } from '../http/record.js';
import { repeatAnswers } from '../http/repeat.js';
import { attemptDetails, type FoundDetails } from '../store/details.js';
import { Miss } from '../store/errors.js';
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
      const lookUp = {
        registryRef: params.registry_ref,
        artifact: params.artifact,
        version: params.version,
        artifactType: query.artifact_type,
        childVersion: query.childVersion,
      };
      let found: FoundDetails | Miss | undefined;
      const look = () => {
        found ??= attemptDetails(store, lookUp);
        return found;
      };
      const canHappen = (fault: Fault) => !needsDetails(fault) || !(look() instanceof Miss);
      const asked = {
        ref: params.registry_ref,
        artifact: params.artifact,
        version: params.version,
        method: request.method,
        key: request.apiKey?.name,
        session: session.name,
      };
      reply.type('application/json; charset=utf-8');

      const chosen = chooseFault([
        () => (prefer ? applyPreference(request, reply, canHappen) : undefined),
        () => {
          const picked = faults.pick(asked, session.random, canHappen);
          return picked && { trigger: 'armed', ...picked };
        },
        () => readCarried(look()),
      ]);
      const answer: Answer = (status) => renderFound(look(), status);
      return chosen === undefined ? answer('SUCCESS') : injectFault(chosen, request, reply, answer);
    },
  );
};

/** Reads the fault that a request asks for, and tells the client that it happens, where it can. */
function applyPreference(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  canHappen: (fault: Fault) => boolean,
): InjectedFault | undefined {
  const preferred = headers.prefer === undefined ? undefined : readPrefer(String(headers.prefer));
  if (preferred === undefined || !canHappen(preferred.fault)) return undefined;
  reply.header('preference-applied', preferred.applied);
  return { trigger: 'prefer', fault: preferred.fault };
}

/** Reads the fault that a version carries. */
function readCarried(found: FoundDetails | Miss): InjectedFault | undefined {
  if (found instanceof Miss || found.fault === null) return undefined;
  return { trigger: 'data', fault: JSON.parse(found.fault) };
}

/**
 * Writes the body of a 200; the extra fields are JSON text already, and are spliced in behind the contract's own. Throws the
 * Miss where there are no details.
 */
function renderFound(found: FoundDetails | Miss, status: ArtifactDetailResponse['status']): string {
  if (found instanceof Miss) throw found;
  const { detail, extra } = found;
  const own = JSON.stringify(detail);
  const data = extra === null ? own : `${own.slice(0, -1)},${extra.slice(1)}`;
  return `{"status":"${status}","data":${data}}`;
}
