import type { ArtifactType, PackageType } from '../contract/values.js';

/** What a look-up asks for; names are decoded. */
export interface LookUp {
  registryRef: string;
  artifact: string;
  version: string;
  artifactType?: ArtifactType | undefined;
  childVersion?: string | undefined;
}

/** A registry as it is stored. */
export interface RegistryRow {
  ref: string;
  packageType: PackageType;
}

/** An artifact as it is stored; `quarantineReason` quarantines all its versions. */
export interface ArtifactRow {
  registryRef: string;
  name: string;
  artifactType?: ArtifactType | undefined;
  quarantineReason?: string | undefined;
}

/** A version, or a child of one, as it is stored: every text is served as it stands, `extra` and `fault` are JSON objects' texts. */
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

/** What to delete; names are decoded. Without an artifact the whole registry, without a version the whole artifact. */
export interface Removal {
  registryRef: string;
  artifact?: string | undefined;
  artifactType?: ArtifactType | undefined;
  version?: string | undefined;
}

/** How much a deletion has deleted; children of Docker versions are not counted as versions. */
export interface Removed {
  registries: number;
  artifacts: number;
  versions: number;
}

/** An API key with its grants; `expiresAt` is in epoch milliseconds. */
export interface ApiKey {
  name: string;
  grants: readonly string[];
  expiresAt?: number | undefined;
  revoked: boolean;
}
