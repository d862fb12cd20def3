import type { Exchange } from '../../src/control/exchange.js';
import { createJournal, type Journal, type JournalBounds } from '../../src/control/journal.js';

/** A target in the published spelling. */
export const targetOf = (artifact: string, version = '1') =>
  `/har/api/v1/registry/acme/images/+/artifact/${artifact}/version/${version}/details`;

/** An exchange that was answered by 200, unless it is told otherwise. */
export const exchangeOf = (other: Partial<Exchange> = {}): Exchange => ({
  time: 0,
  method: 'GET',
  target: targetOf('app'),
  key: 'developer',
  session: undefined,
  status: 200,
  duration: 1.23456,
  fault: undefined,
  reason: undefined,
  ...other,
});

/** A journal that is large enough, unless it is told otherwise; its advice repeats the reason. */
export const makeJournal = (bounds: Partial<JournalBounds> = {}): Journal =>
  createJournal({ entries: 100, bytes: 1e6, ...bounds }, ({ reason }) => ({ reason, advice: `because: ${reason}` }));
