import type { Store } from '../store/store.js';
import { ConflictError, type Writer } from '../store/writer.js';
import { type DocumentPath, messageAt, ValidationError } from '../util/validate.js';
import { FixtureError, type FixtureText, MAX_PROBLEMS, type Problem, type ReadDocument } from './document.js';
import type { SkippedFile } from './files.js';
import type { FixtureLine } from './format.js';
import { readNdjson } from './ndjson.js';
import { checkArtifact, requireName, requireTexts, toApiKey, toChildRows, toVersionRow } from './rows.js';
import { type FixtureSource, listInputs, readInput } from './sources.js';

/** How much fixtures define; a line of NDJSON is a version. */
export type Counts = Record<'registries' | 'artifacts' | 'versions' | 'keys', number>;

/**
 * Defines one thing, at a path of a document; returns whether it is valid, and its parts can follow. `write` throws a
 * ValidationError, whose path is relative to the thing, or a ConflictError.
 */
type Define = (kind: keyof Counts, path: DocumentPath, placeOf: ReadDocument['placeOf'], write: () => void) => boolean;

/**
 * Writes fixtures into a store, in one transaction. Returns the counts, the API keys and the files that were not read.
 * Throws a FixtureError with all problems, or a UserError for a path without fixtures; the store is then unchanged.
 */
export function writeFixtures(
  sources: readonly (FixtureSource | FixtureText)[],
  change: Store['seed' | 'replace' | 'merge'],
): { counts: Counts; keys: string[]; skipped: SkippedFile[] } {
  const { inputs, skipped } = listInputs(sources);
  const counts: Counts = { registries: 0, artifacts: 0, versions: 0, keys: 0 };
  const keys: string[] = [];
  const problems: Problem[] = [];
  const define: Define = (kind, path, placeOf, write) => {
    try {
      write();
      counts[kind] += 1;
      return true;
    } catch (error) {
      problems.push(toProblem(error, path, placeOf));
      if (problems.length >= MAX_PROBLEMS) throw new FixtureError(problems);
      return false;
    }
  };
  change((writer) => {
    for (const input of inputs) {
      const max = MAX_PROBLEMS - problems.length;
      if (input.isNdjson) {
        for (const { content, place } of readNdjson(input, problems)) {
          define(
            'versions',
            [],
            () => place,
            () => writeLine(content, writer),
          );
        }
      } else {
        const document = readInput(input, problems, max);
        keys.push(...(document === undefined ? [] : writeDocument(document, writer, define)));
      }
      if (problems.length >= MAX_PROBLEMS) break;
    }
    if (problems.length > 0) throw new FixtureError(problems);
  });
  return { counts, keys, skipped };
}

/** Reads the API keys of fixtures without loading them; none if a fixture cannot be read. */
export function readKeys(sources: readonly (FixtureSource | FixtureText)[]): string[] {
  try {
    return listInputs(sources).inputs.flatMap((input) => {
      const { apiKeys = [] } = (!input.isNdjson && readInput(input, [], 1)?.content) || {};
      return apiKeys.map(({ key }) => key);
    });
  } catch {
    return [];
  }
}

function toProblem(error: unknown, path: DocumentPath, placeOf: ReadDocument['placeOf']): Problem {
  if (error instanceof ConflictError) return { place: placeOf(path), message: error.message };
  if (!(error instanceof ValidationError)) throw error;
  const full = [...path, ...error.path];
  return { place: placeOf(full), message: messageAt(full, error.reason) };
}

/** Returns the texts of the API keys. */
function writeDocument({ content, placeOf }: ReadDocument, writer: Writer, define: Define): string[] {
  const { registries = [], apiKeys = [] } = content;
  for (const [r, { ref, packageType, artifacts = [] }] of registries.entries()) {
    const registryPath = ['registries', r];
    const isRegistry = define('registries', registryPath, placeOf, () => {
      requireName('ref', ref);
      writer.addRegistry({ ref, packageType });
    });
    for (const [a, { name, artifactType, quarantineReason, versions = [] }] of isRegistry ? artifacts.entries() : []) {
      const artifact = { ref, name, artifactType, quarantineReason };
      const artifactPath = [...registryPath, 'artifacts', a];
      const isArtifact = define('artifacts', artifactPath, placeOf, () => {
        requireName('name', name);
        requireTexts({ quarantineReason });
        checkArtifact(packageType, artifactType);
        writer.addArtifact(artifact);
      });
      for (const [v, version] of isArtifact ? versions.entries() : []) {
        define('versions', [...artifactPath, 'versions', v], placeOf, () =>
          writer.addVersion(artifact, toVersionRow(version), toChildRows(version, packageType)),
        );
      }
    }
  }
  for (const [k, apiKey] of apiKeys.entries()) {
    define('keys', ['apiKeys', k], placeOf, () => writer.addKey(apiKey.key, toApiKey(apiKey)));
  }
  return apiKeys.map(({ key }) => key);
}

function writeLine(line: FixtureLine, writer: Writer): void {
  const { registry: ref, packageType, artifact: name, artifactType } = line;
  const artifact = { ref, name, artifactType };
  requireName('registry', ref);
  requireName('artifact', name);
  checkArtifact(packageType, artifactType);
  writer.ensureArtifact({ ref, packageType }, artifact);
  writer.addVersion(artifact, toVersionRow(line), toChildRows(line, packageType));
}
