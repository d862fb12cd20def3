import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import spawn from 'cross-spawn';
import { type Environment, variableOf } from '../config/load.js';
import { createLogger } from '../journal/log.js';
import { warnOfKeys } from '../seed/report.js';
import { startServer } from '../server.js';
import { UserError } from '../util/errors.js';
import { type Command, type Io, loadServing } from './io.js';

/** The key for `--auth any` if the fixtures have none. */
const ANY_KEY = 'any-key';

/**
 * `exec [flags] -- COMMAND…`: serves while the command runs. The command gets the URL in `HARNESS_BASE_URL` and a key
 * in `HARNESS_API_KEY`, and reaches the server without its proxy. Exits with its exit code, or 128 plus the number of the
 * signal that ended it.
 */
export const run: Command = async (args, io) => {
  const [program, ...rest] = args.rest;
  // The program is empty if a variable is not set: exec -- "$COMMAND".
  if (!program) throw new UserError('exec: expected a command after --, such as exec -- npm test', 2);
  // The command uses the same terminal, and the variable of the port may belong to a server that already runs.
  const defaults = { [variableOf('logLevel')]: 'silent', ...io.env, [variableOf('port')]: '0' };
  const config = await loadServing(args, io, defaults);
  const logger = await createLogger(config.logLevel, io.stderr);
  const output = config.logRequests === 'auto' ? undefined : io.stderr;
  const server = await startServer(config, logger, output);
  try {
    // A log that is not silent has it.
    const warning = warnOfKeys(server.store, config.auth);
    if (warning !== undefined && !logger.isLevelEnabled('warn')) io.stderr.write(`${warning}\n`);
    const env = {
      ...io.env,
      ...bypassProxy(io.env, new URL(server.url).hostname),
      HARNESS_BASE_URL: server.url,
      // Also without a key, because the caller's may be a real one, which must not reach a mock or its log.
      HARNESS_API_KEY: server.control.apiKey ?? (config.auth === 'any' ? ANY_KEY : undefined),
    };
    // On Windows, Node does not run npm.cmd without a shell, and cmd.exe has rules of its own for quotes.
    return await waitForExit(spawn(program, rest, { env, stdio: 'inherit' }), program, io);
  } finally {
    await server.close();
  }
};

/**
 * Adds a host to the hosts that are reached without a proxy. Programs read one of two spellings of the variable, and an
 * IPv6 address with or without its brackets.
 */
export function bypassProxy({ NO_PROXY, no_proxy }: Environment, host: string): Environment {
  const hosts = host.replace(/^\[(.*)\]$/, '$1,$&');
  // Programs read an asterisk, for all hosts, only by itself.
  const add = (value: string) => (value.trim() === '*' ? value : [value, hosts].filter(Boolean).join());
  return { NO_PROXY: add(NO_PROXY ?? no_proxy ?? ''), no_proxy: add(no_proxy ?? NO_PROXY ?? '') };
}

async function waitForExit(child: ChildProcess, program: string, io: Io): Promise<number> {
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) io.on(signal, () => child.kill(signal));
  // A terminal sends Ctrl-C to the command too, and many programs stop at once on a second SIGINT.
  io.on('SIGINT', () => {});
  const [code, signal] = await once(child, 'exit').catch(({ code }: NodeJS.ErrnoException) => {
    throw new UserError(`exec: cannot start ${program} (${code}); check its name and your PATH`, 127);
  });
  return code ?? 128 + constants.signals[signal as NodeJS.Signals];
}
