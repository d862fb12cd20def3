import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuthMode } from '../auth.js';
import { Misfit } from '../check.js';
import type { Controls } from '../control/controls.js';
import { type Filter, FilterSchema } from '../control/filter.js';
import { InstructionSchema } from '../control/instruction.js';
import { requireSession } from '../control/sessions.js';
import { ExpectationsSchema, explainFew, verify } from '../control/verify.js';
import { explain, type Judge } from '../explain/explain.js';
import { FixtureContent, FixtureText } from '../fixtures/document.js';
import { exportFixtures } from '../fixtures/export.js';
import { mergeFixtures } from '../fixtures/load.js';
import { ApiError } from '../http/errors.js';
import { signalGone } from '../http/gone.js';
import type { Limits } from '../http/limits.js';
import { once } from '../once.js';
import type { Store } from '../store/store.js';
import type { Access } from './access.js';
import { parseJson, readBody, readParameters, readPresented, readQuery, readText } from './input.js';
import type { OperationName } from './operations.js';
import {
  DeleteQuerySchema,
  ExplainQuerySchema,
  FaultParametersSchema,
  ListQuerySchema,
  WaitQuerySchema,
} from './parameters.js';

/** What the operations of the admin API control. */
export interface Controlled {
  controls: Controls;
  store: Store;
  auth: AuthMode;
  access: Access;
  limits: Pick<Limits, 'maxHeaderBytes'>;
  /** Returns the data to the last seeding, or reload by `--watch`. */
  resetData(): void;
}

/** Does what an operation is for; returns the answer's body, or nothing for a 204. */
type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown;

const LISTED = 100;
const WAITED = 5_000;

/** Up to so many characters a document may be YAML, and its mistakes are told by line and column. */
const PLACED_LIMIT = 262_144;

/** Makes the handlers of all operations. They throw what the error handler of the app turns into the envelope. */
export function makeHandlers({
  controls,
  store,
  auth,
  access,
  limits: { maxHeaderBytes },
  resetData,
}: Controlled): Record<OperationName, Handler> {
  const { faults, journal } = controls;
  const loadMetrics = once(async () => (await import('./metrics.js')).createMetrics(controls));
  const filterOf = ({ session: { name } }: FastifyRequest, filter: Filter): Filter => {
    requireSession(name, filter.session, ['session']);
    return name === undefined ? filter : { ...filter, session: name };
  };

  return {
    listFaults: ({ session }) => ({ faults: faults.list(session.name) }),
    armFault(request) {
      const { match, ...rest } = readBody(InstructionSchema, request);
      const { name } = request.session;
      requireSession(name, match?.session, ['match', 'session']);
      const own = { ...match, ...(name !== undefined && { session: name }) };
      return faults.arm(Object.keys(own).length === 0 ? rest : { match: own, ...rest });
    },
    findFault(request) {
      const id = readId(request);
      const found = faults.list(request.session.name).find((fault) => fault.id === id);
      if (found === undefined) throw faultNotFound(id);
      return found;
    },
    disarmFault(request) {
      const id = readId(request);
      if (!faults.disarm(id, request.session.name)) throw faultNotFound(id);
    },
    disarmFaults: ({ session }) => faults.clear(session.name),

    listEntries(request) {
      const { limit = LISTED, ...rest } = readQuery(ListQuerySchema, request);
      const filter = filterOf(request, rest);
      return { entries: journal.list(filter, limit), total: journal.count(filter), dropped: journal.dropped };
    },
    countEntries(request) {
      const filter = readQuery(FilterSchema, request);
      return { count: journal.count(filterOf(request, filter)) };
    },
    async awaitEntries(request, reply) {
      const { count = 1, timeout = WAITED, ...rest } = readQuery(WaitQuerySchema, request);
      const filter = filterOf(request, rest);
      const came = await journal.waitFor(filter, count, timeout, signalGone(reply));
      const found = journal.count(filter);
      if (came) return { count: found };
      throw new ApiError('notAsExpected', {
        reasons: [`${found} came within ${timeout} ms, expected at least ${count}${explainFew(journal)}`],
      });
    },
    clearJournal: ({ session }) => journal.clear(session.name),
    verify(request) {
      const reasons = verify(readBody(ExpectationsSchema, request), controls, request.session.name);
      if (reasons.length > 0) throw new ApiError('notAsExpected', { reasons });
      return { verified: true };
    },

    explain(request) {
      const { target, key, method } = readQuery(ExplainQuerySchema, request);
      const findArmed: Judge['findArmed'] = ({ key: name, ...asked }, canHappen) =>
        faults.peek({ ...asked, key: name, session: request.session.name }, canHappen);
      return explain(
        { target, method, ...readPresented(request, key, access) },
        { store, auth, maxHeaderBytes, findArmed },
      );
    },

    exportFixtures: () => Readable.from(exportFixtures(store)),
    mergeFixtures(request) {
      const text = readText(request);
      // To tell lines and columns takes a tree that is hundreds of times the size of the text.
      const isPlaced = text.length <= PLACED_LIMIT;
      const source = isPlaced ? new FixtureText('body', text) : new FixtureContent('body', parseLong(text));
      return mergeFixtures(store, [source]).counts;
    },
    deleteFixtures(request) {
      const { ref: registryRef, artifact_type: artifactType, ...rest } = readQuery(DeleteQuerySchema, request);
      if (rest.version !== undefined && rest.artifact === undefined) {
        throw new Misfit(['artifact'], 'expected the name of the artifact whose version this is');
      }
      return store.remove({ registryRef, artifactType, ...rest });
    },
    reset({ session }) {
      if (session.name === undefined) resetData();
      controls.reset(session.name);
    },

    async readMetrics() {
      const write = await loadMetrics();
      return write();
    },
  };
}

function parseLong(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    const { path, reason } = error as Misfit;
    throw new Misfit(path, `${reason}; one of more than ${PLACED_LIMIT} characters must be JSON`);
  }
}

function readId({ params }: FastifyRequest): number {
  return readParameters(FaultParametersSchema, params).id;
}

function faultNotFound(id: number): ApiError {
  return new ApiError('faultNotFound', {
    field: 'id',
    value: id,
    reason: 'none of the armed faults has it; GET /__admin/faults lists them',
  });
}
