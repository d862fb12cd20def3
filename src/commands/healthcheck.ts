import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import { loadConfig } from '../config/load.js';
import { reachable } from '../config/options.js';
import { UserError } from '../util/errors.js';
import type { Command } from './io.js';

/** In milliseconds. */
const TIMEOUT = 2_000;

/** `healthcheck`: requests `/readyz` of the server with this configuration; exit code 0 if it is ready, otherwise 1. */
export const run: Command = async ({ flags }, { env, stdout }) => {
  const { host, port, tlsCert } = loadConfig(flags, env);
  if (port === 0) throw new UserError('--port: found "0", expected the port that the server listens on', 2);
  const isSecure = tlsCert !== undefined;
  const url = `${isSecure ? 'https' : 'http'}://${reachable(host)}:${port}/readyz`;
  const status = await requestStatus(url, isSecure ? https : http);
  if (status !== 200) throw new UserError(`${url}: answers ${status}, expected 200`);
  stdout.write(`${url}: ready\n`);
  return 0;
};

async function requestStatus(url: string, { get }: Pick<typeof https, 'get'>): Promise<number | undefined> {
  // The certificate names the public host, and its issuer may be unknown here.
  const request = get(url, { timeout: TIMEOUT, agent: false, rejectUnauthorized: false });
  request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT} ms`)));
  const [response] = await once(request, 'response').catch((error: Error) => {
    throw new UserError(`${url}: does not answer (${error.message})`);
  });
  response.destroy();
  return response.statusCode;
}
