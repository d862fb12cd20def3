import { constants } from 'node:os';
import closeWithGrace from 'close-with-grace';
import { loadConfig } from '../config/load.js';
import { createLogger, startServer } from '../server.js';
import { formatBanner } from './banner.js';
import type { Command } from './io.js';

/** The process exits at the latest this long after a signal, in milliseconds. */
const CLOSE_TIMEOUT = 2_000;

/**
 * `serve`, the default: runs the server until SIGTERM or SIGINT, of which a second one exits at once with 128 plus its
 * number. The line with the URL is always printed.
 */
export const run: Command = async (args, { environment, stdout, exit }) => {
  const config = loadConfig(args, environment);
  const logger = await createLogger(config.logLevel, stdout);
  const server = await startServer(config, logger);
  const onSecondSignal = (signal: NodeJS.Signals) => exit(128 + constants.signals[signal]);
  closeWithGrace({ delay: CLOSE_TIMEOUT, logger: false, onSecondSignal }, async ({ signal, err }) => {
    if (err) logger.fatal({ err }, 'unexpected error');
    else logger.info(`${signal}: closing`);
    await server.close({ drain: true });
  });
  if (stdout.isTTY) stdout.write(formatBanner(config, server));
  stdout.write(`Listening on ${server.url}\n`);
  return 0;
};
