// Builds dist/: one bundle of src/ for the command and the library, and the types. A bundle starts faster than many files.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const LIBRARY = 'startMockServer';

const shared = { outdir: 'dist', platform: 'node', format: 'cjs', logLevel: 'warning' };

// The image and the tests need no types.
const hasTypes = !process.argv.includes('--no-types');

if (hasTypes) rmSync('dist', { recursive: true, force: true });
await build({
  ...shared,
  entryPoints: ['src/bundle.ts'],
  bundle: true,
  packages: 'external',
  target: 'node20',
  // Jest cannot run import() in the code that it loads, so it becomes require() in a promise.
  supported: { 'dynamic-import': false },
});
await build({ ...shared, entryPoints: ['src/cli.ts'], target: 'node12', supported: { 'dynamic-import': false } });
writeFileSync('dist/index.js', `exports.${LIBRARY} = require('./bundle.js').loadLibrary().${LIBRARY};\n`);
writeFileSync('dist/index.mjs', `export { ${LIBRARY} } from './index.js';\n`);

if (hasTypes) {
  const args = ['node_modules/typescript/bin/tsc', '--project', '.config/tsconfig.build.json'];
  execFileSync(process.execPath, args, { stdio: 'inherit' });
  writeFileSync('dist/index.d.mts', `export * from './index.js';\n`);
}
