import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEY, packageFile, packageVersion, type Row, runProgram } from '../row.js';

/** Converts the document to a Postman collection, and runs it. */
export const postman: Row = {
  tool: 'openapi-to-postmanv2, Newman',
  prepare: async () => `${await packageVersion('openapi-to-postmanv2')}, ${await packageVersion('newman')}`,
  async run({ url, document, folder }) {
    const collection = join(folder, 'collection.json');
    const report = join(folder, 'newman.json');
    const made = await runProgram(process.execPath, [join(__dirname, 'collection.js'), document, collection]);
    if (made.code !== 0) return { checks: 1, passed: 0, output: made.output };
    const variables = ['--env-var', `baseUrl=${url}`, '--env-var', `apiKey=${KEY}`];
    const reporters = ['--reporters', 'cli,json', '--reporter-json-export', report];
    const newman = packageFile('newman', 'bin/newman.js');
    const { output } = await runProgram(process.execPath, [newman, 'run', collection, ...variables, ...reporters]);
    const { total, failed } = JSON.parse(readFileSync(report, 'utf8')).run.stats.assertions;
    return { checks: total, passed: total - failed, output };
  },
};
