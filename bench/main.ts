import { runCommand } from './command.js';
import { HELP, type Plan, parseOptions } from './options.js';
import { formatReport } from './report/markdown.js';
import { drawReport } from './report/picture.js';
import { runBenchmark } from './run.js';

void runCommand<Plan>({
  help: HELP,
  parseOptions,
  async run(plan, folder, progress) {
    const report = await runBenchmark(plan, folder, progress);
    const picture = drawReport(report);
    return { 'results.md': formatReport(report), ...(picture !== undefined && { 'results.svg': picture }) };
  },
});
