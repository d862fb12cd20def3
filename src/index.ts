import { stderr } from 'node:process';
import { Type } from '@sinclair/typebox';
import { requireFit } from './check.js';
import { checkOptions } from './config/load.js';
import type { Config } from './config/options.js';
import type { ArmedFault, ArmedFaults } from './control/armed-faults.js';
import type { Entry } from './control/exchange.js';
import { type Filter, FilterSchema } from './control/filter.js';
import type { Instruction } from './control/instruction.js';
import type { Journal } from './control/journal.js';
import { type Expectations, explainFew, verify } from './control/verify.js';
import { exportFixtures } from './fixtures/export.js';
import type { FixtureDocument } from './fixtures/format.js';
import { removeData } from './fixtures/remove.js';
import type { FixtureSource } from './fixtures/source.js';
import { createLogger } from './log.js';
import { startServer } from './server.js';
import type { Removal } from './store/types.js';

export type { ArmedFault, Entry, Expectations, Filter, FixtureDocument, FixtureSource, Instruction, Removal };

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

/** The data of a server. An Error tells what is wrong with fixtures; the data then stays as it was. */
export interface Fixtures {
  /** Puts other fixtures in the place of all data. */
  replace(fixtures: FixtureSource | readonly FixtureSource[]): void;
  /** Adds a document; what it defines and is there already is replaced. */
  merge(document: FixtureDocument): void;
  /** Deletes a registry, an artifact or a version. Throws an Error that names what is not there. */
  delete(what: Removal): void;
  /** Writes all data but the keys, which are stored hashed, as a fixture in YAML. */
  export(): string;
}

/** What the server was asked. */
export interface RequestJournal {
  /** Lists the newest entries, oldest first; all unless a filter is given. */
  list(filter?: Filter): Entry[];
  /** Resolves with the entries once so many are there (1), and rejects after so many milliseconds (5000). */
  waitFor(filter: Filter, options?: { count?: number; timeout?: number }): Promise<Entry[]>;
  /** Forgets what was asked, in a session where one is named. */
  clear(session?: string): void;
}

/** A server in this process. `await using` closes it at the end of the block. */
export interface MockServer extends AsyncDisposable {
  /** Where it answers, such as `http://127.0.0.1:34567`. */
  readonly url: string;
  readonly port: number;
  /** The first key of its fixtures, newest first, that may read something, neither revoked nor expired; or undefined. */
  readonly apiKey: string | undefined;
  readonly fixtures: Fixtures;
  /** The faults that are armed; an Error tells what is wrong with an instruction. */
  readonly faults: Pick<ArmedFaults, 'arm' | 'list' | 'disarm' | 'clear'>;
  readonly journal: RequestJournal;
  /** Throws an Error that tells which armed fault was never hit, and which expected requests did not come. */
  verify(expectations?: Expectations, session?: string): void;
  /** Asks for a target, such as `/har/api/v1/…`, without a socket. A target that is not a URL's needs a socket. */
  inject(target: string, options?: InjectOptions): Promise<Response>;
  /**
   * Returns the data to the last seeding, or reload by `watch`, forgets faults and journal, and starts the generator
   * over; no file is read again.
   */
  reset(): void;
  /** Stops listening, finishes what is in flight, closes the store; what asks for data later throws an Error. */
  close(): Promise<void>;
}

/** What `startMockServer` is called with; `checkOptions` looks at each of the options. */
const CallSchema = Type.Object({ startMockServer: Type.Object({}, { description: 'a mapping of options' }) });

/**
 * Starts a server in this process and returns it once it listens. Any number may run side by side.
 * Throws an Error that names an option, a fixture, a store or an address that cannot be used; nothing is left open then.
 */
export async function startMockServer(options: MockServerOptions = {}): Promise<MockServer> {
  requireFit(CallSchema, { startMockServer: options });
  const { fixtures, ...others } = options;
  const checked = checkOptions('startMockServer', { port: 0, logLevel: 'silent', ...withoutUndefined(others) });
  const sources = fixtures === undefined ? checked.fixtures : toList(fixtures);
  const server = await startServer({ ...checked, fixtures: sources }, await createLogger(checked.logLevel, stderr));
  const open = () => {
    server.requireOpen();
    return server;
  };
  return {
    url: server.url,
    port: server.port,
    get apiKey() {
      return server.findUsableKey();
    },
    fixtures: {
      replace: (replacement) => open().replaceData(toList(replacement)),
      merge: (document) => open().mergeData([document]),
      delete: (what) => removeData(open().store, what),
      export: () => [...exportFixtures(open().store)].join(''),
    },
    faults: server.controls.faults,
    journal: openJournal(server.controls.journal),
    verify(expectations = {}, session) {
      const reasons = verify(expectations, server.controls, session);
      if (reasons.length > 0) throw new Error(reasons.join('\n'));
    },
    async inject(target, { method = 'GET', headers = {} } = {}) {
      const answer = await open().app.inject({ method: method as 'GET', url: target, headers });
      const answered = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]);
      return new Response(answer.body || null, { status: answer.statusCode, headers: answered });
    },
    reset: () => open().reset(),
    close: server.close,
    [Symbol.asyncDispose]: server.close,
  };
}

function openJournal(journal: Journal): RequestJournal {
  return {
    list: (filter = {}) => journal.list(requireFit(FilterSchema, filter)),
    async waitFor(filter, { count = 1, timeout = 5_000 } = {}) {
      const came = await journal.waitFor(requireFit(FilterSchema, filter), count, timeout);
      const entries = journal.list(filter);
      if (came) return entries;
      const few = explainFew(journal);
      throw new Error(`journal: ${entries.length} came within ${timeout} ms, expected at least ${count}${few}`);
    },
    clear: journal.clear,
  };
}

function withoutUndefined(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function toList(fixtures: FixtureSource | readonly FixtureSource[]): readonly FixtureSource[] {
  return Array.isArray(fixtures) ? fixtures : [fixtures as FixtureSource];
}
