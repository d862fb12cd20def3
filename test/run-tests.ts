import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Runs test files, and those of folders, in this process. A process takes longer to load the app and to write its coverage
 * than most test files take, so `npm test` has a process for each file of test/groups.
 */
export function runTests(...paths: string[]): void {
  for (const path of paths) {
    const files = path.endsWith('.ts') ? [path] : readdirSync(join(__dirname, path)).map((name) => join(path, name));
    for (const file of files.filter((name) => name.endsWith('.test.ts'))) require(join(__dirname, file));
  }
}
