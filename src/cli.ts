#!/usr/bin/env node
// The build compiles this file for old versions of Node, which then get a sentence instead of a SyntaxError.
import type { Io } from './commands/io.js';

const MIN_NODE = 20;

const { argv, env: environment, exit, stdout, stderr, version } = process;

async function run(): Promise<number> {
  if (Number.parseInt(version.slice(1), 10) < MIN_NODE) {
    return fail(`harness-registry-mock needs Node ${MIN_NODE} or later; this is Node ${version}`);
  }
  // A reader that closes the pipe, as in `… | head -1`, must not stop a server.
  for (const stream of [stdout, stderr]) stream.on('error', () => {});
  const onSignal: Io['onSignal'] = (handle) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, handle);
  };
  const io: Io = {
    environment,
    // Opening it would change the stdin of a command that exec starts.
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
    onSignal,
    exit,
  };
  try {
    const { loadCommand } = require('./bundle.js') as typeof import('./bundle.js');
    return await loadCommand().main(argv.slice(2), io);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'MODULE_NOT_FOUND') throw error;
    return fail(`${message.split('\n')[0]}; install harness-registry-mock again`);
  }
}

function fail(message: string): number {
  stderr.write(`${message}\n`);
  return 1;
}

void run().then((code) => {
  process.exitCode = code;
});
