import { type TObject, type TSchema, Type } from '@sinclair/typebox';
import { stringEnum } from '../contract/values.js';
import { EntrySchema } from '../control/exchange.js';
import { FilterSchema } from '../control/filter.js';
import { InstructionSchema } from '../control/instruction.js';
import { ExpectationsSchema } from '../control/verify.js';
import { STEPS } from '../explain/explanation.js';
import { DocumentSchema } from '../fixtures/format.js';
import { REASONS } from '../reason.js';
import { DeleteQuerySchema, ExplainQuerySchema, ListQuerySchema, WaitQuerySchema } from './parameters.js';

/** One operation of the admin API: where it is, what it takes and what it answers. */
export interface Operation {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** As Fastify spells it. */
  url: string;
  tag: 'Faults' | 'Journal' | 'Explain' | 'Data' | 'Metrics';
  summary: string;
  query?: TObject;
  /** The schema of the body, which is JSON; a document may be YAML as well. */
  body?: TSchema;
  /** A body that does something. */
  example?: object;
  /** The most bytes that a body may have, where it is no fixture. */
  bodyLimit?: number;
  status: 200 | 201 | 204;
  /** The schema of the answer; none for 204. */
  answer?: TSchema;
  /** The type of the answer, where it is not JSON. */
  type?: string;
  /** The statuses of refusals besides 400, 401 and 403. */
  refusals?: readonly number[];
}

const count = (description: string) => Type.Integer({ minimum: 0, description });

const ArmedFaultSchema = Type.Object({
  id: count('counts from 1 in the order of arming'),
  ...InstructionSchema.properties,
  hits: count('how many requests it has hit; a pass of a sequence counts'),
  left: Type.Optional(count('how many it will hit yet; absent where there is no end')),
});

const ExplanationSchema = Type.Object({
  target: Type.String({ description: 'the target that is explained' }),
  steps: Type.Array(
    Type.Object({
      step: stringEnum(STEPS, 'the decision'),
      passed: Type.Boolean({ description: 'whether the request passed it' }),
      found: Type.String({ description: 'what was found' }),
    }),
  ),
  status: Type.Optional(
    Type.Integer({ description: 'the status that would be answered; absent where nothing would be' }),
  ),
  message: Type.String({ description: 'the message that would be answered' }),
  reason: Type.Optional(stringEnum(REASONS, 'why it gets no 200')),
  advice: Type.Optional(Type.String({ description: 'what to change' })),
});

const counts = Type.Object({
  registries: count('registries'),
  artifacts: count('artifacts'),
  versions: count('versions'),
});

/** What a body may have unless it is a document, in bytes. */
const BODY_LIMIT = 65_536;

