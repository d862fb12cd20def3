import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the fuzzer. */
export const FUZZ = dirname(fileURLToPath(import.meta.url));

/** The folder of the project. */
export const ROOT = join(FUZZ, '..');

/** Returns the path of a file of a package of the fuzzer. Throws an Error where the package is not installed. */
export function requirePackageFile(name: string, file: string): string {
  const path = join(FUZZ, 'node_modules', name, file);
  if (!existsSync(path)) throw new Error(`${name} is not installed; run npm ci --prefix fuzz`);
  return path;
}
