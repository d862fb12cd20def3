#!/usr/bin/env node
// The build compiles this file for old versions of Node, which then get a sentence instead of a SyntaxError.

const MIN_NODE = 20;

async function run(): Promise<number> {
  const { argv, stdout, stderr, version } = process;
  if (Number.parseInt(version.slice(1), 10) < MIN_NODE) {
    return fail(`harness-registry-mock needs Node ${MIN_NODE} or later; this is Node ${version}`);
  }
  // A reader that closes the pipe, as in `… | head -1`, must not stop a server.
  for (const stream of [stdout, stderr]) stream.on('error', () => {});
  try {
    const { loadCommand } = require('./bundle.js') as typeof import('./bundle.js');
    return await loadCommand().main(argv.slice(2), process);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'MODULE_NOT_FOUND') throw error;
    return fail(`${message.split('\n')[0]}; install harness-registry-mock again`);
  }
}

function fail(message: string): number {
  process.stderr.write(`${message}\n`);
  return 1;
}

void run().then((code) => {
  process.exitCode = code;
});
