import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const FUZZ = __dirname;

/** The root folder of the project. */
export const ROOT = join(FUZZ, '..');

/** Returns the path of a file of a package of the fuzzer. Throws an Error if the package is not installed. */
export function findPackageFile(name: string, file: string): string {
  const path = join(FUZZ, 'node_modules', name, file);
  if (!existsSync(path)) throw new Error(`${name} is not installed; run npm ci --prefix fuzz`);
  return path;
}
