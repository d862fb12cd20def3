import { memoise } from '../memo.js';
import { findSpelling } from '../wire/spelling.js';
import { type ArmedFaults, createArmedFaults } from './armed-faults.js';
import type { DescribeRefusal, Exchange } from './exchange.js';
import { createJournal, type Journal, type JournalBounds } from './journal.js';
import { createSessions, type Sessions } from './sessions.js';
import { createTally, type Tally } from './tally.js';

/** What a tester controls of a server, but for its data. */
export interface Controls {
  sessions: Sessions;
  faults: ArmedFaults;
  journal: Journal;
  tally: Tally;
  /** Takes note of a request and its answer. */
  record(exchange: Exchange): void;
  /** Forgets faults, journal and sessions, and starts the generators over; of one session where it is named. */
  reset(session?: string): void;
  close(): void;
}

/** How controls are made: the seed of the generators, and the bounds of the journal. */
export interface ControlOptions {
  seed: number;
  journal: JournalBounds;
  describeRefusal: DescribeRefusal;
}

/** Makes the controls of one server. */
export function createControls({ seed, journal: bounds, describeRefusal }: ControlOptions): Controls {
  const faults = createArmedFaults();
  const journal = createJournal(bounds, describeRefusal);
  const tally = createTally();
  const findRefSpelling = memoise((target) => findSpelling(target)?.ref);
  const forget = (session?: string) => {
    faults.clear(session);
    journal.clear(session);
  };
  const sessions = createSessions(seed, forget);
  return {
    sessions,
    faults,
    journal,
    tally,
    record(exchange) {
      tally.add(exchange, findRefSpelling(exchange.target));
      journal.record(exchange);
    },
    reset(session) {
      sessions.reset(session);
      forget(session);
    },
    close: journal.close,
  };
}
