import { join } from 'node:path';
import { packageFile, packageVersion, type Row, runProgram, toResult } from '../row.js';

/** Sends the request of each example. */
export const specmatic: Row = {
  tool: 'Specmatic',
  needs: ['java'],
  prepare: () => packageVersion('specmatic'),
  async run({ url, document, folder }) {
    const jar = packageFile('specmatic', 'specmatic.jar');
    const flags = [`--testBaseURL=${url}`, '--strict', `--overlay-file=${join(__dirname, 'overlay.yaml')}`];
    const ended = await runProgram('java', ['-jar', jar, 'test', document, ...flags], { cwd: folder });
    const result = toResult(ended, /^Tests run: (\d+)/m, /Successes: (\d+)/);
    // Every documented response has to be covered.
    return /\b100% API Coverage/.test(ended.output)
      ? result
      : { ...result, passed: Math.min(result.passed, result.checks - 1) };
  },
};
