import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import t, { type Test } from 'tap';
import { NGINX, NGINX_BODY } from '../helper.js';

const { NODE_OPTIONS: _, ...env } = process.env;

/** Runs a program in a folder as a stranger would; fails the test when it fails, and returns what it wrote. */
function run(t: Test, folder: string, program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, env, encoding: 'utf8' });
  t.equal(status, 0, `${program} ${args[0]}\n${stdout}${stderr}`);
  return stdout;
}

/**
 * Unpacks the tarball that would be published beside its dependencies, and nothing else of this project: in a folder
 * below it, the compiler would find the types of its development.
 */
function install(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'registry-mock-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const [packed] = JSON.parse(run(t, '.', 'npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', folder));
  const target = join(folder, 'node_modules/harness-registry-mock');
  mkdirSync(target, { recursive: true });
  run(t, folder, 'tar', 'xzf', packed.filename, '--strip-components=1', '-C', target);
  const { dependencies } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'));
  for (const name of [...Object.keys(dependencies), '@types/node']) {
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true });
    symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name));
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  return folder;
}

/** Lists the modules, but for its own, that the types of a package import from a file on. */
function listImports(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const found = readFileSync(file, 'utf8').matchAll(/(?:\bfrom |\bimport\(|\bimport |\btypes=)["']([^"']+)["']/g);
  return [...found].flatMap(([, name = '']) =>
    name.startsWith('.') ? listImports(join(dirname(file), name.replace(/\.js$/, '.d.ts')), seen) : [name],
  );
}

t.test('the packed types need no package but those that are installed with it', async (t) => {
  const packed = join(install(t), 'node_modules/harness-registry-mock');
  const { dependencies, exports } = JSON.parse(readFileSync(join(packed, 'package.json'), 'utf8'));
  const foreign = listImports(join(packed, exports['.'].types)).filter((name) => !isBuiltin(name));
  t.strictSame([...new Set(foreign)], ['@sinclair/typebox'], 'and of those only a light one');
  t.ok('@sinclair/typebox' in dependencies);
});

t.test('the packed package works as a library, with strict types, and as a program', async (t) => {
  const folder = install(t);
  const script = `
    import { type MockServer, startMockServer } from 'harness-registry-mock';
    export async function ask(): Promise<unknown> {
      await using server: MockServer = await startMockServer({ auth: 'strict' });
      const response = await server.inject('${NGINX}', { headers: { 'x-api-key': server.apiKey ?? '' } });
      return response.json();
    }
    // @ts-expect-error 'of' is no mode: were it not refused, this line would not compile
    export const refused = () => startMockServer({ auth: 'of' });
    console.log(JSON.stringify(await ask()));`;
  writeFileSync(join(folder, 'use.ts'), script);
  const flags = ['--strict', '--exactOptionalPropertyTypes', '--module', 'nodenext', '--target', 'es2022'];
  run(t, folder, resolve('node_modules/.bin/tsc'), 'use.ts', ...flags, '--lib', 'es2023,esnext.disposable');
  t.strictSame(JSON.parse(run(t, folder, process.execPath, 'use.js')), NGINX_BODY);

  const program = join(folder, 'node_modules/harness-registry-mock/dist/cli.js');
  const count = run(t, folder, process.execPath, program, 'validate', 'node_modules/harness-registry-mock/fixtures');
  t.match(count, /^valid: 14 registries/);
});
