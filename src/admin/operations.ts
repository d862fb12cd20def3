import { Readable } from 'node:stream';
import { Type } from '@sinclair/typebox';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { ApiError } from '../api/errors.js';
import { optionalInteger, optionalString, strict } from '../api/schema.js';
import { waitProperties } from '../control.js';
import { ExplanationSchema, explain } from '../explain/explain.js';
import { ArmedFaultSchema } from '../faults/armed.js';
import { HEADER_NAMES } from '../faults/headers.js';
import { signalGone } from '../faults/inject.js';
import { FaultRuleSchema } from '../faults/rule.js';
import { SESSION_HEADER } from '../faults/sessions.js';
import { EntrySchema, filterParameters, toFilter } from '../journal/entry.js';
import { ExpectationsSchema } from '../journal/verify.js';
import { FixtureText } from '../seed/document.js';
import { DocumentSchema } from '../seed/format.js';
import { RemovalSchema } from '../store/types.js';
import { inTurns, runInTurns } from '../util/steps.js';
import { type Access, guard, hasAdmin } from './guard.js';
import {
  type AdminOptions,
  acceptBodies,
  addRoute,
  define,
  type Operation,
  readId,
  readJson,
  streamList,
} from './operation.js';

/** The media type of the metrics. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const { registryRef, artifactType: artifact_type, ...names } = RemovalSchema.properties;

const ref: typeof registryRef = { ...registryRef, examples: ['acme/fresh'] };

const count = (description: string) => Type.Integer({ minimum: 0, description });

const counts = { registries: count('registries'), artifacts: count('artifacts'), versions: count('versions') };

const limit = optionalInteger(
  1,
  10_000,
  'the maximum number of entries, newest first, from 1 to 10000; 100 unless given',
);

const MatchingSchema = Type.Object({ count: count('how many match') });

/** The largest body that is not a fixture, in bytes. A raw answer of the maximum length fits in. */
const MAX_BODY = 262_144;

/** A longer fixture must be JSON: the YAML parser needs hundreds of times the memory of the text. In characters. */
const MAX_YAML = 262_144;

