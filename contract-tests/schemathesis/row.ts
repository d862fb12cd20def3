import { preparePython, pythonProgram } from '../python.js';
import { type Row, runProgram, toResult } from '../row.js';

/** Sends generated requests, valid and invalid, and checks each answer. */
export const schemathesis: Row = {
  tool: 'Schemathesis',
  needs: ['python3'],
  prepare: () => preparePython('schemathesis'),
  async run({ url, folder }) {
    const config = `${__dirname}/schemathesis.toml`;
    const args = ['--config-file', config, 'run', `${url}/openapi.json`];
    const ended = await runProgram(pythonProgram('schemathesis'), args, { cwd: folder });
    return toResult(ended, /^ +(\d+) generated/m, /generated,.*?(\d+) passed/);
  },
};
