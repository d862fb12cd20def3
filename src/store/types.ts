import type { ArtifactType, PackageType } from '../api/schema.js';

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

/** The kinds of names in a store. */
export type NameKind = 'registry' | 'artifact' | 'version' | 'child';

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

/** A version or a child. Texts are served verbatim; `extra` (not an empty object) and `fault` are JSON texts. */
export interface VersionRow {
  version: string;
  size?: string | undefined;
  createdAt?: string | undefined;
  createdBy?: string | undefined;
  modifiedAt?: string | undefined;
  downloadCount?: number | undefined;
  quarantineReason?: string | undefined;
  extra?: string | undefined;
  fault?: string | undefined;
}

/** An API key; `expiresAt` is in epoch milliseconds. */
export interface ApiKey {
  name: string;
  grants: readonly string[];
  expiresAt?: number | undefined;
  revoked: boolean;
}

/** What to delete; names are decoded. Without `artifact` the whole registry, without `version` the whole artifact. */
export interface Removal {
  registryRef: string;
  artifact?: string | undefined;
  artifactType?: ArtifactType | undefined;
  version?: string | undefined;
}

/** How much was deleted; children are not counted as versions. */
export interface Removed {
  registries: number;
  artifacts: number;
  versions: number;
}
