import { ANSWERS } from '../answers.js';
import { formatCount, formatRate, formatSize, formatSpread, formatTime } from './numbers.js';
import type { Report } from './report.js';
import { formatTable } from './table.js';

/** Writes a report in Markdown that is legible as text, too. */
export function formatReport(report: Report): string {
  const sections = [
    `# How fast it is\n\n${formatIntroduction(report)}`,
    `## Requests\n\n${formatRequests(report)}`,
    `## Start and memory\n\n${formatServers(report)}`,
    ...(report.stores.length > 0 ? [`## The same hit in larger stores\n\n${formatStores(report)}`] : []),
    ...(report.seedings.length > 0 ? [`## Seeding\n\n${formatSeedings(report)}`] : []),
    `## Notes\n\n${formatNotes(report)}`,
  ];
  return `${sections.join('\n\n')}\n`;
}

function formatIntroduction({ date, machine, load, plan: { isQuick, rounds, seconds } }: Report): string {
  const { processor, cores, memory, kernel, node } = machine;
  return [
    `${date}, ${processor}, ${cores} cores, ${formatSize(memory)}, ${kernel}, Node ${node}; load by ${load} on the same`,
    `machine, ${seconds} s a measurement, ${rounds === 1 ? 'one round' : `${rounds} rounds`} in turn over all servers.`,
    ...(isQuick ? ['**A smoke run: its figures are no measure.**'] : []),
  ].join('\n');
}

function formatRequests({ servers, summaries, plan }: Report): string {
  const rows = ANSWERS.flatMap((answer) =>
    plan.connections.flatMap((connections) =>
      servers.flatMap(({ name, title }) =>
        summaries
          .filter((row) => row.server === name && row.answer === answer && row.connections === connections)
          .map(({ requestsPerSecond, p99, ratio }) => [
            title,
            answer,
            String(connections),
            formatRate(requestsPerSecond),
            formatTime(p99),
            ratio === undefined ? '–' : formatSpread(ratio),
          ]),
      ),
    ),
  );
  return formatTable(['server', 'answer', 'connections', 'requests/s', 'p99', 'of node:http (min–max)'], rows);
}

function formatServers({ servers }: Report): string {
  const rows = servers.map(({ title, version, ready, rest, loaded }) => [
    title,
    version,
    formatTime(ready),
    formatSize(rest),
    formatSize(loaded),
  ]);
  return formatTable(['server', 'version', 'spawn to first 200', 'memory at rest', 'after the load'], rows);
}

function formatStores({ stores }: Report): string {
  const rows = stores.map(({ versions, requestsPerSecond, p99, ratio, ready, reset, memory, size }) => [
    formatCount(versions),
    formatRate(requestsPerSecond),
    formatTime(p99),
    ratio === undefined ? '–' : formatSpread(ratio),
    formatTime(ready),
    formatTime(reset),
    formatSize(memory),
    formatSize(size),
  ]);
  const head = [
    'versions',
    'requests/s',
    'p99',
    'of node:http (min–max)',
    'spawn to first 200',
    'reset',
    'memory',
    'file',
  ];
  return formatTable(head, rows);
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

function formatNotes({ servers, absent, plan }: Report): string {
  return [
    'Figures are medians. *of node:http* is the rate as a part of the hits of the bare `node:http` server in the same ' +
      'round at as many connections. Status and body of every answer are checked before it is measured, and a request ' +
      'that fails, or gets another status, ends the run.',
    'The stores are files that were filled by a process before, with 32 connections; a reset follows one change of the data.',
    'Seeding is the start of the server on an NDJSON file; the bare loop inserts the same rows, parsed before, in one ' +
      'transaction into one table with one unique index.',
    ...servers.flatMap(({ title, note }) => (note === undefined ? [] : [`${title}: ${note}.`])),
    ...absent.map(({ title, reason }) => `${title} is left out: ${reason}.`),
    ...plan.omitted.map((size) => `The store of ${formatCount(size)} versions is left out by --quick or --versions.`),
  ]
    .map((note) => `- ${note}`)
    .join('\n');
}
