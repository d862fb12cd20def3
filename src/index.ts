import { stderr } from 'node:process';
import { Type } from '@sinclair/typebox';
import { LookupError } from './api/errors.js';
import { type Call, formatUrl, type Spelling } from './api/spelling.js';
import { checkOptions } from './config/load.js';
import type { Config } from './config/options.js';
import type { ArmedFault, ArmedFaults } from './faults/armed.js';
import type { FaultRule } from './faults/rule.js';
import type { Entry, Filter } from './journal/entry.js';
import { createLogger } from './journal/log.js';
import type { Expectations } from './journal/verify.js';
import type { FixtureDocument } from './seed/format.js';
import type { FixtureSource } from './seed/sources.js';
import { startServer } from './server.js';
import type { Removal } from './store/types.js';
import { UserError } from './util/errors.js';
import { validate } from './util/validate.js';

export type {
  ArmedFault,
  Call,
  Entry,
  Expectations,
  FaultRule,
  Filter,
  FixtureDocument,
  FixtureSource,
  Removal,
  Spelling,
};

/** The options of a server. Defaults are those of the command line, except for port, log level and log of requests. */
export interface MockServerOptions
  extends Partial<Omit<Config, 'fixtures' | 'port' | 'cors' | 'logLevel' | 'logRequests'>> {
  /** Paths of files and folders, and documents in the fixture format; the bundled fixtures unless given. */
  fixtures?: FixtureSource | readonly FixtureSource[];
  /** A free port unless given. */
  port?: number;
  /** Which web pages may read answers: `local` unless given, `off`, `any`, or origins. */
  cors?: string | readonly string[];
  /** The minimum level to log to stderr; `silent` unless given. */
  logLevel?: Config['logLevel'];
  /** Whether to log requests to stderr; `off` unless given. */
  logRequests?: Config['logRequests'];
}

export interface InjectOptions {
  /** `GET` unless given. */
  method?: string;
  headers?: Record<string, string>;
}

/** The data of a server. Every method throws an Error for invalid fixtures; the data then stays unchanged. */
export interface Fixtures {
  /** Replaces all data until a reset. */
  replace(fixtures: FixtureSource | readonly FixtureSource[]): void;
  /** Adds a document; what exists already is replaced. */
  merge(document: FixtureDocument): void;
  /** Deletes a registry, an artifact or a version. Throws an Error that names what does not exist. */
  delete(removal: Removal): void;
  /** Exports all data except the keys, which are stored as hashes, as a YAML fixture. */
  export(): string;
}

export interface ArmedFaultList extends Pick<ArmedFaults, 'list' | 'disarm' | 'clear'> {
  /** Throws an Error for an invalid rule. */
  arm(rule: FaultRule): ArmedFault;
}

export interface RequestJournal {
  /** Lists matching entries, oldest first; all unless a filter is given. */
  list(filter?: Filter): Entry[];
  /** Resolves with the matching entries once there are `count` (1); rejects after `timeout` milliseconds (5000). */
  waitFor(filter: Filter, options?: { count?: number; timeout?: number }): Promise<Entry[]>;
  /** Clears the journal, or a session's entries. */
  clear(session?: string): void;
}

/** A server in this process; `await using` closes it at the end of the block. */
export interface MockServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:34567`. */
  readonly url: string;
  readonly port: number;
  /** The first key of its fixtures, newest first, that is neither revoked nor expired and has a grant. */
  readonly apiKey: string | undefined;
  readonly fixtures: Fixtures;
  readonly faults: ArmedFaultList;
  readonly journal: RequestJournal;
  /** Throws an Error unless every armed fault was hit and the expected requests came. */
  verify(expectations?: Expectations, session?: string): void;
  /** Returns the URL of a call with its markers, in the `published` spelling or another. Throws an Error for invalid names. */
  urlFor(call: Call, spelling?: Spelling): string;
  /** Sends a request without a socket. A target that is not a valid URL path needs a socket. */
  inject(target: string, options?: InjectOptions): Promise<Response>;
  /** Returns to the last seeding, clears faults and journal, restarts the random generator. No file is read again. */
  reset(): void;
  /** Stops listening, finishes requests in flight, closes the store. Data cannot be used afterwards. */
  close(): Promise<void>;
}

const OptionsSchema = Type.Object({ startMockServer: Type.Object({}, { description: 'a mapping of options' }) });

/**
 * Starts a server in this process; resolves once it listens. Any number can run in parallel. Throws an Error for an
 * option, a fixture, a store or an address that cannot be used; nothing stays open then.
 */
export async function startMockServer(options: MockServerOptions = {}): Promise<MockServer> {
  validate(OptionsSchema, { startMockServer: options });
  const { fixtures: sources, cors, ...others } = options;
  const named = { ...others, cors: Array.isArray(cors) ? cors.join() : cors };
  const given = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
  const config = checkOptions('startMockServer', { port: 0, logLevel: 'silent', logRequests: 'off', ...given });
  const logger = await createLogger(config.logLevel, stderr);
  const configured = { ...config, ...(sources !== undefined && { fixtures: [sources].flat() }) };
  const server = await startServer(configured, logger, stderr);
  const { url, port, control, app } = server;
  const { fixtures, faults, journal } = control;
  const close = () => server.close();
  return {
    url,
    port,
    get apiKey() {
      return control.apiKey;
    },
    fixtures: {
      replace: (replacement) => fixtures.replace([replacement].flat()),
      merge: (document) => void fixtures.merge(document),
      delete(removal) {
        try {
          fixtures.remove(removal);
        } catch (error) {
          if (!(error instanceof LookupError)) throw error;
          const { message, details } = error.envelope;
          throw new UserError(`${(details as { reason?: string })?.reason ?? message}: ${JSON.stringify(removal)}`);
        }
      },
      export: () => [...fixtures.export()].join(''),
    },
    faults: { arm: (rule) => faults.arm(rule), list: faults.list, disarm: faults.disarm, clear: faults.clear },
    journal: {
      list: (filter) => journal.list(filter),
      async waitFor(filter, options) {
        await journal.waitFor(filter, options);
        return journal.list(filter);
      },
      clear: journal.clear,
    },
    verify: (expectations = {}, session) => control.verify(expectations, session),
    urlFor: (call, spelling = 'published') => formatUrl(url, call, spelling),
    async inject(target, { method = 'GET', headers = {} } = {}) {
      const answer = await app.inject({ method: method as 'GET', url: target, headers });
      const answered = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]);
      return new Response(answer.body || null, { status: answer.statusCode, headers: answered });
    },
    reset: () => control.reset(),
    close,
    [Symbol.asyncDispose]: close,
  };
}
