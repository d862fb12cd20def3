import { Type } from '@sinclair/typebox';
import { findGrant } from './api/auth.js';
import { optionalInteger, strict } from './api/schema.js';
import type { Config } from './config/options.js';
import { advise } from './explain/advice.js';
import { diagnose } from './explain/mistakes.js';
import { createArmedFaults } from './faults/armed.js';
import { createSessions, requireSameSession } from './faults/sessions.js';
import { createCounters } from './journal/counters.js';
import { type Describe, type Filter, FilterSchema, type RecordedRequest } from './journal/entry.js';
import { createJournal } from './journal/journal.js';
import type { RequestLog } from './journal/log.js';
import { explainMissing, NotAsExpected, verify } from './journal/verify.js';
import type { FixtureText } from './seed/document.js';
import { exportFixtures } from './seed/export.js';
import type { SkippedFile } from './seed/files.js';
import { isValid } from './seed/report.js';
import type { FixtureSource } from './seed/sources.js';
import { type Counts, readSettings, type Settings, writeFixtures } from './seed/write.js';
import type { Store } from './store/store.js';
import { UserError } from './util/errors.js';
import { runAtOnce, type Steps } from './util/steps.js';
import { count as plural } from './util/text.js';
import { validate } from './util/validate.js';

export interface ControlOptions extends Pick<Config, 'seed' | 'journalEntries'> {
  store: Store;
  /** The fixtures of the start and of a reload. */
  fixtures: readonly (FixtureSource | FixtureText)[];
  /** Logs what is recorded. */
  logRequest?: RequestLog | undefined;
}

/** The members that a wait adds to a filter. */
export const waitProperties = {
  count: optionalInteger(1, 10_000, 'how many entries to wait for, from 1 to 10000; 1 unless given'),
  timeout: optionalInteger(0, 600_000, 'the longest wait in milliseconds, from 0 to 600000; 5000 unless given'),
};

const WaitSchema = Type.Object(waitProperties, { ...strict, description: 'options of a wait, a mapping' });

/** Everything that a tester can do to a server. */
export type Control = ReturnType<typeof createControl>;