/** Every operation of the admin API: the source of its routes, its document and the table in the docs. */
export const operations = {
  listFaults: define('Faults', 'GET faults', 'Lists the armed faults with their counters', {
    answer: Type.Object({ faults: Type.Array(ArmedFaultSchema) }),
    handle: ({ control }, { session }) => streamList('faults', control.faults.list(session)),
  }),
  armFault: define('Faults', 'POST faults', 'Arms a fault', {
    body: FaultRuleSchema,
    example: { match: { artifact: 'library/*' }, fault: { code: 503 }, times: 2 },
    bodyLimit: MAX_BODY,
    status: 201,
    answer: ArmedFaultSchema,
    errors: [413, 415, 429],
    handle: ({ control }, { text, session }) => control.faults.arm(readJson(text), session),
  }),
  findFault: define('Faults', 'GET faults/:id', 'Shows one armed fault', {
    answer: ArmedFaultSchema,
    errors: [404],
    handle({ control }, { request, session }) {
      const id = readId(request);
      return control.faults.list(session).find((fault) => fault.id === id) ?? rejectId(id);
    },
  }),
  disarmFault: define('Faults', 'DELETE faults/:id', 'Disarms one fault', {
    errors: [404],
    handle({ control }, { request, session }) {
      const id = readId(request);
      if (!control.faults.disarm(id, session)) rejectId(id);
    },
  }),
  disarmFaults: define('Faults', 'DELETE faults', 'Disarms all faults except declared ones', {
    handle: ({ control }, { session }) => control.faults.clear(session),
  }),
  listEntries: define('Journal', 'GET journal', 'Lists recorded requests, oldest first', {
    query: Type.Object({ ...filterParameters, limit }, strict),
    answer: Type.Object({
      entries: Type.Array(EntrySchema),
      total: count('how many match, listed or not'),
      dropped: count('how many were dropped since the journal was last cleared'),
    }),
    async handle({ control }, { query: { limit = 100, ...filter }, session }) {
      const { entries, total } = await runInTurns(control.steps.list(toFilter(filter), session, limit));
      return streamList('entries', entries, { total, dropped: control.journal.dropped });
    },
  }),
  countEntries: define('Journal', 'GET journal/count', 'Counts recorded requests', {
    query: Type.Object(filterParameters, strict),
    answer: MatchingSchema,
    async handle({ control }, { query, session }) {
      const { total } = await runInTurns(control.steps.list(toFilter(query), session, 0));
      return { count: total };
    },
  }),
  awaitEntries: define('Journal', 'GET journal/wait', 'Waits for recorded requests; fails if too few come in time', {
    query: Type.Object({ ...filterParameters, ...waitProperties }, strict),
    answer: MatchingSchema,
    errors: [409, 429],
    async handle({ control }, { query: { count, timeout, ...filter }, session, reply }) {
      const options = { count, timeout };
      return { count: await control.journal.waitFor(toFilter(filter), options, session, signalGone(reply)) };
    },
  }),
  clearJournal: define('Journal', 'DELETE journal', 'Clears the journal', {
    handle: ({ control }, { session }) => control.journal.clear(session),
  }),
  verify: define('Journal', 'POST verify', 'Fails if an armed fault was never hit, or expected requests did not come', {
    body: ExpectationsSchema,
    example: { requests: [{ match: { artifact: 'library/*', status: 200 }, atLeast: 1 }] },
    bodyLimit: MAX_BODY,
    answer: Type.Object({ verified: Type.Literal(true) }),
    errors: [409, 413, 415],
    async handle({ control }, { text, session }) {
      await runInTurns(control.steps.verify(readJson(text), session));
      return { verified: true };
    },
  }),
  explain: define('Explain', 'GET explain', 'Explains every decision about a request, without recording it', {
    query: Type.Object(
      {
        target: Type.String({
          description: 'the target, or the whole URL; percent-encode its & # and %',
          examples: ['/har/api/v1/registry/acme/pypi/+/artifact/acme-metrics/version/0.9/details'],
        }),
        key: optionalString('the API key; better sent in x-api-key, which is never logged'),
        method: optionalString('the method; GET unless given'),
      },
      strict,
    ),
    answer: ExplanationSchema,
    handle: ({ store, access }, { query: { target, key, method }, request }) =>
      explain(request.server.server, store, { target, method, headers: listHeaders(request, key, access) }),
  }),
  exportFixtures: define('Data', 'GET fixtures', 'Exports all data except the keys as a fixture', {
    answer: Type.String(),
    type: 'application/yaml; charset=utf-8',
    handle({ control, logger }) {
      const warn = ({ message }: Error) => logger.warn(`${message}; its answer was cut off`);
      return Readable.from(inTurns(control.fixtures.export())).on('error', warn);
    },
  }),
  mergeFixtures: define('Data', 'PUT fixtures', 'Merges a fixture, in JSON or YAML, into the data', {
    body: DocumentSchema,
    example: {
      registries: [
        { ref: 'acme/fresh', packageType: 'GO', artifacts: [{ name: 'app', versions: [{ version: 'v1.0.0' }] }] },
      ],
    },
    answer: Type.Object({ ...counts, keys: count('keys') }, { description: 'what was merged' }),
    errors: [413, 415],
    handle({ control }, { text, request }) {
      const isLong = text.length > MAX_YAML;
      const ofType = request.headers['content-type']?.includes('json') ? 'send YAML as application/yaml' : undefined;
      const jsonHint = isLong ? `a fixture of more than ${MAX_YAML} characters must be JSON` : ofType;
      return control.fixtures.merge(new FixtureText('body', text, { jsonHint, isLocated: !isLong }));
    },
  }),
  deleteFixtures: define('Data', 'DELETE fixtures', 'Deletes a registry, an artifact or a version', {
    query: Type.Object({ ref, artifact_type, ...names }, strict),
    answer: Type.Object(counts, { description: 'what was deleted' }),
    errors: [404],
    handle: ({ control }, { query: { ref: registryRef, artifact_type: artifactType, ...names } }) =>
      control.fixtures.remove({ registryRef, artifactType, ...names }),
  }),
  reset: define(
    'Data',
    'POST reset',
    'Returns to the last seeding and clears faults and journal; with a session, keeps the data',
    { handle: ({ control }, { session }) => control.reset(session) },
  ),
  readMetrics: define('Metrics', 'GET metrics', 'Returns metrics in the Prometheus text format', {
    answer: Type.String(),
    type: METRICS_TYPE,
    handle: ({ readMetrics }) => readMetrics(),
  }),
};

function rejectId(id: number): never {
  const reason = 'no armed fault has this id; GET /__admin/faults lists them';
  throw new ApiError('faultNotFound', { field: 'id', value: id, reason });
}

/** Lists the headers to explain, which rules match. The key of the query wins; the admin token is left out. */
function listHeaders({ raw }: FastifyRequest, key: string | undefined, { adminToken }: Access): [string, string][] {
  const ofKey = adminToken === undefined ? ['x-api-key', 'authorization'] : ['x-api-key'];
  const names: string[] = [SESSION_HEADER, ...HEADER_NAMES, ...(key === undefined ? ofKey : [])];
  const own = raw.rawHeaders.flatMap((name, index): [string, string][] =>
    index % 2 === 0 && names.includes(name.toLowerCase()) ? [[name, raw.rawHeaders[index + 1] as string]] : [],
  );
  return key === undefined ? own : [['x-api-key', Buffer.from(key).toString('latin1')], ...own];
}

const off = new ApiError('unknownRoute', {
  hint: 'the admin API is off because the server listens beyond this machine; set --admin-token',
});

/** Adds the operations of the admin API, or answers that it is off. */
export const adminRoutes: FastifyPluginAsync<AdminOptions> = async (app, options) => {
  if (!hasAdmin(options.access)) {
    for (const url of ['/__admin', '/__admin/*']) app.all(url, () => Promise.reject(off));
    return;
  }
  guard(app, options.access);
  acceptBodies(app);
  for (const operation of Object.values<Operation>(operations)) addRoute(app, operation, options);
};
