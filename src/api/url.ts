import { type Static, Type } from '@sinclair/typebox';
import type { Lookup } from '../store/types.js';
import { requireEncodable } from '../util/json.js';
import { ValidationError, validate } from '../util/validate.js';
import { ArtifactTypeSchema, PARAMETER_RULES, PathParametersSchema, strict, stringEnum } from './schema.js';
import { formatPath, SPELLINGS, type Spelling } from './spelling.js';

const name = (description: string) => Type.String({ minLength: 1, description: `${description}, not empty` });

const { pattern = '' } = PathParametersSchema.properties.registry_ref;

const CallSchema = Type.Object(
  {
    ref: Type.String({ pattern, description: `a ref, which ${PARAMETER_RULES.registry_ref}` }),
    artifact: name('the name of an artifact'),
    version: name('a version'),
    artifactType: Type.Optional(ArtifactTypeSchema),
    childVersion: Type.Optional(name('the version of a child')),
  },
  { ...strict, description: 'a mapping with the keys ref, artifact and version' },
);

/** The parameters of a call, without markers; `ref` is `account[/org[/project]]/registry`. */
export type Call = Static<typeof CallSchema>;

const ArgumentsSchema = Type.Object({
  urlFor: CallSchema,
  spelling: stringEnum(Object.keys(SPELLINGS), 'a spelling'),
});

/**
 * Formats the URL of a call as a client of the given spelling would write it. Throws a ValidationError for an invalid
 * parameter or spelling, and for a name that clients would change, because `.` or `..` is a segment of it.
 */
export function formatUrl(base: string, call: Call, spelling: Spelling): string {
  validate(ArgumentsSchema, { urlFor: call, spelling });
  for (const [key, text] of Object.entries(call)) requireEncodable(['urlFor', key], text);
  const { ref, artifact, version, artifactType, childVersion } = call;
  const path = formatPath({ ref, artifact, version }, spelling);
  if (new URL(path, base).pathname !== path) {
    const reason = 'has a segment "." or "..", which clients remove from a URL; use another spelling or name';
    throw new ValidationError(['urlFor'], reason);
  }
  return base + path + formatQuery({ artifactType, childVersion });
}

/** Formats the query of a call, with its question mark; an empty text without parameters. */
export function formatQuery({ artifactType, childVersion }: Pick<Lookup, 'artifactType' | 'childVersion'>): string {
  const pairs = Object.entries({ artifact_type: artifactType, childVersion }).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${encodeURIComponent(value)}`],
  );
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}
