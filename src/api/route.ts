import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { AuthMode } from '../config/options.js';
import type { ArmedFaults } from '../faults/armed.js';
import { type ChosenFault, chooseFault, type FaultCandidate } from '../faults/choose.js';
import { type Fault, needsDetails } from '../faults/fault.js';
import { drawDelay, injectFault, type Render } from '../faults/inject.js';
import { readPrefer } from '../faults/prefer.js';
import { type Random, readSessionName, SESSION_HEADER, type Sessions } from '../faults/sessions.js';
import type { FoundDetails, Store } from '../store/store.js';
import { requireApiKey } from './auth.js';
import { sendError, sendJson } from './error-handler.js';
import { LookupError } from './errors.js';
import { operation, ROUTE_PATH } from './operation.js';
import type { PathParameters, QueryParameters } from './schema.js';
import { traceOf } from './trace.js';

export interface DetailsRouteOptions {
  store: Store;
  auth: AuthMode;
  /** Whether a request may ask for a fault in its `Prefer` header. */
  prefer: boolean;
  faults: ArmedFaults;
  sessions: Sessions;
}

type DetailsRequest = FastifyRequest<{ Params: PathParameters; Querystring: QueryParameters }>;

/** The call, *Describe Artifact Details*: a 200 with Artifact Detail, or an error in the envelope. */
export const detailsRoute: FastifyPluginAsync<DetailsRouteOptions> = async (app, options) => {
  const { store, auth, prefer, faults, sessions } = options;
  requireApiKey(app, auth, store);

  app.get<{ Params: PathParameters; Querystring: QueryParameters }>(
    ROUTE_PATH,
    { schema: operation },
    (request, reply) => {
      const trace = traceOf(request.raw.socket);
      const session = trace === undefined ? sessions.enter(request.headers[SESSION_HEADER]) : undefined;
      const found = find(store, request);
      const isPlain = request.headers.prefer === undefined && faults.size === 0;
      if (isPlain && trace === undefined) {
        // Thrown, it would take Fastify's longer way to the same function.
        if (found instanceof LookupError) return sendError(found, request, reply);
        if (found.fault === null) return sendFound(request, reply, render(found, 'SUCCESS'));
      }
      const candidates = listCandidates(request, reply, found, prefer, faults, session?.random);
      const chosen = chooseFault(candidates, (fault) => !needsDetails(fault) || !(found instanceof LookupError));
      if (chosen?.fault.code !== undefined || chosen?.fault.network !== undefined) request.reason = 'fault';
      if (trace !== undefined) {
        const packageType = store.findPackageType(request.params.registry_ref);
        Object.assign(trace, { found, fault: chosen, packageType });
        const isFailure = request.reason === 'fault';
        return sendFound(request, reply, isFailure ? '{}' : render(found, chosen?.fault.status ?? 'SUCCESS'));
      }
      const answer: Render = (status) => render(found, status);
      if (chosen === undefined) return sendFound(request, reply, answer('SUCCESS'));
      return sendFault(request, reply, chosen, session?.random as Random, answer);
    },
  );
};

function find(store: Store, { params, query }: DetailsRequest): FoundDetails | LookupError {
  return store.find({
    ref: params.registry_ref,
    artifact: params.artifact,
    version: params.version,
    artifactType: query.artifact_type,
    childVersion: query.childVersion,
  });
}

function render(found: FoundDetails | LookupError, status: Parameters<Render>[0]): string {
  if (found instanceof LookupError) throw found;
  return `{"status":"${status}","data":${found.data}}`;
}

function sendFound(request: FastifyRequest, reply: FastifyReply, body: string): void {
  sendJson(reply, body);
  request.server.record(request, reply.statusCode);
}

/** Yields the faults that match, in order of precedence: Prefer, armed, fixture. Without `random` (explain), no armed fault is used up. */
function* listCandidates(
  request: DetailsRequest,
  reply: FastifyReply,
  found: FoundDetails | LookupError,
  prefer: boolean,
  faults: ArmedFaults,
  random: Random | undefined,
): Generator<FaultCandidate> {
  const { headers, params, method } = request;
  const preferred = prefer && headers.prefer !== undefined ? readPrefer(String(headers.prefer)) : undefined;
  if (preferred !== undefined) {
    const use = () => void reply.header('preference-applied', preferred.applied);
    yield { trigger: 'prefer', fault: preferred.fault, use };
  }
  const { registry_ref: ref, artifact, version } = params;
  const session = readSessionName(headers[SESSION_HEADER]);
  const matched = { ref, artifact, version, method, key: request.apiKey?.name, session };
  for (const { id, fault, use } of faults.steps(matched, random)) {
    yield { trigger: 'armed', id, fault, ...(random && { use }) };
  }
  if (!(found instanceof LookupError) && found.fault !== null) {
    yield { trigger: 'data', fault: JSON.parse(found.fault) as Fault };
  }
}

async function sendFault(
  request: FastifyRequest,
  reply: FastifyReply,
  { trigger, id, fault, delays }: ChosenFault,
  random: Random,
  answer: Render,
): Promise<void> {
  const delay =
    delays.length === 0 ? undefined : delays.reduce<number>((sum, next) => sum + drawDelay(next, random), 0);
  // Keep message and details out of the journal: they can be large.
  const { message: _message, details: _details, delay: _delay, ...kept } = fault;
  const shownDelay = delays.length > 1 ? delay : delays[0];
  request.fault = {
    trigger,
    ...(id !== undefined && { id }),
    fault: { ...kept, ...(shownDelay !== undefined && { delay: shownDelay }) },
  };
  const body = await injectFault(fault, delay, reply, answer);
  if (body === undefined) {
    reply.hijack();
    request.server.record(request, undefined);
  } else sendFound(request, reply, body);
}