/** Validates input from the library and the admin API. With `session`, a method affects that session only. */
export function createControl({ store, fixtures, seed, journalEntries, logRequest }: ControlOptions) {
  let isClosed = false;
  const open = () => {
    if (isClosed) throw new UserError('the server is closed');
    return store;
  };
  const describe: Describe = {
    reasonOf: (target, reason) => diagnose(target, reason).reason,
    adviceOn(target, reason, isShort) {
      return isClosed ? undefined : advise(target, reason, { store, isShort });
    },
  };
  let settings: Settings | undefined;
  // The texts of merged keys; the store has only their hashes.
  let laterKeys: readonly string[] = [];
  // Changes of the data since it was last loaded.
  let changes = 0;
  /** Reloads of the fixtures, and those of them that kept the old data. */
  const reloads = { total: 0, failed: 0 };
  const faults = createArmedFaults();
  const journal = createJournal(journalEntries, describe);
  const counters = createCounters();
  const forget = (session?: string) => {
    faults.clear(session);
    journal.clear(session);
  };
  const sessions = createSessions(seed, forget);

  const ofSession = (value: unknown, session?: string): Filter => {
    const filter = validate(FilterSchema, value);
    requireSameSession(session, filter.session, ['session']);
    return session === undefined ? filter : { ...filter, session };
  };

  /** The keys of the fixtures, newest first, that are neither revoked nor expired and have a grant. */
  function* listUsableKeys() {
    if (isClosed) return;
    settings ??= readSettings(fixtures);
    for (const text of [...laterKeys, ...settings.keys]) {
      const apiKey = store.findKey(Buffer.from(text).toString('latin1'));
      if (apiKey !== undefined && apiKey.grants.length > 0 && isValid(apiKey)) yield { text, ...apiKey };
    }
  }
  const steps = {
    list: (filter: unknown, session?: string, max?: number) => journal.read(ofSession(filter, session), max),
    *verify(expectations: unknown, session?: string): Steps<void> {
      const reasons = yield* verify(expectations, { faults, journal }, session);
      if (reasons.length > 0) throw new NotAsExpected(reasons);
    },
  };

  const apply = (loaded: Settings) => {
    settings = loaded;
    laterKeys = [];
    faults.declare(loaded.faults, true);
  };
  /** Loads the configured fixtures; a reset returns to them. Returns how many changes that discarded. */
  const seedStore = (): { skipped: SkippedFile[]; discarded: number } => {
    const { skipped, ...loaded } = writeFixtures(fixtures, open().seed);
    const discarded = changes;
    changes = 0;
    apply(loaded);
    return { skipped, discarded };
  };

  return {
    fixtures: {
      seed: seedStore,
      /**
       * Loads the configured fixtures into an empty store. For a filled one, it only reads keys and faults, unless the
       * fixtures are gone: `missing` says so.
       */
      start(): { isLoaded: boolean; skipped: SkippedFile[]; missing?: string | undefined } {
        if (store.isEmpty()) return { isLoaded: true, ...seedStore() };
        const read = readSettings(fixtures);
        apply(read);
        return { isLoaded: false, skipped: [], missing: read.missing };
      },
      /** Replaces all data and declared faults until a reset. */
      replace(sources: readonly FixtureSource[]): void {
        const loaded = writeFixtures(sources, open().replace);
        laterKeys = loaded.keys;
        faults.declare(loaded.faults, true);
        changes += 1;
      },
      /** Adds to the data and the declared faults until a reset; returns what was merged. */
      merge(source: FixtureSource | FixtureText): Counts {
        const { keys, counts, faults: rules } = writeFixtures([source], open().merge);
        laterKeys = [...new Set([...keys, ...laterKeys])];
        faults.declare(rules, false);
        changes += 1;
        return counts;
      },
      remove(removal: unknown) {
        const removed = open().remove(removal);
        changes += 1;
        return removed;
      },
      export: () => exportFixtures(open()),
    },
    faults,
    journal: {
      list: (filter: unknown = {}, session?: string, max?: number) =>
        runAtOnce(steps.list(filter, session, max)).entries,
      /** Returns the number of matching entries once there are enough. Throws NotAsExpected after the timeout. */
      async waitFor(value: unknown, options: unknown = {}, session?: string, gone?: AbortSignal): Promise<number> {
        const filter = ofSession(value, session);
        const { count = 1, timeout = 5_000 } = validate(WaitSchema, options);
        const found = await journal.waitFor(filter, count, timeout, gone);
        if (found >= count) return found;
        const expected = `expected at least ${count} within ${timeout} ms`;
        throw new NotAsExpected([`found ${plural(found, 'request')}, ${expected}${explainMissing(journal)}`]);
      },
      clear: journal.clear,
      get dropped() {
        return journal.dropped;
      },
    },
    /** Throws NotAsExpected if an armed fault was never hit or a request count differs. */
    verify: (expectations: unknown, session?: string) => runAtOnce(steps.verify(expectations, session)),
    /** The methods of the same names, in steps: on a full journal they may take seconds. */
    steps,
    /** Restores the data of the last `seed`; clears faults, journal and sessions. With `session`, keeps the data. */
    reset(session?: string): void {
      if (session === undefined) {
        open().restore();
        changes = 0;
        faults.declare(settings?.faults ?? [], true);
      }
      sessions.reset(session);
      forget(session);
    },
    /** The first key of the fixtures, newest first, that is neither revoked nor expired and has a grant. */
    get apiKey(): string | undefined {
      for (const { text } of listUsableKeys()) return text;
      return undefined;
    },
    /** Returns the name of the first such key that may read a registry. */
    findKeyName(ref: string): string | undefined {
      for (const { name, grants } of listUsableKeys()) if (findGrant(grants, ref) !== undefined) return name;
      return undefined;
    },
    summary: store.summarise,
    reloads,
    sessions,
    counters,
    record(recorded: RecordedRequest): void {
      counters.add(recorded);
      journal.record(recorded);
      logRequest?.(recorded, describe);
    },
    /** Ends the waits for entries, and later ones at once. */
    endWaits: journal.close,
    /** The data cannot be used afterwards; the journal can still be read. */
    close(): void {
      isClosed = true;
    },
  };
}
