import { readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import t from 'tap';
import { createFolder, install, NAME, pack, run } from '../install.js';

const bin = (name: string) => resolve('test/system/types/node_modules/.bin', name);

t.test('attw and publint find no problem', async (t) => {
  const folder = createFolder(t);
  const tarball = pack(t, folder);
  t.match(run(t, folder, bin('attw'), tarball, '--no-color'), 'No problems found');
  t.match(run(t, folder, bin('publint'), 'run', tarball, '--strict'), 'All good!');
});

/** Lists the packages that the types of a file and of its imports need. */
function listImports(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const found = readFileSync(file, 'utf8').matchAll(/(?:\bfrom |\bimport\(|\bimport |\btypes=)["']([^"']+)["']/g);
  return [...found].flatMap(([, name = '']) =>
    name.startsWith('.') ? listImports(join(dirname(file), name.replace(/\.js$/, '.d.ts')), seen) : [name],
  );
}

t.test('the types need only packages that are installed with them', async (t) => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const modules = listImports('dist/index.d.ts').filter((name) => !isBuiltin(name));
  const packages = modules.map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] as string);
  t.strictSame([...new Set(packages)], ['@sinclair/typebox'], 'and no large ones');
  t.ok('@sinclair/typebox' in dependencies);
});

/** A strict user of the library. */
const SOURCE = `
  import { type MockServer, type MockServerOptions, startMockServer } from '${NAME}';
  export async function use(options: MockServerOptions): Promise<string | undefined> {
    await using server: MockServer = await startMockServer({ ...options, auth: 'strict' });
    server.faults.arm({ match: { artifact: 'app' }, fault: { code: 503 }, times: 1 });
    const entries = server.journal.list({ status: 503 });
    return entries[0]?.target;
  }
  // @ts-expect-error: with the types missing, any option would do
  export const refused = () => startMockServer({ auth: 'of' });`;

const RESOLUTIONS: Record<string, { module: string; files: string[] }> = {
  node10: { module: 'commonjs', files: ['use.ts'] },
  node16: { module: 'node16', files: ['use.ts', 'use.mts', 'use.cts'] },
  nodenext: { module: 'nodenext', files: ['use.ts', 'use.mts', 'use.cts'] },
  bundler: { module: 'esnext', files: ['use.ts'] },
};

t.test('a strict program compiles in every mode of module resolution', async (t) => {
  const folder = install(t, ['@types/node', 'undici-types']);
  for (const file of ['use.ts', 'use.mts', 'use.cts']) writeFileSync(join(folder, file), SOURCE);
  for (const [moduleResolution, { module, files }] of Object.entries(RESOLUTIONS)) {
    const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022', '--types', 'node'];
    const modes = ['--lib', 'es2023,esnext.disposable', '--module', module, '--moduleResolution', moduleResolution];
    run(t, folder, resolve('node_modules/.bin/tsc'), ...options, ...modes, ...files);
  }
});
