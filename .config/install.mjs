// Installs the packages of folders with a package.json of their own, unless they are installed already.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

const isOlder = (file, other) => !existsSync(file) || statSync(file).mtimeMs < statSync(other).mtimeMs;

for (const folder of process.argv.slice(2)) {
  const lock = join(folder, 'package-lock.json');
  if (!existsSync(lock) || !isOlder(join(folder, 'node_modules/.package-lock.json'), lock)) continue;
  // npm ci refuses a lock without the optional packages of other platforms, which not every registry has.
  const { status } = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', folder], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
