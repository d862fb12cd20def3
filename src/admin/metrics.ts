import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Controls } from '../control/controls.js';
import type { Labels } from '../control/tally.js';

const LABELS = ['route', 'status', 'spelling', 'fault'] as const satisfies (keyof Labels)[];

/** The metrics of the process, which all its servers share: what observes a process is never taken back. */
const ofProcess = new Registry();
collectDefaultMetrics({ register: ofProcess });

/** Makes the metrics of a server. Returns what writes them, and those of the process, in Prometheus' text form. */
export function createMetrics({ tally, journal, faults }: Controls): () => Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  new Counter({
    name: 'registry_mock_requests_total',
    help: 'Requests of the API and of unknown routes',
    labelNames: LABELS,
    registers,
    collect() {
      this.reset();
      for (const { labels, requests } of tally.list()) this.inc({ ...labels }, requests);
    },
  });
  new Counter({
    name: 'registry_mock_request_seconds_total',
    help: 'Time that these requests took',
    labelNames: LABELS,
    registers,
    collect() {
      this.reset();
      for (const { labels, duration } of tally.list()) this.inc({ ...labels }, duration / 1_000);
    },
  });
  new Gauge({
    name: 'registry_mock_journal_dropped',
    help: 'Entries that have made room for others since the journal was last cleared',
    registers,
    collect() {
      this.set(journal.dropped);
    },
  });
  new Gauge({
    name: 'registry_mock_armed_faults',
    help: 'Faults that are armed, spent or not',
    registers,
    collect() {
      this.set(faults.size);
    },
  });
  return async () => `${await ofProcess.metrics()}\n${await registry.metrics()}`;
}
