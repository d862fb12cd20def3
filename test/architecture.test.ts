import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import t from 'tap';
import { BUNDLED_FIXTURES } from '../src/package.js';

const SRC = join(BUNDLED_FIXTURES, '../src');

/** What each room of src/ may import; the arrows run one way. */
const ALLOWED: Record<string, string[]> = {
  'address.ts': [],
  'auth.ts': [],
  'escape.ts': [],
  'failure.ts': [],
  'glob.ts': [],
  'memo.ts': [],
  'once.ts': [],
  'random.ts': [],
  'reason.ts': [],
  'suggest.ts': [],
  'check.ts': ['suggest.ts'],
  'own-target.ts': [],
  'package.ts': [],
  'listen.ts': ['failure.ts'],
  'log-level.ts': [],
  'log.ts': ['log-level.ts', 'own-target.ts'],
  contract: [],
  faults: ['contract', 'random.ts'],
  wire: [],
  store: ['contract', 'wire', 'failure.ts'],
  fixtures: ['check.ts', 'contract', 'escape.ts', 'faults', 'store', 'failure.ts'],
  control: ['check.ts', 'contract', 'faults', 'glob.ts', 'memo.ts', 'random.ts', 'reason.ts', 'suggest.ts', 'wire'],
  generate: ['contract', 'random.ts'],
  http: [
    'auth.ts',
    'check.ts',
    'contract',
    'control',
    'faults',
    'fixtures',
    'own-target.ts',
    'reason.ts',
    'store',
    'wire',
  ],
  explain: [
    'auth.ts',
    'contract',
    'control',
    'escape.ts',
    'faults',
    'http',
    'reason.ts',
    'store',
    'suggest.ts',
    'wire',
  ],
  routes: ['auth.ts', 'contract', 'control', 'faults', 'http', 'once.ts', 'store'],
  admin: [
    'auth.ts',
    'check.ts',
    'contract',
    'control',
    'explain',
    'fixtures',
    'http',
    'once.ts',
    'package.ts',
    'reason.ts',
    'store',
  ],
  'app.ts': ['admin', 'auth.ts', 'control', 'http', 'routes', 'store', 'wire'],
  config: ['address.ts', 'auth.ts', 'log-level.ts', 'package.ts', 'failure.ts', 'suggest.ts'],
  'server.ts': [
    'admin',
    'app.ts',
    'config',
    'control',
    'explain',
    'fixtures',
    'store',
    'address.ts',
    'failure.ts',
    'listen.ts',
  ],
  commands: [
    'admin',
    'config',
    'explain',
    'server.ts',
    'fixtures',
    'generate',
    'store',
    'http',
    'wire',
    'address.ts',
    'failure.ts',
    'log.ts',
    'package.ts',
  ],
  'main.ts': ['commands', 'failure.ts', 'package.ts', 'suggest.ts'],
  'cli.ts': ['main.ts'],
  'index.ts': ['check.ts', 'config', 'control', 'fixtures', 'store', 'server.ts', 'log.ts'],
};

/** The packages that only some rooms may import. */
const PACKAGES: Record<string, string[]> = {
  'better-sqlite3': ['store'],
  yaml: ['fixtures', 'config'],
  chokidar: ['fixtures'],
  pino: ['log.ts', 'app.ts', 'server.ts'],
  fastify: ['admin', 'app.ts', 'http', 'routes', 'server.ts', 'listen.ts', 'log.ts'],
  '@fastify/swagger': ['admin', 'http'],
  'prom-client': ['admin'],
};

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

const roomOf = (file: string): string => file.split('/')[0] as string;

const importsOf = (file: string): string[] =>
  [...readFileSync(join(SRC, file), 'utf8').matchAll(/(?:from|import\() ?'([^']+)'/g)].map(
    ([, name]) => name as string,
  );

t.test('imports run one way', async (t) => {
  for (const file of files) {
    const room = roomOf(file);
    for (const name of importsOf(file).filter((name) => name.startsWith('.'))) {
      const target = roomOf(normalize(join(dirname(file), name)).replace(/\.js$/, '.ts'));
      t.ok(target === room || ALLOWED[room]?.includes(target), `${file} imports ${name}`);
    }
  }
});

t.test('libraries stay in the rooms that own them', async (t) => {
  for (const file of files) {
    for (const [name, rooms] of Object.entries(PACKAGES)) {
      if (importsOf(file).includes(name)) t.ok(rooms.includes(roomOf(file)), `${file} imports ${name}`);
    }
    if (roomOf(file) !== 'contract') continue;
    for (const name of importsOf(file)) t.match(name, /^(\.|@sinclair\/typebox)/, `${file} imports ${name}`);
  }
});

t.test('only the command line touches the process', async (t) => {
  for (const file of files.filter((file) => file !== 'cli.ts')) {
    t.notMatch(readFileSync(join(SRC, file), 'utf8'), /\bprocess\.(env|argv|exit|stdout|stderr|on)/, file);
  }
});
