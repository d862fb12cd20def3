import { type Static, Type } from '@sinclair/typebox';
import { type ArtifactType, ArtifactTypeSchema, type PackageType, strict } from '../api/schema.js';

/** What names one version; all names are decoded. */
export interface Lookup {
  ref: string;
  artifact: string;
  version: string;
  artifactType?: ArtifactType | undefined;
  childVersion?: string | undefined;
}

/** A version of a sample, without its `body`. */
export interface SampledVersion extends Lookup {
  packageType: PackageType;
  isQuarantined: 0 | 1;
  /** One of its children without a fault, or null. */
  child: string | null;
}

/** The members of a lookup that are names. */
export type LookupName = Exclude<keyof Lookup, 'artifactType'>;

export interface RegistryRow {
  ref: string;
  packageType: PackageType;
}

/** An artifact; `quarantineReason` quarantines all its versions. */
export interface ArtifactRow {
  ref: string;
  name: string;
  artifactType?: ArtifactType | undefined;
  quarantineReason?: string | undefined;
}

type VersionText = 'size' | 'createdAt' | 'createdBy' | 'modifiedAt' | 'quarantineReason' | 'extra' | 'fault';

/** A version or a child. Texts are served verbatim; `extra` (not an empty object) and `fault` are JSON texts. */
export interface VersionRow extends Partial<Record<VersionText, string | undefined>> {
  version: string;
  downloadCount?: number | undefined;
}

/** An API key; `expiresAt` is in epoch milliseconds. */
export interface ApiKey {
  name: string;
  grants: readonly string[];
  expiresAt?: number | undefined;
  revoked: boolean;
}

const text = (description: string) => Type.String({ minLength: 1, description });

export const RemovalSchema = Type.Object(
  {
    registryRef: text('the ref of a registry, without its marker'),
    artifact: Type.Optional(text('the name of an artifact, without its marker')),
    artifactType: Type.Optional(ArtifactTypeSchema),
    version: Type.Optional(text('the name of a version of the artifact')),
  },
  { ...strict, description: 'what to delete, a mapping with the key registryRef' },
);

/** What to delete; names are decoded. Without `artifact` the whole registry, without `version` the whole artifact. */
export type Removal = Static<typeof RemovalSchema>;

/** How much was deleted; children are not counted as versions. */
export type Removed = Record<'registries' | 'artifacts' | 'versions', number>;
