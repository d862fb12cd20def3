import closeWithGrace from 'close-with-grace';
import { loadConfig } from '../config/load.js';
import { createLogger } from '../log.js';
import { startServer } from '../server.js';
import { formatBanner } from './banner.js';
import type { Command } from './io.js';

/** How long a close may take before the process ends anyway, in milliseconds. */
const CLOSE_LIMIT = 2_000;

/** `serve`, the default: starts the server and runs until SIGTERM or SIGINT. Always prints one line with the URL. */
export const serve: Command = async (args, { environment, stdout }) => {
  const config = loadConfig(args, environment);
  const logger = await createLogger(config.logLevel, stdout);
  const server = await startServer(config, logger);
  closeWithGrace({ delay: CLOSE_LIMIT, logger: false }, async ({ signal, err }) => {
    if (err) logger.fatal({ err }, 'unforeseen error');
    else logger.info(`${signal}: closing`);
    await server.close();
  });
  if (stdout.isTTY) stdout.write(formatBanner(config, server));
  stdout.write(`Listening on ${server.url}\n`);
  return 0;
};
