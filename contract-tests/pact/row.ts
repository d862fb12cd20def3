import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageVersion, type Row, runProgram } from '../row.js';

/** Verifies a pact with one interaction per status. */
export const pact: Row = {
  tool: 'Pact, verifier',
  prepare: () => packageVersion('@pact-foundation/pact'),
  async run({ url }) {
    const { interactions } = JSON.parse(readFileSync(join(__dirname, 'pact.json'), 'utf8'));
    const { code, output } = await runProgram(process.execPath, [join(__dirname, 'verify.js'), url]);
    const checks = interactions.length;
    const failed = new Set(output.match(/^\d+\) Verifying a pact .*/gm)).size;
    return { checks, passed: code === 0 ? checks : Math.min(checks - 1, checks - failed), output };
  },
};
