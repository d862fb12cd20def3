import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import t from 'tap';

const SRC = join(__dirname, '../src');

/** The limits of the house: a reader should be able to know all of src/. */
const MAX_FILES = 83;
const MAX_LINES = 8_498;
const MAX_LINES_PER_FILE = 220;

/**
 * The parts of src/, each above all that follow: a part imports itself and what is below it. A type-only import, which
 * is gone at run time, may also point upward, but not to `control.ts` or above it.
 */
const PARTS = [
  'cli.ts',
  'bundle.ts',
  'commands',
  'index.ts',
  'server.ts',
  'app.ts',
  'pages',
  'admin',
  'control.ts',
  'api',
  'explain',
  'journal',
  'seed',
  'faults',
  'store',
  'config',
  'leaves',
];

/** Everybody may import the leaves; a leaf imports leaves only. */
const isLeaf = (file: string) =>
  /^(?:util\/.*|api\/(?:schema|target|spelling|errors|trace|operation|auth)\.ts)$/.test(file);

/** The packages that only some parts may import; the paths of their files start with one of these. */
const PACKAGES: Record<string, string[]> = {
  'better-sqlite3': ['store/'],
  yaml: ['seed/', 'pages/'],
  '@fastify/cors': ['api/'],
  '@fastify/swagger': ['pages/'],
  'prom-client': ['admin/'],
  'close-with-grace': ['commands/'],
};

interface Import {
  /** A file of src/, or the name of a package. */
  name: string;
  isType: boolean;
}

interface Source {
  file: string;
  text: string;
  lines: number;
  imports: Import[];
}

/** `import … from 'x'` and `export … from 'x'`, `import('x')`, `require('x')`; the last two are types after `typeof`. */
const IMPORT =
  /^(?:import|export) (?:(type) )?([^;']*?) ?from '([^']+)'|(typeof )?import\('([^']+)'\)|require\('([^']+)'\)/gm;

function listImports(file: string, text: string): Import[] {
  return [...text.matchAll(IMPORT)].map(([, type, names = '', from, typeOf, imported, required]) => {
    const path = (from ?? imported ?? required) as string;
    const members = names
      .replace(/[{}\s]+/g, ' ')
      .trim()
      .split(', ');
    return {
      name: path.startsWith('.') ? normalize(join(dirname(file), path)).replace(/\.js$/, '.ts') : path,
      isType: Boolean(type ?? typeOf) || members.every((name) => name.startsWith('type ')),
    };
  });
}

const sources: Source[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => {
    const text = readFileSync(join(SRC, file), 'utf8');
    return { file, text, lines: text.split('\n').length - 1, imports: listImports(file, text) };
  });

const rankOf = (file: string) => PARTS.indexOf(isLeaf(file) ? 'leaves' : (file.split('/')[0] as string));

t.test('every file belongs to a part, and every part has a file', async (t) => {
  const ranks = sources.map(({ file }) => rankOf(file));
  for (const [index, { file }] of sources.entries()) t.not(ranks[index], -1, file);
  for (const [rank, part] of PARTS.entries()) t.ok(ranks.includes(rank), part);
});

t.test('imports run one way', async (t) => {
  for (const { file, imports } of sources) {
    const upward = imports.filter(({ name, isType }) => {
      if (!name.endsWith('.ts')) return false;
      const isBelow = rankOf(name) >= rankOf(file);
      return !isBelow && !(isType && rankOf(name) > PARTS.indexOf('control.ts'));
    });
    t.strictSame(
      upward.map(({ name }) => `${file} imports ${name}`),
      [],
      file,
    );
  }
});

t.test('no file needs itself', async (t) => {
  const needs = new Map(
    sources.map(({ file, imports }) => [file, imports.filter(({ isType }) => !isType).map(({ name }) => name)]),
  );
  for (const { file } of sources) {
    const reached = new Set<string>();
    const visit = (from: string) => {
      for (const name of needs.get(from) ?? []) {
        if (reached.has(name)) continue;
        reached.add(name);
        visit(name);
      }
    };
    visit(file);
    t.notOk(reached.has(file), file);
  }
});

t.test('packages are imported only by the folders that own them', async (t) => {
  for (const [name, folders] of Object.entries(PACKAGES)) {
    const users = sources.filter(({ imports }) => imports.some((imported) => imported.name === name));
    const others = users.filter(({ file }) => !folders.some((folder) => file.startsWith(folder)));
    t.strictSame(
      others.map(({ file }) => file),
      [],
      name,
    );
    t.not(users.length, 0, `${name} is used`);
  }
});

t.test('only cli.ts touches the process', async (t) => {
  const touched = /\bprocess\.(?:argv|env|exit|exitCode|on|stdin|stdout|stderr)\b|^import .* from 'node:process'/m;
  for (const { file, text } of sources) {
    if (file === 'cli.ts') continue;
    // The library logs to stderr.
    const own = file === 'index.ts' ? text.replace("import { stderr } from 'node:process';", '') : text;
    t.notMatch(own, touched, file);
  }
});

t.test(`src/ has at most ${MAX_FILES} files and ${MAX_LINES} lines`, async (t) => {
  const lines = sources.reduce((sum, source) => sum + source.lines, 0);
  t.ok(sources.length <= MAX_FILES, `${sources.length} files; merge some, at most ${MAX_FILES} are the house rule`);
  t.ok(lines <= MAX_LINES, `${lines} lines; remove some, at most ${MAX_LINES} are the house rule`);
});

t.test(`no file has more than ${MAX_LINES_PER_FILE} lines`, async (t) => {
  const long = sources.filter(({ lines }) => lines > MAX_LINES_PER_FILE);
  t.strictSame(
    long.map(({ file, lines }) => `${file}: ${lines}`),
    [],
  );
});

t.test('every test file is in one group', async (t) => {
  const groups = readdirSync(join(__dirname, 'groups')).map((name) =>
    readFileSync(join(__dirname, 'groups', name), 'utf8'),
  );
  const grouped = groups.flatMap((text) => [...text.matchAll(/'([\w.]+)'/g)].map(([, path]) => path as string));
  const listTests = (folder: string) =>
    readdirSync(join(__dirname, folder)).filter((name) => name.endsWith('.test.ts'));
  const folders = readdirSync(__dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const tested = folders.map(({ name }) => name).filter((name) => name !== 'system' && listTests(name).length > 0);
  t.strictSame(grouped.sort(), [...listTests('.'), ...tested].sort());
});
