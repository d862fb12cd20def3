import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactType } from '../src/contract/values.js';
import { FixtureText, readDocument } from '../src/fixtures/document.js';
import { ROOT } from './files.js';

/** A key of the bundled fixtures that may read all of them. */
export const KEY = 'pat.acme.dev.local';

/** What names one version of the bundled fixtures, or a child of one. */
export interface Bundled {
  registryRef: string;
  artifact: string;
  version: string;
  artifactType?: ArtifactType;
  childVersion?: string;
}

/** The registry of versions that fail on purpose. */
const UNRELIABLE = 'acme/labs/unreliable';

/** Lists all that the bundled fixtures serve, children too, but for what fails on purpose. */
export function listBundled(): Bundled[] {
  const folder = join(ROOT, 'fixtures');
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  const documents = files.map((name) =>
    readDocument(new FixtureText(name, readFileSync(join(folder, name), 'utf8')), [], 1),
  );
  const registries = documents
    .flatMap((document) => document?.content.registries ?? [])
    .filter(({ ref }) => ref !== UNRELIABLE);
  return registries.flatMap(({ ref: registryRef, artifacts = [] }) =>
    artifacts.flatMap(({ name: artifact, artifactType, versions = [] }) =>
      versions.flatMap(({ version, children = [] }) => {
        const named = { registryRef, artifact, version, ...(artifactType && { artifactType }) };
        return [named, ...children.map((child) => ({ ...named, childVersion: child.version }))];
      }),
    ),
  );
}

/** Writes the query that asks for a version, with its question mark; an empty text where it needs none. */
export function toQuery({ artifactType, childVersion }: Bundled): string {
  const query = new URLSearchParams({
    ...(artifactType && { artifact_type: artifactType }),
    ...(childVersion && { childVersion }),
  });
  return query.size === 0 ? '' : `?${query}`;
}
