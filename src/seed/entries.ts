import { artifactIdentity, keyIdentity, registryIdentity, versionIdentity } from '../store/identify.js';
import type { Writer } from '../store/writer.js';
import type { DocumentPath } from '../util/validate.js';
import { MAX_PROBLEMS, type Place, type Problem, type ReadDocument } from './document.js';
import type { FixtureLine } from './format.js';
import { readNdjson } from './ndjson.js';
import { checkArtifact, requireName, requireTexts, toApiKey, toChildRows, toVersionRow } from './rows.js';
import { type Input, isNdjson, readInput } from './sources.js';

/** How much fixtures define; a line of NDJSON is a version. */
export type Counts = Record<'registries' | 'artifacts' | 'versions' | 'keys', number>;

/** One thing that a fixture defines. */
export interface Entry {
  kind: keyof Counts;
  /** Names what it defines; a later entry with the same identity is refused. Millions of lines never need it. */
  identify(): string[];
  path: DocumentPath;
  placeOf(path: DocumentPath): Place;
  /** Throws a ValidationError, whose path is relative to the entry, or a ConflictError. */
  write(writer: Writer): void;
}

/** Reads what inputs define, one entry at a time; what is invalid is added to `problems`. */
export function* readEntries(inputs: readonly Input[], problems: Problem[]): Generator<Entry> {
  for (const input of inputs) {
    const max = MAX_PROBLEMS - problems.length;
    if (max <= 0) return;
    if (isNdjson(input)) {
      for (const { content, place } of readNdjson(input, problems)) yield toLineEntry(content, place);
    } else {
      const document = readInput(input, problems, max);
      if (document !== undefined) yield* readDocumentEntries(document);
    }
  }
}

function* readDocumentEntries({ placeOf, content }: ReadDocument): Generator<Entry> {
  const { registries = [], apiKeys = [] } = content;
  const entry = (kind: Entry['kind'], identity: string, path: DocumentPath, write: Entry['write']): Entry => ({
    kind,
    identify: () => [identity],
    path,
    placeOf,
    write,
  });

  for (const [r, { ref, packageType, artifacts = [] }] of registries.entries()) {
    const registryPath = ['registries', r];
    yield entry('registries', registryIdentity(ref), registryPath, (writer) => {
      requireName('ref', ref);
      writer.addRegistry({ ref, packageType });
    });
    for (const [a, { name, artifactType, quarantineReason, versions = [] }] of artifacts.entries()) {
      const artifact = { ref, name, artifactType, quarantineReason };
      const artifactPath = [...registryPath, 'artifacts', a];
      yield entry('artifacts', artifactIdentity(artifact), artifactPath, (writer) => {
        requireName('name', name);
        requireTexts({ quarantineReason }, 'quarantineReason');
        checkArtifact(packageType, artifactType);
        writer.addArtifact(artifact);
      });
      for (const [v, version] of versions.entries()) {
        const path = [...artifactPath, 'versions', v];
        yield entry('versions', versionIdentity(artifact, version.version), path, (writer) =>
          writer.addVersion(artifact, toVersionRow(version), toChildRows(version, packageType)),
        );
      }
    }
  }

  for (const [k, apiKey] of apiKeys.entries()) {
    yield entry('keys', keyIdentity(apiKey.name), ['apiKeys', k], (writer) =>
      writer.addKey(apiKey.key, toApiKey(apiKey)),
    );
  }
}

function toLineEntry(content: FixtureLine, place: Place): Entry {
  const { registry: ref, packageType, artifact: name, artifactType } = content;
  const artifact = { ref, name, artifactType };
  return {
    kind: 'versions',
    identify: () => [registryIdentity(ref), versionIdentity(artifact, content.version)],
    path: [],
    placeOf: () => place,
    write(writer) {
      requireName('registry', ref);
      requireName('artifact', name);
      checkArtifact(packageType, artifactType);
      writer.ensureArtifact({ ref, packageType }, artifact);
      writer.addVersion(artifact, toVersionRow(content), toChildRows(content, packageType));
    },
  };
}
