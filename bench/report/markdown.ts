import { CONNECTIONS } from '../measure/requests.js';
import { BASELINE, START_BASELINE } from '../servers/names.js';
import { median, spread } from '../statistics.js';
import { ROW_TITLES, ROWS } from '../workloads.js';
import { formatCount, formatCpu, formatRate, formatRatio, formatSize, formatSpread, formatTime } from './numbers.js';
import type { Report } from './report.js';
import { type Summary, summarise } from './summary.js';
import { formatTable } from './table.js';

/** Formats a report as Markdown. */
export function formatReport(report: Report): string {
  const summaries = summarise(report.measurements, BASELINE);
  const sections = [
    '# Benchmark results',
    ...formatHeadline(summaries),
    formatConditions(report),
    ...(summaries.length > 0 ? ['## Requests', formatRequests(report, summaries)] : []),
    ...(report.starts.size > 0 ? ['## Start and memory', formatStarts(report)] : []),
    ...(report.stores !== undefined ? ['## Size of the store', formatStores(report.stores)] : []),
    ...(report.seedings.length > 0 ? ['## Seeding', formatSeedings(report)] : []),
    '## Notes',
    formatNotes(report),
  ];
  return `${sections.join('\n\n')}\n`;
}

function formatHeadline(summaries: readonly Summary[]): string[] {
  const distinct = summaries.find(({ server, row }) => server === 'mock' && row === 'distinct');
  if (distinct?.ratios === undefined) return [];
  const { cpu, requestsPerSecond, ratios } = distinct;
  return [
    `**${ROW_TITLES.distinct}: ${formatRate(requestsPerSecond)} requests/s at ${formatCpu(cpu)} of CPU each; ` +
      `${formatRatio(ratios.cpu.median)} times the CPU of a bare node:http server and ` +
      `${formatRatio(ratios.rate.median)} times its rate.**`,
  ];
}

function formatConditions({ date, machine, load, plan: { isQuick, rounds, seconds } }: Report): string {
  const { processor, cores, memory, kernel, node } = machine;
  return [
    `${date}, ${processor}, ${cores} cores, ${formatSize(memory)}, ${kernel}, Node ${node}; ${load} on the same machine,`,
    `${CONNECTIONS} connections, ${seconds} s per measurement, ${rounds === 1 ? 'one round' : `${rounds} rounds`}.`,
    ...(isQuick ? ['**A quick run: its figures are not reliable.**'] : []),
  ].join('\n');
}

function formatRequests({ servers }: Report, summaries: readonly Summary[]): string {
  const rows = ROWS.flatMap((row) =>
    servers.flatMap(({ name, title }) =>
      summaries
        .filter((summary) => summary.server === name && summary.row === row)
        .map(({ cpu, requestsPerSecond, p99, ratios }) => [
          ROW_TITLES[row],
          title,
          formatCpu(cpu),
          formatSpread(ratios?.cpu),
          formatRate(requestsPerSecond),
          formatSpread(ratios?.rate),
          formatTime(p99),
        ]),
    ),
  );
  return formatTable(['row', 'server', 'CPU/request', '× node:http', 'requests/s', '× node:http', 'p99'], rows);
}

function formatStarts({ servers, starts, memory }: Report): string {
  const baseline = starts.get(START_BASELINE);
  const rows = servers.map(({ name, title, version }) => {
    const { ready, rest } = starts.get(name) ?? { ready: [Number.NaN], rest: 0 };
    const ratios = baseline && spread(ready.map((time, round) => time / (baseline.ready[round] as number)));
    const loaded = memory.get(name);
    return [
      title,
      version,
      formatTime(median(ready)),
      formatSpread(ratios),
      formatSize(rest),
      loaded === undefined ? '–' : formatSize(loaded),
    ];
  });
  const head = ['server', 'version', 'spawn to first 200', '× Fastify', 'memory at rest', 'memory after the load'];
  return formatTable(head, rows);
}

function formatStores({ measurements, stores }: NonNullable<Report['stores']>): string {
  const smallest = stores[0]?.server ?? '';
  const summaries = summarise(measurements, smallest);
  const rows = stores.map(({ server, versions, ready, reset, memory, size }) => {
    const summary = summaries.find((one) => one.server === server) as Summary;
    return [
      formatCount(versions),
      formatCpu(summary.cpu),
      formatSpread(summary.ratios?.cpu),
      formatRate(summary.requestsPerSecond),
      formatSpread(summary.ratios?.rate),
      formatTime(summary.p99),
      formatTime(ready),
      formatTime(reset),
      formatSize(memory),
      formatSize(size),
    ];
  });
  const base = `× ${formatCount(stores[0]?.versions ?? 0)}`;
  const head = ['versions', 'CPU/request', base, 'requests/s', base, 'p99', 'spawn to first 200', 'reset', 'memory'];
  return formatTable([...head, 'file'], rows);
}

function formatSeedings({ seedings, plan }: Report): string {
  const rows = seedings.map(({ title, place, versionsPerSecond: { median, min, max } }) => [
    title,
    place,
    formatRate(median),
    `${formatRate(min)}–${formatRate(max)}`,
  ]);
  return formatTable([`${formatCount(plan.seeded)} versions`, 'into', 'versions/s', 'min–max'], rows);
}

function formatNotes({ servers, absent, plan, starts, stores, seedings }: Report): string {
  const notes = [
    'Figures are medians, with the range in parentheses. CPU is the user and system time of the server process, divided ' +
      'by its requests. Ratios compare measurements of the same round. A request that fails or gets another status ends ' +
      'the run.',
    ...servers.flatMap(({ title, note }) => (note === undefined ? [] : [`${title}: ${note}.`])),
    ...absent.map(({ title, reason }) => `${title} is left out: ${reason}.`),
  ];
  if (starts.size > 0) notes.push('Starts are with default options; memory after the load is with 100,000 versions.');
  if (stores !== undefined) {
    notes.push(
      'The stores are files that an earlier process seeded. Their targets differ in an ignored parameter, so that the ' +
        'smallest store has as many as the others. A reset follows a change of the data.',
      ...plan.omitted.map((size) => `The store of ${formatCount(size)} versions was left out.`),
    );
  }
  if (seedings.length > 0) {
    notes.push(
      'Seeding is the start of the server with an NDJSON file; the bare loop inserts the same rows, parsed before, in one ' +
        'transaction into a table with one unique index.',
    );
  }
  return notes.map((note) => `- ${note}`).join('\n');
}
