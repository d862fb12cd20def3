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

function writeRegistries(store: Store): Iterable<string> {
  return writeList('registries:\n', store.listRegistries(), function* ({ id, ref, packageType }) {
    yield `  - ref: ${quote(ref)}\n    packageType: ${quote(packageType)}\n`;
    yield* writeList('    artifacts:\n', store.listArtifacts(id), function* ({ id, name, artifactType, ...others }) {
      yield `      - name: ${quote(name)}\n`;
      if (artifactType !== '') yield `        artifactType: ${quote(artifactType)}\n`;
      if (others.quarantineReason !== null) yield `        quarantineReason: ${quote(others.quarantineReason)}\n`;
      yield* writeList('        versions:\n', store.listVersions(id), function* (version) {
        const listed = packageType === 'DOCKER' ? [...store.listChildren(id, version.version)] : [];
        const children = listed.length > 0 ? listed.map(toFixture) : undefined;
        yield `          - ${quote({ ...toFixture(version), children })}\n`;
      });
    });
  });
}

/** Writes the items of a list, below its key if there is an item. */
function* writeList<Row>(key: string, rows: Iterable<Row>, write: (row: Row) => Iterable<string>): Generator<string> {
  let head = key;
  for (const row of rows) {
    yield head;
    yield* write(row);
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
