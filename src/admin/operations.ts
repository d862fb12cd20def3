import { type TObject, type TSchema, Type } from '@sinclair/typebox';
import { optionalInteger, optionalString, strict } from '../api/schema.js';
import { waitProperties } from '../control.js';
import { ExplanationSchema } from '../explain/explain.js';
import { ArmedFaultSchema } from '../faults/armed.js';
import { FaultRuleSchema } from '../faults/rule.js';
import { EntrySchema, filterParameters } from '../journal/entry.js';
import { ExpectationsSchema } from '../journal/verify.js';
import { DocumentSchema } from '../seed/format.js';
import { RemovalSchema } from '../store/types.js';

export interface Operation {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** In Fastify's syntax. */
  url: string;
  tag: 'Faults' | 'Journal' | 'Explain' | 'Data' | 'Metrics';
  summary: string;
  query?: TObject;
  body?: TSchema;
  example?: object;
  /** The largest body in bytes, if it is not a fixture. */
  bodyLimit?: number;
  status: 200 | 201 | 204;
  answer?: TSchema;
  /** The media type of the answer, if it is not JSON. */
  type?: string;
  /** The statuses of errors besides 400, 401 and 403. */
  errors?: readonly number[];
}

/** The path parameters of an operation on one armed fault. */
export const FaultParametersSchema = Type.Object({
  id: Type.Integer({ minimum: 1, description: 'the id of an armed fault', examples: [1] }),
});

const ListQuerySchema = Type.Object(
  {
    ...filterParameters,
    limit: optionalInteger(1, 10_000, 'the maximum number of entries, newest first, from 1 to 10000; 100 unless given'),
  },
  strict,
);

const WaitQuerySchema = Type.Object({ ...filterParameters, ...waitProperties }, strict);

const ExplainQuerySchema = Type.Object(
  {
    target: Type.String({
      description: 'the target, or the whole URL; percent-encode its & # and %',
      examples: ['/har/api/v1/registry/acme/pypi/+/artifact/acme-metrics/version/0.9/details'],
    }),
    key: optionalString('the API key; better sent in x-api-key, which is never logged'),
    method: optionalString('the method; GET unless given'),
  },
  strict,
);

const { registryRef, artifactType: artifact_type, ...names } = RemovalSchema.properties;

const ref: typeof registryRef = { ...registryRef, examples: ['acme/fresh'] };

const DeleteQuerySchema = Type.Object({ ref, artifact_type, ...names }, strict);

const count = (description: string) => Type.Integer({ minimum: 0, description });

const counts = { registries: count('registries'), artifacts: count('artifacts'), versions: count('versions') };

const MatchingSchema = Type.Object({ count: count('how many match') });

/** Creates an operation from its request line. Without an answer, it answers 204. */
function define<More extends Partial<Operation>>(
  tag: Operation['tag'],
  line: string,
  summary: string,
  more = {} as More,
) {
  const [method, url] = line.split(' ') as [Operation['method'], string];
  const status = more.answer === undefined ? 204 : 200;
  return { method, url: `/__admin/${url}`, tag, summary, status, ...more } as const;
}

/** The largest body that is not a fixture, in bytes. A raw answer of the maximum length fits in. */
const MAX_BODY = 262_144;

/** Every operation of the admin API: the source of its routes, its document and the table in the docs. */
export const operations = {
  listFaults: define('Faults', 'GET faults', 'Lists the armed faults with their counters', {
    answer: Type.Object({ faults: Type.Array(ArmedFaultSchema) }),
  }),
  armFault: define('Faults', 'POST faults', 'Arms a fault', {
    body: FaultRuleSchema,
    example: { match: { artifact: 'library/*' }, fault: { code: 503 }, times: 2 },
    bodyLimit: MAX_BODY,
    status: 201,
    answer: ArmedFaultSchema,
    errors: [413, 415, 429],
  }),
  findFault: define('Faults', 'GET faults/:id', 'Shows one armed fault', { answer: ArmedFaultSchema, errors: [404] }),
  disarmFault: define('Faults', 'DELETE faults/:id', 'Disarms one fault', { errors: [404] }),
  disarmFaults: define('Faults', 'DELETE faults', 'Disarms all faults except declared ones'),
  listEntries: define('Journal', 'GET journal', 'Lists recorded requests, oldest first', {
    query: ListQuerySchema,
    answer: Type.Object({
      entries: Type.Array(EntrySchema),
      total: count('how many match, listed or not'),
      dropped: count('how many were dropped since the journal was last cleared'),
    }),
  }),
  countEntries: define('Journal', 'GET journal/count', 'Counts recorded requests', {
    query: Type.Object(filterParameters, strict),
    answer: MatchingSchema,
  }),
  awaitEntries: define('Journal', 'GET journal/wait', 'Waits for recorded requests; fails if too few come in time', {
    query: WaitQuerySchema,
    answer: MatchingSchema,
    errors: [409, 429],
  }),
  clearJournal: define('Journal', 'DELETE journal', 'Clears the journal'),
  verify: define('Journal', 'POST verify', 'Fails if an armed fault was never hit, or expected requests did not come', {
    body: ExpectationsSchema,
    example: { requests: [{ match: { artifact: 'library/*', status: 200 }, atLeast: 1 }] },
    bodyLimit: MAX_BODY,
    answer: Type.Object({ verified: Type.Literal(true) }),
    errors: [409, 413, 415],
  }),
  explain: define('Explain', 'GET explain', 'Explains every decision about a request, without recording it', {
    query: ExplainQuerySchema,
    answer: ExplanationSchema,
  }),
  exportFixtures: define('Data', 'GET fixtures', 'Exports all data except the keys as a fixture', {
    answer: Type.String(),
    type: 'application/yaml; charset=utf-8',
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
  }),
  deleteFixtures: define('Data', 'DELETE fixtures', 'Deletes a registry, an artifact or a version', {
    query: DeleteQuerySchema,
    answer: Type.Object(counts, { description: 'what was deleted' }),
    errors: [404],
  }),
  reset: define(
    'Data',
    'POST reset',
    'Returns to the last seeding and clears faults and journal; with a session, keeps the data',
  ),
  readMetrics: define('Metrics', 'GET metrics', 'Returns metrics in the Prometheus text format', {
    answer: Type.String(),
    type: 'text/plain; version=0.0.4; charset=utf-8',
  }),
} satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;
