import { join } from 'node:path';
import { preparePython, pythonProgram } from '../python.js';
import { type Row, runProgram, toResult } from '../row.js';

/** Validates requests and answers. */
export const openapiCore: Row = {
  tool: 'openapi-core',
  needs: ['python3'],
  prepare: () => preparePython('openapi-core'),
  async run({ url, document }) {
    const ended = await runProgram(pythonProgram('python'), [join(__dirname, 'check.py'), document, url]);
    return toResult(ended, /^(\d+) checks/m, /checks, (\d+) passed/);
  },
};
