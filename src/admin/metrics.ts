import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Control } from '../control.js';
import { type Count, LABELS } from '../journal/counters.js';

/** The metrics of the process are shared by its servers: prom-client cannot stop observing a process. */
const ofProcess = new Registry();
collectDefaultMetrics({ register: ofProcess });

/** Creates the metrics of a server; returns a function that renders them in the Prometheus text format. */
export function createMetrics({ counters, journal, faults }: Control): () => Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  const addCounter = (name: string, help: string, measure: (count: Count) => number) =>
    new Counter({
      name,
      help,
      labelNames: LABELS,
      registers,
      collect() {
        this.reset();
        for (const count of counters.list()) this.inc(count.labels, measure(count));
      },
    });
  const addGauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  const requests = 'Requests of the API and of unknown routes';
  addCounter('registry_mock_requests_total', requests, (count) => count.requests);
  addCounter(
    'registry_mock_request_seconds_total',
    'Total duration of these requests',
    (count) => count.duration / 1_000,
  );
  addGauge(
    'registry_mock_journal_dropped',
    'Entries dropped since the journal was last cleared',
    () => journal.dropped,
  );
  addGauge('registry_mock_armed_faults', 'Armed faults, used up or not', () => faults.size);
  return async () => `${await ofProcess.metrics()}\n${await registry.metrics()}`;
}
