import { Kind, type Static, type StringOptions, Type, TypeRegistry } from '@sinclair/typebox';

/** The package types (source: contract). */
export const PACKAGE_TYPES = [
  'DOCKER',
  'MAVEN',
  'PYTHON',
  'GENERIC',
  'HELM',
  'NUGET',
  'NPM',
  'RPM',
  'CARGO',
  'GO',
  'HUGGINGFACE',
] as const;

export type PackageType = (typeof PACKAGE_TYPES)[number];

/** The artifact types (source: contract); only HUGGINGFACE artifacts have one. */
export const ARTIFACT_TYPES = ['model', 'dataset'] as const;

export type ArtifactType = (typeof ARTIFACT_TYPES)[number];

TypeRegistry.Set<{ enum: readonly string[] }>('StringEnum', (schema, value) => schema.enum.includes(value as string));

/** A string enum. A union of literals would become `anyOf` in the document, which generators handle badly. */
export function stringEnum<const Values extends readonly string[]>(values: Values, description: string) {
  return Type.Unsafe<Values[number]>({ [Kind]: 'StringEnum', type: 'string', enum: values, description });
}

/** Options of a schema that refuses unknown keys. */
export const strict = { additionalProperties: false };

/** The schema of an optional integer; both limits are inclusive. */
export const optionalInteger = (minimum: number, maximum: number, description: string) =>
  Type.Optional(Type.Integer({ minimum, maximum, description }));

/** The schema of an optional string. */
export const optionalString = (description: string, options?: StringOptions) =>
  Type.Optional(Type.String({ ...options, description }));

export const PackageTypeSchema = stringEnum(PACKAGE_TYPES, 'package type of the registry');

export const ArtifactTypeSchema = stringEnum(ARTIFACT_TYPES, 'model or dataset');

/** Artifact Detail, the `data` of a 200 (source: contract). It is open: the live service adds fields by package type. */
export const ArtifactDetailSchema = Type.Object(
  {
    version: Type.String({ description: 'version of the artifact' }),
    packageType: PackageTypeSchema,
    artifactType: Type.Optional(ArtifactTypeSchema),
    name: Type.Optional(Type.String({ description: 'name of the artifact' })),
    size: Type.Optional(Type.String({ description: 'size, base 1024 with two decimals' })),
    createdAt: Type.Optional(Type.String({ description: 'epoch milliseconds as a decimal string' })),
    createdBy: Type.Optional(Type.String({ description: 'who pushed the version' })),
    modifiedAt: Type.Optional(Type.String({ description: 'epoch milliseconds as a decimal string' })),
    downloadCount: Type.Optional(Type.Integer({ format: 'int64', description: 'number of downloads' })),
    isQuarantined: Type.Optional(Type.Boolean({ description: 'whether the version is quarantined' })),
    quarantineReason: Type.Optional(Type.String({ description: 'why the version is quarantined' })),
  },
  { $id: 'ArtifactDetail', title: 'Artifact Detail', additionalProperties: true },
);

/** Artifact Detail; absent fields are left out, never null. */
export type ArtifactDetail = Static<typeof ArtifactDetailSchema>;

/** The body of a 200 (source: contract). */
export const ArtifactDetailResponseSchema = Type.Object(
  {
    status: stringEnum(['SUCCESS', 'FAILURE', 'ERROR'], 'outcome of the request'),
    data: Type.Unsafe<ArtifactDetail>({ $ref: 'ArtifactDetail#' }),
  },
  { $id: 'ArtifactDetailResponse', title: 'Artifact Detail Response' },
);

export type ArtifactDetailResponse = Static<typeof ArtifactDetailResponseSchema>;

/** The body of every answer with a status of 400 or above (source: contract). */
export const ErrorSchema = Type.Object(
  {
    code: Type.String({ description: 'the HTTP status, as a string' }),
    message: Type.String({ description: 'why the request failed' }),
    details: Type.Optional(Type.Object({}, { description: 'more about the error', additionalProperties: true })),
  },
  { $id: 'Error', title: 'Error' },
);

/** The error envelope. */
export type Envelope = Static<typeof ErrorSchema>;

/** The path parameters, decoded and without markers (source: contract; the document shows a ref with its marker). */
export const PathParametersSchema = Type.Object({
  registry_ref: Type.String({
    pattern: '^[^/]+(?:/[^/]+){1,3}$',
    description:
      'The scope in which the registry exists, ending in `/+`: `account_id/registry_name/+` for an account, ' +
      '`account_id/org_id/registry_name/+` for an organisation, `account_id/org_id/project_id/registry_name/+` for a project.',
  }),
  artifact: Type.String({
    minLength: 1,
    description:
      "The artifact's name. A name that contains `/` gets `/+` appended (`mygroup/myartifact/+`); " +
      'a name without `/` is used plain (`myartifact`).',
  }),
  version: Type.String({ minLength: 1, description: "The version's name." }),
});

export type PathParameters = Static<typeof PathParametersSchema>;

/** The query parameters (source: contract); unknown ones are ignored. */
export const QueryParametersSchema = Type.Object({
  artifact_type: Type.Optional(stringEnum(ARTIFACT_TYPES, 'Artifact type.')),
  childVersion: Type.Optional(Type.String({ description: 'Child version, for Docker artifacts.' })),
});

export type QueryParameters = Static<typeof QueryParametersSchema>;

export type ParameterName = keyof PathParameters | keyof QueryParameters;

/** What each parameter must be, for `details.reason` of a 400. */
export const PARAMETER_RULES: Record<ParameterName, string> = {
  registry_ref: 'must have 2 to 4 non-empty components: account[/org[/project]]/registry',
  artifact: 'must not be empty',
  version: 'must not be empty',
  artifact_type: 'must be given once and be exactly model or dataset',
  childVersion: 'must be given once',
};