/** Every operation of the admin API; its routes, its document and the README's table are all of this list. */
export const operations = {
  listFaults: {
    method: 'GET',
    url: '/__admin/faults',
    tag: 'Faults',
    summary: 'Lists the armed faults, with how often each was hit and what is left',
    status: 200,
    answer: Type.Object({ faults: Type.Array(ArmedFaultSchema) }),
  },
  armFault: {
    method: 'POST',
    url: '/__admin/faults',
    tag: 'Faults',
    summary: 'Arms a fault',
    body: InstructionSchema,
    example: { match: { artifact: 'library/*' }, fault: { code: 503 }, times: 2 },
    bodyLimit: BODY_LIMIT,
    status: 201,
    answer: ArmedFaultSchema,
    refusals: [413, 415, 429],
  },
  findFault: {
    method: 'GET',
    url: '/__admin/faults/:id',
    tag: 'Faults',
    summary: 'Shows one armed fault',
    status: 200,
    answer: ArmedFaultSchema,
    refusals: [404],
  },
  disarmFault: {
    method: 'DELETE',
    url: '/__admin/faults/:id',
    tag: 'Faults',
    summary: 'Disarms one fault',
    status: 204,
    refusals: [404],
  },
  disarmFaults: {
    method: 'DELETE',
    url: '/__admin/faults',
    tag: 'Faults',
    summary: 'Disarms all faults',
    status: 204,
  },
  listEntries: {
    method: 'GET',
    url: '/__admin/journal',
    tag: 'Journal',
    summary: 'Lists what was asked, oldest first',
    query: ListQuerySchema,
    status: 200,
    answer: Type.Object({
      entries: Type.Array(EntrySchema),
      total: count('how many there are, listed or not'),
      dropped: count('how many have made room for others since the journal was last cleared'),
    }),
  },
  countEntries: {
    method: 'GET',
    url: '/__admin/journal/count',
    tag: 'Journal',
    summary: 'Counts what was asked',
    query: FilterSchema,
    status: 200,
    answer: Type.Object({ count: count('how many there are') }),
  },
  awaitEntries: {
    method: 'GET',
    url: '/__admin/journal/wait',
    tag: 'Journal',
    summary: 'Waits until enough was asked, and fails where it was not in time',
    query: WaitQuerySchema,
    status: 200,
    answer: Type.Object({ count: count('how many there are') }),
    refusals: [409, 429],
  },
  clearJournal: {
    method: 'DELETE',
    url: '/__admin/journal',
    tag: 'Journal',
    summary: 'Forgets what was asked',
    status: 204,
  },
  verify: {
    method: 'POST',
    url: '/__admin/verify',
    tag: 'Journal',
    summary: 'Fails where an armed fault was never hit, or expected requests did not come',
    body: ExpectationsSchema,
    example: { requests: [{ match: { artifact: 'library/*', status: 200 }, atLeast: 1 }] },
    bodyLimit: BODY_LIMIT,
    status: 200,
    answer: Type.Object({ verified: Type.Literal(true) }),
    refusals: [409, 413, 415],
  },
  explain: {
    method: 'GET',
    url: '/__admin/explain',
    tag: 'Explain',
    summary: 'Walks one request through every decision, without serving it',
    query: ExplainQuerySchema,
    status: 200,
    answer: ExplanationSchema,
  },
  exportFixtures: {
    method: 'GET',
    url: '/__admin/fixtures',
    tag: 'Data',
    summary: 'Exports what is served, but for the keys, as a fixture',
    status: 200,
    answer: Type.String(),
    type: 'application/yaml; charset=utf-8',
  },
  mergeFixtures: {
    method: 'PUT',
    url: '/__admin/fixtures',
    tag: 'Data',
    summary: 'Merges a fixture, in JSON or YAML, into what is served; what is there already is replaced',
    body: DocumentSchema,
    example: {
      registries: [
        { ref: 'acme/fresh', packageType: 'GO', artifacts: [{ name: 'app', versions: [{ version: 'v1.0.0' }] }] },
      ],
    },
    status: 200,
    answer: Type.Object({ ...counts.properties, keys: count('keys') }, { description: 'what was merged' }),
    refusals: [413, 415],
  },
  deleteFixtures: {
    method: 'DELETE',
    url: '/__admin/fixtures',
    tag: 'Data',
    summary: 'Deletes a registry, an artifact or a version',
    query: DeleteQuerySchema,
    status: 200,
    answer: Type.Object(counts.properties, { description: 'what was deleted' }),
    refusals: [404],
  },
  reset: {
    method: 'POST',
    url: '/__admin/reset',
    tag: 'Data',
    summary:
      'Returns the data to the last seeding, forgets faults and journal, starts the generator over; of a session, all but the data',
    status: 204,
  },
  readMetrics: {
    method: 'GET',
    url: '/__admin/metrics',
    tag: 'Metrics',
    summary: "Metrics in Prometheus' text form",
    status: 200,
    answer: Type.String(),
    type: 'text/plain; version=0.0.4; charset=utf-8',
  },
} as const satisfies Record<string, Operation>;

/** The name of an operation of the admin API. */
export type OperationName = keyof typeof operations;
