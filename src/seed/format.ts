import { type Static, type TObject, type TProperties, type TSchema, Type } from '@sinclair/typebox';
import { ArtifactTypeSchema, optionalString, PackageTypeSchema, strict } from '../api/schema.js';
import { FaultSchema } from '../faults/fault.js';
import { FaultRuleSchema } from '../faults/rule.js';
import { HINT } from '../util/validate.js';

/** An object without unknown keys; the description says what was expected. */
const mapping = <Properties extends TProperties>(
  description: string,
  properties: Properties,
  more: object = {},
): TObject<Properties> => Type.Object(properties, { ...strict, description, ...more });

/** Marks a place where the text of an API key may be, so that no message shows it. */
const secret = <Schema extends TSchema>(schema: Schema): Schema => ({ ...schema, writeOnly: true });

const text = (description: string) => Type.String({ minLength: 1, description });

/** ISO 8601 with a time zone, or a date alone (UTC), or digits; ten digits are seconds in most cases. */
const TIME_PATTERN =
  '^((?!\\d{10}$)\\d+|\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2}))?)$';

const time = (what: string) => {
  const description = `${what}: ISO 8601 with a time zone, or epoch milliseconds in quotes`;
  return Type.Optional(Type.String({ pattern: TIME_PATTERN, description, [HINT]: hintForTime }));
};

function hintForTime(value: unknown): string {
  const text = String(value);
  if (/^\d{10}$/.test(text)) return `; ten digits look like seconds: for milliseconds write "${text}000"`;
  const [, time, zone = ''] = /^\d{4}-\d{2}-\d{2}([T ].*?)?([+-]\d{2}(?::?\d{2})?)?$/.exec(text) ?? [];
  if (time?.startsWith(' ')) return '; write T between date and time';
  if (/^.\d{2,4}$/.test(zone)) {
    return `; the time zone lacks its ${zone.length === 3 ? 'minutes' : 'colon'}: write ${zone.slice(0, 3)}:${zone.slice(3) || '00'}`;
  }
  return time !== undefined && zone === '' && !/z$/i.test(time) ? '; the time zone is missing: append Z for UTC' : '';
}

const hintForMarker = (value: unknown): string =>
  /(?:^|\/)\+$/.test(String(value)) ? '; the marker /+ belongs to the URL' : '';

const listOf = <Item extends TSchema>(items: Item, description: string) =>
  Type.Optional(Type.Array(items, { description }));

const wholeNumber = { minimum: 0, maximum: Number.MAX_SAFE_INTEGER };

/** Refuses a longer text before the rest of a pattern, which would exhaust the stack of the regular expression. */
const bounded = '(?=[\\s\\S]{1,4096}$)';
const registryName = '(?=.{1,255}$)[a-z0-9]+(?:[._-][a-z0-9]+)*';

const RefSchema = Type.String({
  [HINT]: hintForMarker,
  pattern: `^${bounded}(?:[^/]+/){1,3}${registryName}$`,
  description:
    'account[/org[/project]]/registry without the /+ marker; the registry in lower-case letters and digits, separated by single dots, dashes or underscores',
});

const ScopeSchema = Type.String({
  [HINT]: hintForMarker,
  pattern: `^${bounded}(?!.*/\\+$)[^/]+(?:/[^/]+){0,3}$`,
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

const COMMENTS = { $schema: Type.Optional(Type.Unknown()), _comment: Type.Optional(Type.Unknown()) };

/** Whether a key is for people and editors and ignored, where the format has keys of its own. */
export const isComment = (key: string): boolean => Object.hasOwn(COMMENTS, key);

/** Allows comments in every mapping of a schema; free-form data has no keys of ours. */
function withComments<Schema extends TSchema>(schema: Schema): Schema {
  const { anyOf, items, properties, additionalProperties } = schema;
  if (anyOf) return { ...schema, anyOf: anyOf.map(withComments) };
  if (items) return { ...schema, items: withComments(items) };
  if (additionalProperties !== false) return schema;
  const own = Object.entries<TSchema>(properties).map(([name, property]) => [name, withComments(property)]);
  return { ...schema, properties: { ...COMMENTS, ...Object.fromEntries(own) } };
}

/** A fixture document: a YAML or JSON file (source: our decision). Its keys that start with `x-` are ignored. */
export const DocumentSchema = withComments(
  mapping(
    'a mapping with the keys registries, apiKeys and faults',
    {
      $schema: optionalString('the JSON Schema of this format, for editors'),
      registries: listOf(RegistrySchema, 'a list of registries'),
      apiKeys: Type.Optional(secret(Type.Array(ApiKeySchema, { description: 'a list of API keys' }))),
      faults: listOf(FaultRuleSchema, 'a list of fault rules'),
    },
    { patternProperties: { '^x-': {} } },
  ),
);

/** A line of an NDJSON fixture: one version (source: our decision). */
export const LineSchema = withComments(
  mapping('a version, as an object on one line', {
    registry: RefSchema,
    packageType: PackageTypeSchema,
    artifact: NameSchema,
    artifactType: Type.Optional(ArtifactTypeSchema),
    ...versionWithChildren,
  }),
);

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
