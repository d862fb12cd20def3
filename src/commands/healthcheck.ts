import { get } from 'node:http';
import { reachable } from '../address.js';
import { loadConfig } from '../config/load.js';
import { Failure } from '../failure.js';
import type { Command } from './io.js';

/** How long a server may take to say that it is well, in milliseconds. */
const TIMEOUT = 2_000;

/** `healthcheck`: asks the server of this configuration whether it is ready; exit code 0 says yes, 1 no. */
export const healthcheck: Command = async (args, { environment, stdout }) => {
  const { host, port } = loadConfig(args, environment);
  if (port === 0) throw new Failure('--port: found "0", expected the port that the server listens on', 2);
  const url = `http://${reachable(host)}:${port}/readyz`;
  const status = await ask(url);
  if (status !== 200) throw new Failure(`${url}: answers ${status}, expected 200`);
  stdout.write(`${url}: ready\n`);
  return 0;
};

function ask(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = get(url, { timeout: TIMEOUT, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT} ms`)));
    request.on('error', (error) => reject(new Failure(`${url}: does not answer (${error.message})`)));
  });
}
