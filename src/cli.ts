#!/usr/bin/env node
import { main } from './main.js';

const { env: environment, stdout, stderr } = process;
// A reader that has gone, as in `… | head -1`, is no reason for a server to stop, nor for a stack trace.
for (const stream of [stdout, stderr]) stream.on('error', () => {});
const onSignal = (handle: (signal: NodeJS.Signals) => void) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, handle);
};
process.exitCode = await main(process.argv.slice(2), { environment, stdout, stderr, onSignal });
