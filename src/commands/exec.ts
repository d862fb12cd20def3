import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { loadConfig } from '../config/load.js';
import { variableOf } from '../config/options.js';
import { warnOfKeys } from '../seed/report.js';
import { createLogger, startServer } from '../server.js';
import { UserError } from '../util/errors.js';
import type { Command, Io } from './io.js';

/** Nothing is logged by default, because the command uses the same terminal. */
const QUIET = { [variableOf('logLevel')]: 'silent' };

/** The port variable is ignored, because it may belong to a server that already runs; the flag still applies. */
const FREE_PORT = { [variableOf('port')]: '0' };

/** The key for `--auth any` if the fixtures have none. */
const ANY_KEY = 'any-key';

/**
 * `exec [flags] -- COMMAND…`: serves while the command runs. The command gets the URL in `HARNESS_BASE_URL` and a key
 * in `HARNESS_API_KEY`. Exits with its exit code, or 128 plus the number of the signal that ended it.
 */
export const run: Command = async (args, io) => {
  const end = args.indexOf('--');
  const [program, ...rest] = end === -1 ? [] : args.slice(end + 1);
  // The program is empty if a variable is not set: exec -- "$COMMAND".
  if (!program) throw new UserError('exec: expected a command after --, such as exec -- npm test', 2);
  const config = loadConfig(args.slice(0, end), { ...QUIET, ...io.environment, ...FREE_PORT });
  const logger = await createLogger(config.logLevel, io.stderr);
  const server = await startServer(config, logger);
  try {
    // A log that is not silent has it.
    const warning = warnOfKeys(server.store, config.auth);
    if (warning !== undefined && !logger.isLevelEnabled('warn')) io.stderr.write(`${warning}\n`);
    const apiKey = server.control.apiKey ?? (config.auth === 'any' ? ANY_KEY : undefined);
    // The caller's key may be a real one, which must not reach a mock or its log.
    const { HARNESS_API_KEY: _, ...environment } = io.environment;
    const env = { ...environment, HARNESS_BASE_URL: server.url, ...(apiKey && { HARNESS_API_KEY: apiKey }) };
    return await waitForExit(spawn(program, rest, { env, stdio: 'inherit' }), program, io);
  } finally {
    await server.close();
  }
};

function waitForExit(child: ChildProcess, program: string, { onSignal }: Io): Promise<number> {
  // A terminal sends Ctrl-C to the command too, and many programs stop at once on a second SIGINT.
  onSignal((signal) => signal !== 'SIGINT' && child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', ({ code }: NodeJS.ErrnoException) =>
      reject(new UserError(`exec: cannot start ${program} (${code}); check its name and your PATH`, 127)),
    );
    child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal as NodeJS.Signals]));
  });
}
