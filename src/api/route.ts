import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/options.js';
import type { ArmedFaults } from '../faults/armed.js';
import { type Candidate, type ChosenFault, chooseFault, type Fault, isFailure } from '../faults/fault.js';
import { nameHeaders, pickHeaders } from '../faults/headers.js';
import { breakConnection, drawDelay, pause, toAnswer } from '../faults/inject.js';
import { readPrefer } from '../faults/prefer.js';
import { type Random, readSessionName, SESSION_HEADER, type Sessions } from '../faults/sessions.js';
import type { FoundDetails, Store } from '../store/store.js';
import { requireApiKey } from './auth.js';
import { sendError, sendForeign, sendJson } from './error-handler.js';
import { LookupError } from './errors.js';
import { operation, ROUTE_PATH } from './operation.js';
import type { ArtifactDetailResponse, PathParameters, QueryParameters } from './schema.js';
import { traces } from './trace.js';

export interface DetailsRouteOptions extends Pick<Config, 'auth' | 'prefer'> {
  store: Store;
  faults: ArmedFaults;
  sessions: Sessions;
}

type DetailsRoute = { Params: PathParameters; Querystring: QueryParameters };
type DetailsRequest = FastifyRequest<DetailsRoute>;

/** The call, *Describe Artifact Details*: a 200 with Artifact Detail, or an error in the envelope. */
export const detailsRoute: FastifyPluginAsync<DetailsRouteOptions> = async (app, options) => {
  const { store, auth, faults, sessions } = options;
  requireApiKey(app, auth, store);

  app.get<DetailsRoute>(ROUTE_PATH, { schema: operation }, (request, reply) => {
    // A traced request opens no session.
    const random = traces.has(request.raw.socket) ? undefined : sessions.enter(request.headers[SESSION_HEADER]);
    const { registry_ref: ref, artifact, version } = request.params;
    const { artifact_type: artifactType, childVersion } = request.query;
    const found = store.find({ ref, artifact, version, artifactType, childVersion });
    request.found = found;
    const hasFault = !(found instanceof LookupError) && found.fault !== null;
    if (!hasFault && request.headers.prefer === undefined && faults.size === 0) return send(request, reply, found);
    const chosen = choose(request, reply, found, options, random);
    if (chosen === undefined) return send(request, reply, found);
    request.fault = chosen;
    if (isFailure(chosen.fault)) request.reason = 'fault';
    return sendFault(request, reply, found, chosen, random);
  });
};

const render = ({ data }: FoundDetails, status: ArtifactDetailResponse['status'] = 'SUCCESS') =>
  `{"status":"${status}","data":${data}}`;

/** Sends the result of a lookup. A failed one is not thrown: Fastify would call the same function, but slower. */
function send(
  request: FastifyRequest,
  reply: FastifyReply,
  found: FoundDetails | LookupError,
  status?: Fault['status'],
): undefined {
  if (found instanceof LookupError) return void sendError(found, request, reply);
  sendJson(reply, render(found, status));
  request.server.record(request, reply.statusCode);
}

/** Chooses the fault, in order of precedence: Prefer, armed, data. Without `random` (explain), no armed fault is used up. */
function choose(
  { headers, params, method, apiKey }: DetailsRequest,
  reply: FastifyReply,
  found: FoundDetails | LookupError,
  { prefer, faults }: DetailsRouteOptions,
  random: Random | undefined,
): ChosenFault | undefined {
  const { registry_ref: ref, artifact, version } = params;
  const session = readSessionName(headers[SESSION_HEADER]);
  const matched = {
    ...{ ref, artifact, version, method, key: apiKey?.name, session },
    // Few rules match by headers.
    get headers() {
      return nameHeaders(pickHeaders(headers));
    },
  };
  const preferred = prefer === 'on' && headers.prefer !== undefined ? readPrefer(String(headers.prefer)) : undefined;
  const candidates: Candidate[] = faults.steps(matched, random);
  if (preferred !== undefined) {
    const use = () => reply.header('preference-applied', preferred.applied);
    candidates.unshift({ trigger: 'prefer', fault: preferred.fault, use });
  }
  const isFound = !(found instanceof LookupError);
  if (isFound && found.fault !== null) candidates.push({ trigger: 'data', fault: JSON.parse(found.fault) });
  return chooseFault(candidates, isFound);
}

/** What explain gets for a broken connection. */
const NO_ANSWER = { status: 200 };

/** Sends the answer that a fault causes. Without `random` (explain), it neither waits nor breaks the connection. */
async function sendFault(
  request: DetailsRequest,
  reply: FastifyReply,
  found: FoundDetails | LookupError,
  chosen: ChosenFault,
  random: Random | undefined,
): Promise<void> {
  const { fault, delays } = chosen;
  const { network, status } = fault;
  if (random !== undefined && delays.length > 0) {
    chosen.delay = delays.reduce<number>((sum, delay) => sum + drawDelay(delay, random), 0);
  }
  const isGone = chosen.delay !== undefined && (await pause(chosen.delay, reply));
  if (random !== undefined && (isGone || network !== undefined)) {
    if (network !== undefined && !isGone)
      breakConnection(network, reply, found instanceof LookupError ? '' : render(found));
    reply.hijack();
    request.server.record(request, undefined);
    return;
  }
  const answer = network === undefined ? toAnswer(fault, request.params.registry_ref) : NO_ANSWER;
  if (answer === undefined) send(request, reply, found, status);
  else sendForeign(request, reply, answer);
}
