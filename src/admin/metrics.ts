import { collectDefaultMetrics, type Metric, Registry } from 'prom-client';
import type { Control } from '../control.js';
import { BUCKETS } from '../journal/counters.js';
import { VERSION } from '../util/package.js';

/** The metrics of the process are shared by its servers: prom-client cannot stop observing a process. */
const ofProcess = new Registry();
collectDefaultMetrics({ register: ofProcess });
// Gauges whose names end like those of counters, which promtool refuses.
for (const name of ['handles', 'requests', 'resources']) ofProcess.removeSingleMetric(`nodejs_active_${name}_total`);

interface Value {
  value: number;
  labels?: Record<string, string>;
  metricName?: string;
}

/** Creates the metrics of a server; returns a function that renders them in the Prometheus text format. */
export function createMetrics({ counters, journal, faults, reloads, summary }: Control): () => Promise<string> {
  const registry = new Registry();
  const add = (name: string, type: 'counter' | 'gauge' | 'histogram', help: string, read: () => number | Value[]) => {
    const get = async () => {
      const values = read();
      return { name, type, help, values: typeof values === 'number' ? [{ value: values }] : values };
    };
    registry.registerMetric({ name, get } as unknown as Metric);
  };
  const sum = (buckets: Float64Array) => buckets.reduce((total, count) => total + count, 0);

  add('registry_mock_build_info', 'gauge', 'The version of this server', () => [
    { labels: { version: VERSION }, value: 1 },
  ]);
  add('registry_mock_requests_total', 'counter', 'Requests of the API and of unknown routes', () =>
    counters.list().map(({ labels, buckets }) => ({ labels, value: sum(buckets) })),
  );
  const duration = 'registry_mock_request_duration_seconds';
  add(duration, 'histogram', 'How long the answers to these requests took', () =>
    counters.list().flatMap(({ labels, buckets, duration: total }) => [
      ...[...BUCKETS, Number.POSITIVE_INFINITY].map((limit, index) => ({
        metricName: `${duration}_bucket`,
        labels: { le: Number.isFinite(limit) ? String(limit / 1_000) : '+Inf', ...labels },
        value: sum(buckets.subarray(0, index + 1)),
      })),
      { metricName: `${duration}_sum`, labels, value: total / 1_000 },
      { metricName: `${duration}_count`, labels, value: sum(buckets) },
    ]),
  );
  add('registry_mock_versions', 'gauge', 'Versions that are served, by package type', () =>
    summary().versionsByPackageType.map(({ packageType, versions }) => ({
      labels: { package_type: packageType },
      value: versions,
    })),
  );
  add('registry_mock_reloads_total', 'counter', 'Reloads of the fixtures, failed or not', () => reloads.total);
  add('registry_mock_reload_failures_total', 'counter', 'Reloads that kept the old data', () => reloads.failed);
  const droppedHelp = 'Entries dropped since the journal was last cleared';
  add('registry_mock_journal_dropped', 'gauge', droppedHelp, () => journal.dropped);
  add('registry_mock_armed_faults', 'gauge', 'Armed faults, used up or not', () => faults.size);
  return async () => `${await ofProcess.metrics()}\n${await registry.metrics()}`;
}
