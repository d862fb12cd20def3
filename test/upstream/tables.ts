import { PACKAGE_TYPES } from '../../src/api/schema.js';
import { formatPath, SPELLINGS, type Spelling } from '../../src/api/spelling.js';
import { findBadEscape, parseTarget } from '../../src/api/target.js';
import { type Comparison, isSame, outcomeOf, RECORDED } from './corpus.js';
import { DIFFERENCES, findDifference } from './differences.js';

/** The tables of the docs that are made from the recorded answers; `write-docs.ts` writes them. */
export interface DocsTable {
  page: string;
  name: string;
  head: string[];
  rows: string[][];
}

/** Makes the tables from the comparisons of both modes. */
export function makeTables(all: Comparison[], portable: Comparison[]): DocsTable[] {
  return [
    makeScore(all, portable),
    makeDifferences(all, portable),
    makeSpellings('flat spellings', 'acme/retail/generic-retail', 'installer', all),
    makeSpellings('namespaced spellings', 'acme/npm', '@acme/ui-kit', all),
    makeAnswers(),
  ];
}

function makeScore(...modes: Comparison[][]): DocsTable {
  const hasSameStatus = ({ theirs, ours }: Comparison) => theirs.status === ours.status;
  const count = (test: (comparison: Comparison) => boolean) =>
    modes.map((comparisons) => String(comparisons.filter(test).length));
  const rows = [
    ['recorded requests', ...count(() => true)],
    ['the same status', ...count(hasSameStatus)],
    ['the same status, message and data', ...count(isSame)],
    ['different by design', ...count((comparison) => !isSame(comparison) && findDifference(comparison) !== undefined)],
    ['different without a reason', ...count((comparison) => !isSame(comparison) && !findDifference(comparison))],
  ];
  return { page: 'docs/differences.md', name: 'score', head: ['', '`all`', '`portable`'], rows };
}

function makeDifferences(...modes: Comparison[][]): DocsTable {
  const rows = DIFFERENCES.map((difference) => {
    const { rule, theirs, ours, reason, mark } = difference;
    const isHit = (comparison: Comparison) => !isSame(comparison) && findDifference(comparison) === difference;
    return [rule, theirs, ours, reason, `**[${mark}]**`, ...modes.map((mode) => String(mode.filter(isHit).length))];
  });
  const head = ['difference', 'open-source server', 'this server', 'reason', 'source', '`all`', '`portable`'];
  return { page: 'docs/differences.md', name: 'deliberate differences', head, rows };
}

/** The spellings of the ref (rows) and of the artifact (columns), each with both answers and the clients that send it. */
function makeSpellings(name: string, ref: string, artifact: string, all: Comparison[]): DocsTable {
  const cells = new Map<string, Map<string, string>>();
  for (const { who, target, theirs, ours } of all) {
    if (findBadEscape(target) !== undefined) continue;
    const [, writtenRef = '', writtenArtifact = ''] =
      /registry\/(.*)\/artifact\/(.*)\/version\/[^?]*$/.exec(target) ?? [];
    const isOther = readName(writtenRef) !== ref || readName(writtenArtifact) !== artifact || who !== 'admin';
    if (isOther || theirs.message?.startsWith('Artifact version')) continue;
    const row = cells.get(writtenRef) ?? new Map<string, string>();
    cells.set(writtenRef, row);
    if (row.has(writtenArtifact)) continue;
    const outcome = theirs.status === ours.status ? String(ours.status) : `${theirs.status} → ${ours.status}`;
    const clients = listClients(ref, artifact, target);
    row.set(writtenArtifact, clients === '' ? outcome : `${outcome} (${clients})`);
  }
  const columns = [...new Set([...cells.values()].flatMap((row) => [...row.keys()]))];
  const code = (text: string) => `\`${text}\``;
  return {
    page: 'docs/paths.md',
    name,
    head: ['', ...columns.map(code)],
    rows: [...cells].map(([written, row]) => [code(written), ...columns.map((column) => row.get(column) ?? '')]),
  };
}

/** Decodes a name and removes its marker. */
const readName = (written: string) => decodeURIComponent(written).replace(/\/\+$/, '');

/** Names the spellings of clients that give a target; clients do not agree on whether an `@` is encoded. */
function listClients(ref: string, artifact: string, target: string): string {
  const version = parseTarget(target).parameters?.version ?? '';
  const plain = (text: string) => text.replaceAll('%40', '@');
  const names = Object.keys(SPELLINGS) as Spelling[];
  return names.filter((name) => plain(formatPath({ ref, artifact, version }, name)) === plain(target)).join(', ');
}

/** One recorded answer of each package type, in the server's own order of the fields. */
function makeAnswers(): DocsTable {
  const rows = PACKAGE_TYPES.map((type) => {
    const ofType = RECORDED.filter(({ target }) => target.includes(`/registry/acme/${type.toLowerCase()}/+/`));
    const { data, message } = outcomeOf(ofType.find(({ status }) => status === 200) ?? (ofType[0] as never));
    const text = JSON.stringify(data, (key, value) => (key === 'metadata' ? '…' : value))?.replace('"…"', '{…}');
    return [`\`${type}\``, text === undefined ? `404 \`${message}\`` : `\`${text}\``];
  });
  return { page: 'docs/fixtures.md', name: 'recorded answers', head: ['package type', '`data`'], rows };
}
