import type { ListedVersion } from '../store/lists.js';
import type { Store } from '../store/store.js';
import { UserError } from '../util/errors.js';
import { escapeCharacters } from '../util/text.js';

/** A store has only hashes of its keys; the empty list shows where they belong. */
const HEAD = [
  '# All data of a store but its API keys, of which it has only hashes:',
  '# define them in another file, under apiKeys, and load it together with this one.',
  'apiKeys: []',
  '',
].join('\n');

const CHUNK_CHARACTERS = 1 << 16;

/**
 * Exports a store, without its API keys, as one YAML document of the fixture format, in chunks; the same data gives the
 * same text. Throws a UserError if the data changes between two chunks.
 */
export function* exportFixtures(store: Store): Generator<string> {
  const { revision } = store;
  let chunk = HEAD;
  for (const text of writeRegistries(store)) {
    chunk += text;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield chunk;
    if (store.revision !== revision) throw new UserError('export: the data changed during the export; try again');
    chunk = '';
  }
  yield chunk;
}

function* writeRegistries(store: Store): Generator<string> {
  let head = 'registries:\n';
  for (const { id, ref, packageType } of store.listRegistries()) {
    yield `${head}  - ref: ${quote(ref)}\n    packageType: ${quote(packageType)}\n`;
    yield* writeArtifacts(store, id, packageType === 'DOCKER');
    head = '';
  }
}

function* writeArtifacts(store: Store, registryId: number, mayHaveChildren: boolean): Generator<string> {
  let head = '    artifacts:\n';
  for (const { id, name, artifactType, quarantineReason } of store.listArtifacts(registryId)) {
    yield `${head}      - name: ${quote(name)}\n`;
    if (artifactType !== '') yield `        artifactType: ${quote(artifactType)}\n`;
    if (quarantineReason !== null) yield `        quarantineReason: ${quote(quarantineReason)}\n`;
    yield* writeVersions(store, id, mayHaveChildren);
    head = '';
  }
}

function* writeVersions(store: Store, artifactId: number, mayHaveChildren: boolean): Generator<string> {
  let head = '        versions:\n';
  for (const version of store.listVersions(artifactId)) {
    const children = mayHaveChildren ? [...store.listChildren(artifactId, version.version)].map(toFixture) : [];
    yield `${head}          - ${quote({ ...toFixture(version), ...(children.length > 0 && { children }) })}\n`;
    head = '';
  }
}

/** Converts a stored version back into what a fixture states, without absent fields. */
function toFixture({ body, quarantineReason, extra, fault }: ListedVersion): object {
  const { packageType, artifactType, name, ...fields } = JSON.parse(`${body}}`);
  return {
    ...fields,
    createdAt: toTime(fields.createdAt),
    modifiedAt: toTime(fields.modifiedAt),
    quarantineReason: quarantineReason ?? undefined,
    extra: extra === null ? undefined : JSON.parse(extra),
    fault: fault === null ? undefined : JSON.parse(fault),
  };
}

/** The format allows neither a sign nor ten digits, which look like seconds; such a time is written in ISO 8601. */
function toTime(milliseconds: string | undefined): string | undefined {
  return /^(?:-|\d{10}$)/.test(milliseconds ?? '') ? new Date(Number(milliseconds)).toISOString() : milliseconds;
}

/** Writes a value as JSON, which is YAML too; characters that YAML calls unprintable or line breaks are escaped. */
function quote(value: unknown): string {
  return escapeCharacters(JSON.stringify(value), /[\p{Cc}\p{Zl}\p{Zp}\ufeff\ufffe\uffff]/gu);
}
