import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the benchmark. */
export const BENCH = dirname(fileURLToPath(import.meta.url));

/** The folder of the project. */
export const ROOT = join(BENCH, '..');

/** Returns the path of a program of the benchmark, which plain Node runs. */
export const programFile = (name: string): string => join(BENCH, 'programs', name);

/** Returns the path of a file of a package, of the benchmark or of the project; undefined where it is not installed. */
export function findPackageFile(name: string, file: string): string | undefined {
  const places = [BENCH, ROOT].map((folder) => join(folder, 'node_modules', name, file));
  return places.find((path) => existsSync(path));
}

/** Returns the version of an installed package. Throws an Error where it is not installed. */
export function readPackageVersion(name: string): string {
  const file = findPackageFile(name, 'package.json');
  if (file === undefined) throw new Error(`${name} is not installed; run npm ci --prefix bench`);
  return readVersion(file);
}

/** Returns the version that a package.json states. */
export function readVersion(file: string): string {
  return JSON.parse(readFileSync(file, 'utf8')).version;
}
