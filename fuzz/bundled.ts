import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactType } from '../src/api/schema.js';
import type { ArtifactPath } from '../src/api/target.js';
import type { FixtureDocument } from '../src/seed/format.js';
import { BUNDLED_FIXTURES } from '../src/util/package.js';

/** A key of the bundled fixtures that may read all of them. */
export const KEY = 'pat.acme.dev.local';

/** The parameters of a call. */
export interface CallParameters extends ArtifactPath {
  artifactType?: ArtifactType;
  childVersion?: string;
  /** That of the registry in the fixture, if it is one of the bundled ones. */
  packageType?: string;
}

/** The registry of versions that fail on purpose. */
const UNRELIABLE = 'acme/labs/unreliable';

/** Lists the calls for every version and child of the bundled fixtures, except those that fail on purpose. */
export function listBundled(): CallParameters[] {
  const files = readdirSync(BUNDLED_FIXTURES).filter((name) => name !== 'fixture.schema.json');
  const documents: FixtureDocument[] = files.map((name) =>
    JSON.parse(readFileSync(join(BUNDLED_FIXTURES, name), 'utf8')),
  );
  const registries = documents.flatMap((document) => document.registries ?? []).filter(({ ref }) => ref !== UNRELIABLE);
  return registries.flatMap(({ ref, packageType, artifacts = [] }) =>
    artifacts.flatMap(({ name: artifact, artifactType, versions = [] }) =>
      versions.flatMap(({ version, children = [] }) => {
        const call = { ref, packageType, artifact, version, ...(artifactType && { artifactType }) };
        return [call, ...children.map((child) => ({ ...call, childVersion: child.version }))];
      }),
    ),
  );
}

/** Formats the query of a call, with its question mark; empty if it needs none. */
export function formatQuery({ artifactType, childVersion }: CallParameters): string {
  const query = new URLSearchParams({
    ...(artifactType && { artifact_type: artifactType }),
    ...(childVersion && { childVersion }),
  });
  return query.size === 0 ? '' : `?${query}`;
}
