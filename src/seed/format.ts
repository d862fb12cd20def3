import { type Static, type TObject, type TProperties, type TSchema, Type } from '@sinclair/typebox';
import { ArtifactTypeSchema, optionalString, PackageTypeSchema, strict } from '../api/schema.js';
import { FaultSchema } from '../faults/fault.js';

/** An object without unknown keys; the description says what was expected. */
const mapping = <Properties extends TProperties>(description: string, properties: Properties): TObject<Properties> =>
  Type.Object(properties, { ...strict, description });

/** Marks a place where the text of an API key may be, so that no message shows it. */
const secret = <Schema extends TSchema>(schema: Schema): Schema => ({ ...schema, writeOnly: true });

const text = (description: string) => Type.String({ minLength: 1, description });

/** ISO 8601 with a time zone, or a date alone (UTC), or digits. */
const TIME_PATTERN = '^(\\d+|\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2}))?)$';

const time = (what: string) => {
  const description = `${what}: ISO 8601 with a time zone, or epoch milliseconds in quotes`;
  return Type.Optional(Type.String({ pattern: TIME_PATTERN, description }));
};

const listOf = <Item extends TSchema>(items: Item, description: string) =>
  Type.Optional(Type.Array(items, { description }));

const wholeNumber = { minimum: 0, maximum: Number.MAX_SAFE_INTEGER };

/** Refuses a longer text before the rest of a pattern, which would exhaust the stack of the regular expression. */
const bounded = '(?=[\\s\\S]{1,4096}$)';
const registryName = '(?=.{1,255}$)[a-z0-9]+(?:[._-][a-z0-9]+)*';

const RefSchema = Type.String({
  pattern: `^${bounded}(?:[^/]+/){1,3}${registryName}$`,
  description:
    'account[/org[/project]]/registry without the /+ marker; the registry in lower-case letters and digits, separated by single dots, dashes or underscores',
});

const ScopeSchema = Type.String({
  pattern: `^${bounded}[^/]+(?:/[^/]+){0,3}$`,
  description: 'a scope path: account[/org[/project]], or one registry',
});

const NameSchema = Type.String({
  minLength: 1,
  maxLength: 255,
  description: "the artifact's name, 1 to 255 characters, without the /+ marker",
});

const versionProperties = {
  version: text("the version's name"),
  size: Type.Optional(
    Type.Union([Type.Integer(wholeNumber), Type.String()], {
      description: 'a whole number of bytes, or a string that is served verbatim',
    }),
  ),
  createdAt: time('when it was created'),
  createdBy: optionalString('who created it, a string'),
  modifiedAt: time('when it was modified'),
  downloadCount: Type.Optional(
    Type.Integer({ ...wholeNumber, description: 'a whole number of downloads, from 0 to 9007199254740991' }),
  ),
  quarantineReason: optionalString('why it is quarantined, a string'),
  extra: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), { description: 'a mapping of further fields, merged into data' }),
  ),
  fault: Type.Optional(FaultSchema),
};

const versionWithChildren = {
  ...versionProperties,
  children: listOf(
    mapping('a child version, as a mapping', versionProperties),
    'a list of child versions, on DOCKER only',
  ),
};

const VersionSchema = mapping('a version, as a mapping', versionWithChildren);

const ArtifactSchema = mapping('an artifact, as a mapping', {
  name: NameSchema,
  artifactType: Type.Optional(ArtifactTypeSchema),
  quarantineReason: optionalString('why all its versions are quarantined, a string'),
  versions: listOf(VersionSchema, 'a list of versions'),
});

const RegistrySchema = mapping('a registry, as a mapping', {
  ref: RefSchema,
  packageType: PackageTypeSchema,
  artifacts: listOf(ArtifactSchema, 'a list of artifacts'),
});

const ApiKeySchema = secret(
  mapping('an API key, as a mapping', {
    key: Type.String({
      pattern: '^[^\\s\\x00-\\x1f\\x7f](?:[^\\x00-\\x1f\\x7f]*[^\\s\\x00-\\x1f\\x7f])?$',
      writeOnly: true,
      description: 'the text of the key, without surrounding space and without control characters',
    }),
    name: text('the name of the key in messages'),
    grants: Type.Array(ScopeSchema, { description: 'a list of scope paths' }),
    expiresAt: time('when it expires'),
    revoked: Type.Optional(Type.Boolean({ description: 'true or false' })),
  }),
);

/** A fixture document: a YAML or JSON file (source: our decision). */
export const DocumentSchema = mapping('a mapping with the keys registries and apiKeys', {
  $schema: optionalString('the JSON Schema of this format, for editors'),
  registries: listOf(RegistrySchema, 'a list of registries'),
  apiKeys: Type.Optional(secret(Type.Array(ApiKeySchema, { description: 'a list of API keys' }))),
});

/** A line of an NDJSON fixture: one version (source: our decision). */
export const LineSchema = mapping('a version, as an object on one line', {
  registry: RefSchema,
  packageType: PackageTypeSchema,
  artifact: NameSchema,
  artifactType: Type.Optional(ArtifactTypeSchema),
  ...versionWithChildren,
});

/** A valid fixture document. */
export type FixtureDocument = Static<typeof DocumentSchema>;

/** A valid line of an NDJSON fixture. */
export type FixtureLine = Static<typeof LineSchema>;

/** A version, or a child of one, in a fixture. */
export type FixtureVersion = Static<typeof VersionSchema>;

/** An API key in a fixture. */
export type FixtureApiKey = Static<typeof ApiKeySchema>;

/** Returns the JSON Schema of fixture documents, which editors use for completion. */
export function fixtureJsonSchema(): object {
  const $schema = 'http://json-schema.org/draft-07/schema#';
  return { $schema, title: 'Fixture of harness-registry-mock', ...DocumentSchema };
}
