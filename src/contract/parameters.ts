import { type Static, Type } from '@sinclair/typebox';
import { ARTIFACT_TYPES, stringEnum } from './values.js';

/** The path parameters as they are documented, with their markers (source: contract). */
export const PathParametersSchema = Type.Object({
  registry_ref: Type.String({
    description:
      'The scope in which the registry exists, ending in `/+`: `account_id/registry_name/+` for an account, ' +
      '`account_id/org_id/registry_name/+` for an organisation, `account_id/org_id/project_id/registry_name/+` for a project.',
    examples: ['acme/platform/web/images/+'],
  }),
  artifact: Type.String({
    description:
      "The artifact's name. A name that contains `/` gets `/+` appended (`mygroup/myartifact/+`); " +
      'a name without `/` is used plain (`myartifact`).',
    examples: ['library/nginx/+'],
  }),
  version: Type.String({ description: "The version's name.", examples: ['1.25.3'] }),
});

/** The path parameters as they reach the validator: decoded, without markers. Their syntax is what a 400 answers for. */
export const PathSyntaxSchema = Type.Object({
  registry_ref: Type.String({ pattern: '^[^/]+(?:/[^/]+){1,3}$' }),
  artifact: Type.String({ minLength: 1 }),
  version: Type.String({ minLength: 1 }),
});

/** The path parameters, decoded and without markers. */
export type PathParameters = Static<typeof PathSyntaxSchema>;

/** The query parameters (source: contract); unknown ones are ignored. */
export const QueryParametersSchema = Type.Object({
  artifact_type: Type.Optional(stringEnum(ARTIFACT_TYPES, 'Artifact type.')),
  childVersion: Type.Optional(Type.String({ description: 'Child version, for Docker artifacts.' })),
});

/** The query parameters. */
export type QueryParameters = Static<typeof QueryParametersSchema>;

/** The name of a parameter, as it is on the wire. */
export type ParameterName = keyof PathParameters | keyof QueryParameters;

/** What a parameter must be, in the words of a 400's `details.reason`. */
export const PARAMETER_RULES: Record<ParameterName, string> = {
  registry_ref: 'must have 2 to 4 non-empty components: account[/org[/project]]/registry',
  artifact: 'must not be empty',
  version: 'must not be empty',
  artifact_type: 'must be given once and be exactly model or dataset',
  childVersion: 'must be given once',
};
