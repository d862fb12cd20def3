import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Finds the nearest folder with a package.json; works from src/ and from dist/. */
function findPackage(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : findPackage(dirname(folder));
}

const PACKAGE_FOLDER = findPackage(__dirname);

/** The folder of the bundled fixtures. */
export const BUNDLED_FIXTURES = join(PACKAGE_FOLDER, 'fixtures');

/** The package's name and version. */
export const { name: NAME, version: VERSION } = JSON.parse(
  readFileSync(join(PACKAGE_FOLDER, 'package.json'), 'utf8'),
) as { name: string; version: string };
