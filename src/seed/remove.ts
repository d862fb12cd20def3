import { Type } from '@sinclair/typebox';
import type { LookupError } from '../api/errors.js';
import { ArtifactTypeSchema, strict } from '../api/schema.js';
import { artifactIdentity, registryIdentity, versionIdentity } from '../store/identify.js';
import type { Store } from '../store/store.js';
import type { Removal, Removed } from '../store/types.js';
import { ValidationError, validate } from '../util/validate.js';

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

/** Deletes what a removal names. Throws a ValidationError for an invalid removal, a LookupError for unknown data. */
export function removeData(store: Pick<Store, 'remove'>, removal: unknown): Removed {
  const valid = validate(RemovalSchema, removal);
  if (valid.artifact === undefined && (valid.version ?? valid.artifactType) !== undefined) {
    throw new ValidationError(['artifact'], 'set artifact if version or artifactType is set');
  }
  return store.remove(valid);
}

/** Says in a sentence what a removal did not find. */
export function describeMissing({ reason }: Pick<LookupError, 'reason'>, removal: Removal): string {
  const { registryRef: ref, artifact: name = '', artifactType, version = '' } = removal;
  const registry = registryIdentity(ref);
  const artifact = { ref, name, artifactType };
  if (reason === 'registryUnknown') return `${registry} does not exist`;
  if (reason === 'artifactTypeNotAllowed')
    return `${registry} is not HUGGINGFACE, so its artifacts have no artifactType`;
  if (reason === 'artifactTypeMissing') {
    return `${artifactIdentity(artifact)} is a model or a dataset; set artifactType`;
  }
  const missing = reason === 'artifactUnknown' ? artifactIdentity(artifact) : versionIdentity(artifact, version);
  return `${missing} does not exist`;
}
