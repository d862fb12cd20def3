import type { FaultRule } from '../faults/rule.js';
import type { Store } from '../store/store.js';
import { ConflictError, type Writer } from '../store/writer.js';
import { type DocumentPath, messageAt, ValidationError } from '../util/validate.js';
import {
  type Find,
  FixtureError,
  type FixtureText,
  MAX_PROBLEMS,
  type Place,
  type Problem,
  type Report,
} from './document.js';
import type { SkippedFile } from './files.js';
import type { FixtureDocument, FixtureLine } from './format.js';
import { readNdjson } from './ndjson.js';
import { checkArtifact, requireName, requireTexts, toApiKey, toChildRows, toRule, toVersionRow } from './rows.js';
import { type FixtureSource, type Input, listInputs, readInput } from './sources.js';

/** How much fixtures define; a line of NDJSON is a version. */
export type Counts = Record<'registries' | 'artifacts' | 'versions' | 'keys', number>;

/** What fixtures have besides the data of a store, which has only hashes of keys. */
export interface Settings {
  /** The texts of the API keys. */
  keys: readonly string[];
  faults: readonly FaultRule[];
}

/** Defines one thing, at a path of a document; returns whether it is valid, and its parts can follow. */
type Define = (kind: keyof Counts | 'faults', path: DocumentPath, write: () => void) => boolean;

/**
 * Writes fixtures into a store, in one transaction. Returns the counts, the settings and the files that were not read.
 * Throws a FixtureError with all problems, or a UserError for a path without fixtures; the store is then unchanged.
 */
export function writeFixtures(
  sources: readonly (FixtureSource | FixtureText)[],
  change: Store['seed' | 'replace' | 'merge'],
): Loaded & { skipped: SkippedFile[] } {
  const { inputs, skipped } = listInputs(sources);
  let loaded: Loaded | undefined;
  change((writer) => {
    loaded = load(inputs, writer);
  });
  return { ...(loaded as Loaded), skipped };
}

/**
 * Reads the settings of fixtures alone, without NDJSON, which has none. Throws a FixtureError with all problems; for
 * fixtures that are gone there are no settings, and `missing` says why.
 */
export function readSettings(sources: readonly (FixtureSource | FixtureText)[]): Settings & { missing?: string } {
  try {
    return load(listInputs(sources).inputs.filter(({ isNdjson }) => !isNdjson));
  } catch (error) {
    if (error instanceof FixtureError) throw error;
    return { keys: [], faults: [], missing: (error as Error).message };
  }
}

type Loaded = Settings & { counts: Counts };

/** Reads inputs, and writes their data if there is a writer. */
function load(inputs: readonly Input[], writer?: Writer): Loaded {
  const counts: Counts = { registries: 0, artifacts: 0, versions: 0, keys: 0 };
  const keys: string[] = [];
  const faults: FaultRule[] = [];
  const problems: Problem[] = [];
  const report: Report = (problem) => {
    problems.push(problem);
    if (problems.length >= MAX_PROBLEMS) throw new FixtureError(problems);
  };
  const defineIn =
    (find: Find): Define =>
    (kind, path, write) => {
      try {
        write();
        if (kind !== 'faults') counts[kind] += 1;
        return true;
      } catch (error) {
        report(toProblem(error, path, find));
        return false;
      }
    };
  for (const input of inputs) {
    if (input.isNdjson) {
      for (const { content, find } of readNdjson(input, report)) {
        defineIn(find)('versions', [], () => writeLine(content, writer as Writer));
      }
      continue;
    }
    const document = readInput(input, report);
    if (document === undefined) continue;
    const define = defineIn(document.find);
    const { apiKeys = [], faults: rules = [] } = document.content;
    if (writer !== undefined) writeDocument(document.content, writer, define);
    keys.push(...apiKeys.map(({ key }) => key));
    for (const [f, rule] of rules.entries()) define('faults', ['faults', f], () => faults.push(toRule(rule)));
  }
  if (problems.length > 0) throw new FixtureError(problems);
  return { counts, keys, faults };
}

function toProblem(error: unknown, path: DocumentPath, find: Find): Problem {
  const placeOf = (path: DocumentPath) => find([path])[0]?.place as Place;
  if (error instanceof ConflictError) return { place: placeOf(path), message: error.message };
  if (!(error instanceof ValidationError)) throw error;
  const full = [...path, ...error.path];
  return { place: placeOf(full), message: messageAt(full, error.reason) };
}

function writeDocument({ registries = [], apiKeys = [] }: FixtureDocument, writer: Writer, define: Define): void {
  for (const [r, { ref, packageType, artifacts = [] }] of registries.entries()) {
    const registryPath = ['registries', r];
    const isRegistry = define('registries', registryPath, () => {
      requireName('ref', ref);
      writer.addRegistry({ ref, packageType });
    });
    for (const [a, { name, artifactType, quarantineReason, versions = [] }] of isRegistry ? artifacts.entries() : []) {
      const artifact = { ref, name, artifactType, quarantineReason };
      const artifactPath = [...registryPath, 'artifacts', a];
      const isArtifact = define('artifacts', artifactPath, () => {
        requireName('name', name);
        requireTexts({ quarantineReason });
        checkArtifact(packageType, artifactType);
        writer.addArtifact(artifact);
      });
      for (const [v, version] of isArtifact ? versions.entries() : []) {
        define('versions', [...artifactPath, 'versions', v], () =>
          writer.addVersion(artifact, toVersionRow(version), toChildRows(version, packageType)));
      }
    }
  }
  for (const [k, apiKey] of apiKeys.entries()) {
    define('keys', ['apiKeys', k], () => writer.addKey(apiKey.key, toApiKey(apiKey)));
  }
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
