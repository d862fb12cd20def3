// Runs the tests' TypeScript. TypeScript's own output has no helper code, so that coverage counts only what we wrote; it is
// cached, because the compiler takes a second to load.
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { join } = require('node:path');

const CACHE = join(__dirname, '../node_modules/.cache/typescript');
mkdirSync(CACHE, { recursive: true });

function compile(source, fileName) {
  const file = join(CACHE, createHash('sha256').update('2').update(fileName).update(source).digest('hex'));
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const ts = require('typescript');
  const { compilerOptions } = ts.readConfigFile(join(__dirname, '../tsconfig.json'), ts.sys.readFile).config;
  const { outputText } = ts.transpileModule(source, {
    fileName,
    compilerOptions: {
      ...compilerOptions,
      module: 'CommonJS',
      moduleResolution: 'Node10',
      inlineSourceMap: true,
      inlineSources: true,
      noEmit: false,
      noEmitHelpers: true,
    },
  });
  writeFileSync(`${file}.${process.pid}`, outputText);
  renameSync(`${file}.${process.pid}`, file);
  return outputText;
}

// As a program, it fills the cache: at the first run, each test process would otherwise load the compiler.
if (require.main === module) {
  for (const folder of ['src', 'test']) {
    const root = join(__dirname, '..', folder);
    const names = readdirSync(root, { recursive: true });
    for (const name of names.filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))) {
      const file = join(root, name);
      compile(readFileSync(file, 'utf8'), file);
    }
  }
}

// What TypeScript would otherwise write into every file, where nobody tests it.
globalThis.__importDefault = (module) => (module?.__esModule ? module : { default: module });
globalThis.__importStar = (module) => (module?.__esModule ? module : { ...module, default: module });

require.extensions['.ts'] = (module, fileName) =>
  module._compile(compile(readFileSync(fileName, 'utf8'), fileName), fileName);

// A source imports './x.js', which is x.ts until it is built.
const { _resolveFilename: resolve } = Module;
Module._resolveFilename = function (request, ...rest) {
  const isOurs = /^\.{1,2}\/.*\.js$/.test(request) && !rest[0]?.filename?.includes('node_modules');
  if (!isOurs) return resolve.call(this, request, ...rest);
  try {
    return resolve.call(this, request.replace(/js$/, 'ts'), ...rest);
  } catch {
    return resolve.call(this, request, ...rest);
  }
};

// With --import, Node loads the entry as an ES module, and needs to hear that it is CommonJS.
const hook = `export const load = (url, context, next) =>
  url.endsWith('.ts') ? { format: 'commonjs', shortCircuit: true } : next(url, context);`;
Module.register(`data:text/javascript,${encodeURIComponent(hook)}`);

// A child process measures its coverage only if it is started with the arguments of the test, as in test/spawn.ts: tap
// would load its measuring into any Node, which takes longer than many of them run. tap adds its listener after this file.
setImmediate(() =>
  require('process-on-spawn').addListener((child) => {
    const { NODE_OPTIONS = '' } = child.env;
    child.env.NODE_OPTIONS = NODE_OPTIONS.replace(/"?--import=[^"\s]*@tapjs[^"\s]*"?/, '').trim();
  }),
);
