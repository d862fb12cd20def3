import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Test } from 'tap';

/** The name of the package. */
export const NAME = 'harness-registry-mock';

/** How long a program may take, in milliseconds. */
const TIMEOUT = 300_000;

/** The environment of a user, without the loaders of the test. */
const { NODE_OPTIONS: _, ...env } = process.env;

/** Runs a program in a folder; fails the test if it fails. Returns its output. */
export function run(t: Test, folder: string, program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, env, encoding: 'utf8', timeout: TIMEOUT });
  t.equal(status, 0, `${program} ${args[0]}\n${stdout}${stderr}`);
  return stdout + stderr;
}

/** Creates an empty folder outside the project, where no package and no types of the project are found. */
export function createFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'registry-mock-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Packs the package as `npm publish` does; returns the path of the tarball in a folder. */
export function pack(t: Test, folder: string): string {
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  return join(folder, run(t, '.', 'npm', ...args).trim());
}

/** Creates a folder with the packed package, and with links to its dependencies and to other packages of a folder. */
export function install(t: Test, others: readonly string[] = [], from = '.'): string {
  const folder = createFolder(t);
  const target = join(folder, 'node_modules', NAME);
  mkdirSync(target, { recursive: true });
  run(t, folder, 'tar', 'xzf', pack(t, folder), '--strip-components=1', '-C', target);
  const { dependencies } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'));
  const link = (name: string, root: string) => {
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true });
    symlinkSync(resolve(root, 'node_modules', name), join(folder, 'node_modules', name));
  };
  for (const name of Object.keys(dependencies)) link(name, '.');
  for (const name of others) link(name, from);
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  return folder;
}
