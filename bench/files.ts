import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const BENCH = __dirname;

/** The root folder of the project. */
export const ROOT = join(BENCH, '..');

/** Returns the path of a file in `programs/`. */
export const programFile = (name: string): string => join(BENCH, 'programs', name);

/** Finds a file of a package of the benchmark or of the project; undefined if the package is not installed. */
export function findPackageFile(name: string, file: string): string | undefined {
  const places = [BENCH, ROOT].map((folder) => join(folder, 'node_modules', name, file));
  return places.find((path) => existsSync(path));
}

/** Reads the version of a package. Throws an Error if it is not installed. */
export function readPackageVersion(name: string): string {
  const file = findPackageFile(name, 'package.json');
  if (file === undefined) throw new Error(`${name} is not installed; run npm ci --prefix bench`);
  return readVersion(file);
}

/** Reads the version in a package.json. */
export function readVersion(file: string): string {
  return JSON.parse(readFileSync(file, 'utf8')).version;
}
