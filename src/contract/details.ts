import { type Static, Type } from '@sinclair/typebox';
import { ArtifactTypeSchema, PackageTypeSchema, stringEnum } from './values.js';

/**
 * Artifact Detail, the `data` of a 200 (source: contract). These are the contract's own fields; the live service adds
 * others by package type.
 */
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
  { $id: 'ArtifactDetail', title: 'Artifact Detail' },
);

/** What the contract calls Artifact Detail; fields that are absent are left out, never null. */
export type ArtifactDetail = Static<typeof ArtifactDetailSchema>;

/** The names of the contract's own fields, in the order in which they are answered. */
export const DETAIL_FIELDS = Object.keys(ArtifactDetailSchema.properties) as (keyof ArtifactDetail)[];

/** The body of a 200 (source: contract). */
export const ArtifactDetailResponseSchema = Type.Object(
  {
    status: stringEnum(['SUCCESS', 'FAILURE', 'ERROR'], 'outcome of the request'),
    data: Type.Unsafe<ArtifactDetail>({ $ref: 'ArtifactDetail#' }),
  },
  { $id: 'ArtifactDetailResponse', title: 'Artifact Detail Response' },
);

/** The body of a 200. */
export type ArtifactDetailResponse = Static<typeof ArtifactDetailResponseSchema>;
