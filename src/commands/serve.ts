import { constants } from 'node:os';
import closeWithGrace from 'close-with-grace';
import { OPTION_NAMES } from '../config/options.js';
import { createLogger, startServer } from '../server.js';
import { NAME } from '../util/package.js';
import { formatBanner } from './banner.js';
import { loadServing } from './fixtures.js';
import type { Command, Help } from './io.js';

export const help: Help = {
  usage: 'serve',
  description: 'start the server (the default)',
  examples: [`${NAME} shop.yaml more-fixtures/ --watch`, `${NAME} --auth any --port 0`],
  options: OPTION_NAMES,
  notes: 'A word that is no flag is a fixture, as with --fixtures; - is stdin.',
};

/** The process exits at the latest this long after a signal, in milliseconds. */
const CLOSE_TIMEOUT = 2_000;

/**
 * `serve`, the default: runs the server until SIGTERM or SIGINT, of which a second one exits at once with 128 plus its
 * number. The line with the URL is always printed.
 */
export const run: Command = async (args, io) => {
  const { stdout, exit } = io;
  const { config, fixtures } = await loadServing(args, io);
  const logger = await createLogger(config.logLevel, stdout);
  const server = await startServer({ ...config, fixtures }, logger, stdout);
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
