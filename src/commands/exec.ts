import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { loadConfig } from '../config/load.js';
import { variableOf } from '../config/options.js';
import { Failure } from '../failure.js';
import { createLogger } from '../log.js';
import { startServer } from '../server.js';
import type { Command, Io } from './io.js';

/** The terminal is the command's, unless logs are asked for. */
const QUIET = { [variableOf('logLevel')]: 'silent' };

/** The variable may name the port of a server that runs already; only the flag is meant for this one. */
const FREE_PORT = { [variableOf('port')]: '0' };

/** What `--auth any` takes as well as any other text. */
const ANY_KEY = 'any-key';

/**
 * `exec [flags] -- COMMAND…`: serves while a command runs that finds the server in `HARNESS_BASE_URL` and a key in
 * `HARNESS_API_KEY`; exits as the command did, 128 and the signal's number where a signal ended it.
 */
export const exec: Command = async (args, io) => {
  const end = args.indexOf('--');
  const [program, ...rest] = end === -1 ? [] : args.slice(end + 1);
  // A variable that is not set leaves an empty text: exec -- "$COMMAND".
  if (!program) throw new Failure('exec: expected a command behind --, such as exec -- npm test', 2);
  const config = loadConfig(args.slice(0, end), { ...QUIET, ...io.environment, ...FREE_PORT });
  const server = await startServer(config, await createLogger(config.logLevel, io.stderr));
  try {
    const apiKey = server.findUsableKey() ?? (config.auth === 'any' ? ANY_KEY : undefined);
    // The caller's own key may be one of the real service, which a mock and its log have no business with.
    const { HARNESS_API_KEY: _, ...environment } = io.environment;
    const env = {
      ...environment,
      HARNESS_BASE_URL: server.url,
      ...(apiKey !== undefined && { HARNESS_API_KEY: apiKey }),
    };
    return await ended(spawn(program, rest, { env, stdio: 'inherit' }), program, io);
  } finally {
    await server.close();
  }
};

function ended(child: ChildProcess, program: string, { onSignal }: Io): Promise<number> {
  // A terminal sends Ctrl-C to the command as well, and a second SIGINT would tell many programs to stop at once.
  onSignal((signal) => signal !== 'SIGINT' && child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', ({ code }: NodeJS.ErrnoException) =>
      reject(new Failure(`exec: ${program} cannot be started (${code}); check its name and your PATH`, 127)),
    );
    child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal as NodeJS.Signals]));
  });
}
