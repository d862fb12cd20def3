import { stderr } from 'node:process';
import { checkOptions } from './config/load.js';
import type { Config } from './config/options.js';
import type { FixtureDocument } from './fixtures/format.js';
import { loadFixtures } from './fixtures/load.js';
import type { FixtureSource } from './fixtures/source.js';
import { findUsableKey } from './fixtures/usable-key.js';
import { createLogger } from './log.js';
import { startServer } from './server.js';

export type { FixtureDocument, FixtureSource };

/** How a server is started. What is left out is as on the command line, but for the port and the log level. */
export interface MockServerOptions extends Partial<Omit<Config, 'fixtures' | 'port' | 'logLevel'>> {
  /** Paths of files and folders, and documents of the fixture format; the bundled fixtures unless given. */
  fixtures?: FixtureSource | readonly FixtureSource[];
  /** The port to listen on; a free one unless given. */
  port?: number;
  /** The least level to log, on stderr; `silent` unless given. */
  logLevel?: Config['logLevel'];
}

/** What a request without a socket may carry. */
export interface InjectOptions {
  /** `GET` unless given. */
  method?: string;
  headers?: Record<string, string>;
}

/** A server in this process. `await using` closes it at the end of the block. */
export interface MockServer extends AsyncDisposable {
  /** Where it answers, such as `http://127.0.0.1:34567`. */
  readonly url: string;
  readonly port: number;
  /** The first key of its fixtures that is neither revoked nor expired; undefined where there is none. */
  readonly apiKey: string | undefined;
  readonly fixtures: {
    /** Puts other fixtures in the place of all data. Throws an Error that tells what is wrong; the data then stays. */
    replace(fixtures: FixtureSource | readonly FixtureSource[]): void;
  };
  /** Asks for a target, such as `/har/api/v1/…`, without a socket. A target that is not a URL's needs a socket. */
  inject(target: string, options?: InjectOptions): Promise<Response>;
  /** Goes back to the fixtures of the start; files are read again. */
  reset(): void;
  /** Stops listening, finishes what is in flight, closes the store. */
  close(): Promise<void>;
}

/**
 * Starts a server in this process and returns it once it listens. Any number may run side by side.
 * Throws an Error that names an option, a fixture, a store or an address that cannot be used; nothing is left open then.
 */
export async function startMockServer({ fixtures, ...options }: MockServerOptions = {}): Promise<MockServer> {
  const checked = checkOptions('startMockServer', { port: 0, logLevel: 'silent', ...withoutUndefined(options) });
  const sources = fixtures === undefined ? checked.fixtures : toList(fixtures);
  const server = await startServer({ ...checked, fixtures: sources }, await createLogger(checked.logLevel, stderr));
  return {
    url: server.url,
    port: server.port,
    get apiKey() {
      return findUsableKey(sources);
    },
    fixtures: { replace: (replacement) => loadFixtures(server.store, toList(replacement)) },
    async inject(target, { method = 'GET', headers = {} } = {}) {
      const answer = await server.app.inject({ method: method as 'GET', url: target, headers });
      const answered = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]);
      return new Response(answer.body || null, { status: answer.statusCode, headers: answered });
    },
    reset: server.reset,
    close: server.close,
    [Symbol.asyncDispose]: server.close,
  };
}

function withoutUndefined(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function toList(fixtures: FixtureSource | readonly FixtureSource[]): readonly FixtureSource[] {
  return Array.isArray(fixtures) ? fixtures : [fixtures as FixtureSource];
}
