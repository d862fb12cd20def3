import { BASELINE } from '../servers/names.js';
import { ROW_TITLES } from '../workloads.js';
import { formatCpu, formatRate, formatRatio } from './numbers.js';
import type { Report } from './report.js';
import { summarise } from './summary.js';
import { type Bar, drawBars } from './svg.js';

/** Draws the rates of distinct targets relative to the baseline; undefined if they were not measured. */
export function drawReport({ servers, measurements, plan }: Report): string | undefined {
  const summaries = summarise(measurements, BASELINE);
  const bars = servers.flatMap(({ name, title }): Bar[] => {
    const distinct = summaries.find(({ server, row }) => server === name && row === 'distinct');
    if (distinct?.ratios === undefined) return [];
    const { cpu, requestsPerSecond, ratios } = distinct;
    const text = `${formatRatio(ratios.rate.median)}: ${formatRate(requestsPerSecond)}/s, ${formatCpu(cpu)} CPU`;
    return [{ label: title, part: ratios.rate, text, isOwn: name === 'mock' }];
  });
  bars.sort((a, b) => b.part.median - a.part.median);
  const doubt = plan.isQuick ? ' (quick run)' : '';
  const title = `Requests per second relative to bare node:http, ${ROW_TITLES.distinct}${doubt}`;
  return bars.length === 0 ? undefined : drawBars(title, bars);
}
