import { Kind, Type, TypeRegistry } from '@sinclair/typebox';

/** The package types of the contract. */
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

/** A registry's package type (source: contract). */
export type PackageType = (typeof PACKAGE_TYPES)[number];

/** The artifact types of the contract; only HUGGINGFACE artifacts have one. */
export const ARTIFACT_TYPES = ['model', 'dataset'] as const;

/** What a HUGGINGFACE artifact is (source: contract). */
export type ArtifactType = (typeof ARTIFACT_TYPES)[number];

TypeRegistry.Set<{ enum: readonly string[] }>('StringEnum', (schema, value) => schema.enum.includes(value as string));

/** A string enum; a union of literals would come out as `anyOf`, which generators turn into worse types. */
export function stringEnum<const Values extends readonly string[]>(values: Values, description: string) {
  return Type.Unsafe<Values[number]>({ [Kind]: 'StringEnum', type: 'string', enum: values, description });
}

/** Schema of a package type. */
export const PackageTypeSchema = stringEnum(PACKAGE_TYPES, 'package type of the registry');

/** Schema of an artifact type. */
export const ArtifactTypeSchema = stringEnum(ARTIFACT_TYPES, 'model or dataset');
