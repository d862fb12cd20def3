import { Type } from '@sinclair/typebox';
import { ARTIFACT_TYPES, stringEnum } from '../contract/values.js';
import { FilterSchema } from '../control/filter.js';

/** The parameters of an operation on one armed fault. */
export const FaultParametersSchema = Type.Object({
  id: Type.Integer({ minimum: 1, description: 'the id of an armed fault', examples: [1] }),
});

/** The query of a list of entries. */
export const ListQuerySchema = Type.Object(
  {
    ...FilterSchema.properties,
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 10_000,
        description: 'how many of the newest to list, from 1 to 10000; 100 unless given',
      }),
    ),
  },
  { additionalProperties: false },
);

/** The query of a wait for entries. */
export const WaitQuerySchema = Type.Object(
  {
    ...FilterSchema.properties,
    count: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 10_000,
        description: 'how many there must be, from 1 to 10000; 1 unless given',
      }),
    ),
    timeout: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 60_000,
        description: 'milliseconds to wait, from 0 to 60000; 5000 unless given',
      }),
    ),
  },
  { additionalProperties: false },
);

/** The query of an explanation. */
export const ExplainQuerySchema = Type.Object(
  {
    target: Type.String({
      description: 'the target, or the whole URL; what it has of & # and % is percent-encoded once more',
      examples: ['/har/api/v1/registry/acme/pypi/+/artifact/acme-metrics/version/0.9/details'],
    }),
    key: Type.Optional(Type.String({ description: 'the API key; better sent in x-api-key, which no log shows' })),
    method: Type.Optional(Type.String({ description: 'the method; GET unless given' })),
  },
  { additionalProperties: false },
);

/** The query that names what to delete. */
export const DeleteQuerySchema = Type.Object(
  {
    ref: Type.String({
      minLength: 1,
      description: 'the ref of a registry, without its marker',
      examples: ['acme/fresh'],
    }),
    artifact: Type.Optional(Type.String({ minLength: 1, description: 'the name of an artifact, without its marker' })),
    artifact_type: Type.Optional(stringEnum(ARTIFACT_TYPES, 'model or dataset, where both have the name')),
    version: Type.Optional(Type.String({ minLength: 1, description: 'the name of a version of the artifact' })),
  },
  { additionalProperties: false },
);
