import { runCommand } from '../command.js';
import { HELP, type Plan, parseOptions } from './options.js';
import { drawSoak, formatSoak } from './report.js';
import { soak } from './run.js';

void runCommand<Plan>({
  help: HELP,
  parseOptions,
  async run(plan, folder, progress) {
    const found = await soak(plan, folder, progress);
    return { 'soak.md': formatSoak(found), 'soak.svg': drawSoak(found) };
  },
});
