import { lookup } from 'node:dns/promises';
import type { FastifyInstance } from 'fastify';
import { Failure } from './failure.js';

/** Makes an app listen. Throws a Failure that says why an address cannot be used. */
export async function listen(app: FastifyInstance, { host, port }: { host: string; port: number }): Promise<void> {
  try {
    // Of a name with two addresses, Fastify serves the second by a server of its own, which no limit and no close reaches.
    const { address } = host === 'localhost' ? await lookup(host) : { address: host };
    await app.listen({ host: address, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const cause = LISTEN_FAILURES[String(code)] ?? `cannot be listened on (${code})`;
    throw new Failure(`port ${port} on ${host}: ${cause}`, 1, { cause: error });
  }
}

const LISTEN_FAILURES: Record<string, string> = {
  EADDRINUSE: 'is in use; stop what listens there, or choose another with --port (0 takes a free one)',
  EACCES: 'may not be used by this user; choose one above 1023 with --port',
  EADDRNOTAVAIL: 'the address is not one of this machine; choose another with --host',
  ENOTFOUND: 'the host is not known; choose another with --host',
};
