import { formatPercent, formatRate } from './numbers.js';
import type { Report } from './report.js';
import { type Bar, drawBars } from './svg.js';

/** The number of connections that is drawn, where it was measured. */
const PREFERRED = 32;

/** Draws the hits of each server as a part of the limit's; undefined where the limit was not measured. */
export function drawReport({ servers, summaries, plan }: Report): string | undefined {
  const connections = plan.connections.includes(PREFERRED) ? PREFERRED : plan.connections[0];
  const bars = servers.flatMap(({ name, title }): Bar[] => {
    const hit = summaries.find((row) => row.server === name && row.answer === 'hit' && row.connections === connections);
    if (hit?.ratio === undefined) return [];
    const text = `${formatPercent(hit.ratio.median)}, ${formatRate(hit.requestsPerSecond)}/s`;
    return [{ label: title, part: hit.ratio, text, isOwn: name === 'mock' }];
  });
  bars.sort((a, b) => b.part.median - a.part.median);
  const doubt = plan.isQuick ? ' (a smoke run, no measure)' : '';
  const title = `Hits a second at ${connections} connections, as a part of bare node:http${doubt}`;
  return bars.length === 0 ? undefined : drawBars(title, bars);
}
