import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's folder: the nearest one with a package.json around this file, be it a source or a built one. */
function findPackage(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : findPackage(dirname(folder));
}

const PACKAGE = findPackage(dirname(fileURLToPath(import.meta.url)));

/** The folder of fixtures that comes with the package. */
export const BUNDLED_FIXTURES = join(PACKAGE, 'fixtures');

/** The package's name and version. */
export const { name: NAME, version: VERSION } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as {
  name: string;
  version: string;
};
